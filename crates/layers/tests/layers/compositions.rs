//! All layers in all orders, one to three deep, over many kinds of ports, with calls that end in
//! many ways: neither an error nor a record says `NotSent` of a call that its service has seen.
//!
//! Time is paused, and the service's behaviour is derived from the number of the call, so a failure
//! can be reproduced.

mod ending;
mod layer;
mod ports;
mod service;
mod told;

use std::sync::Arc;
use std::time::Duration;

use payment_credentials_core::seam::Progress;
use payment_credentials_core::{CredentialsRequest, Delivery, PaymentCredentialsPort};
use tokio::time::sleep;

use ending::Ending;
use layer::Layer;
use ports::Shape;
use service::{Leaf, Service};
use told::Told;

type Port = Arc<dyn PaymentCredentialsPort>;

/// What happened over one kind of port, to prove that each check had something to check.
#[derive(Debug, Default)]
struct Counts {
    calls: u32,
    seen: u32,
    /// How many errors and how many records said `NotSent`.
    not_sent: [u32; 2],
    told_not_sent: u32,
    told: u32,
}

/// Runs every composition over one kind of port.
fn check(leaf: Leaf, shape: Shape) {
    let told = Told::default();
    let _listening = told.listen();
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_time().start_paused(true).build();
    let runtime = runtime.expect("a runtime");
    let recorder = told.clone();
    let counts = metrics::with_local_recorder(&recorder, || {
        runtime.block_on(check_all(leaf, shape, &told))
    });
    assert!(counts.seen > counts.calls / 4, "{counts:?}");
    assert!(
        counts.not_sent.iter().all(|count| *count > 30),
        "{counts:?}"
    );
    assert!(
        counts.told > 2_000 && counts.told_not_sent > 30,
        "{counts:?}"
    );
}

async fn check_all(leaf: Leaf, shape: Shape, told: &Told) -> Counts {
    let service = Service::default();
    let mut counts = Counts::default();
    for layers in Layer::compositions() {
        let port = shape.over([0, 1].map(|_| leaf.port(&service)));
        let places = layers.iter().enumerate();
        let port = places.fold(port, |port, (place, layer)| layer.over(port, place));
        for ending in Ending::ALL {
            let about = format!("{layers:?} over {shape:?} of {leaf:?}, {ending:?}");
            counts.calls += 1;
            let call = Call::new(&service, counts.calls, about);
            let is_exact = leaf == Leaf::Hyper && shape.passes_on() && ending.is_exact();
            call.check(&port, ending, told, is_exact, &mut counts).await;
        }
        let calls = [counts.calls + 1, counts.calls + 2];
        counts.calls += 2;
        check_two_at_once(
            &service,
            &port,
            calls,
            &format!("{layers:?} over {shape:?}"),
        )
        .await;
    }
    counts
}

struct Call<'a> {
    service: &'a Service,
    request: CredentialsRequest,
    progress: Progress,
    about: String,
}

impl<'a> Call<'a> {
    fn new(service: &'a Service, number: u32, about: String) -> Self {
        service.reseed(number.into());
        let id = format!("7010000000{number:09}");
        Self {
            service,
            request: CredentialsRequest::new(id.parse().expect("a token id")),
            progress: Progress::default(),
            about,
        }
    }

    /// Makes a call and returns the delivery according to its error and according to its record,
    /// once the call is over.
    async fn made(&self, port: &Port, ending: Ending) -> [Option<Delivery>; 2] {
        let call = port.generate_with(&self.request, &self.progress);
        let said = match ending.of(call).await {
            Some(Ok(_sealed)) => None,
            Some(Err(error)) => Some(error.delivery()),
            None => Some(self.progress.deadline_error().delivery()),
        };
        [said, Some(self.progress.delivery())]
    }

    /// Makes a call and compares the reported delivery with what the service saw.
    async fn check(
        &self,
        port: &Port,
        ending: Ending,
        told: &Told,
        is_exact: bool,
        counts: &mut Counts,
    ) {
        told.forget();
        let said = self.made(port, ending).await;
        // Bytes that are on their way arrive.
        sleep(Duration::from_secs(1)).await;
        let is_seen = self.service.has_seen(&self.request);
        counts.seen += u32::from(is_seen);
        for (said, count) in said.into_iter().zip(&mut counts.not_sent) {
            let Some(said) = said else { continue };
            let is_not_sent = said == Delivery::NotSent;
            *count += u32::from(is_not_sent);
            assert!(!(is_seen && is_not_sent), "{}: seen", self.about);
            assert!(
                is_seen || is_not_sent || !is_exact,
                "{}: {said:?}",
                self.about
            );
        }
        for (who, said) in told.of_each() {
            counts.told += 1;
            let is_not_sent = said.iter().all(|said| said == "not_sent");
            counts.told_not_sent += u32::from(is_not_sent);
            assert!(
                !(is_seen && is_not_sent),
                "{}: {who} told {said:?}",
                self.about
            );
        }
    }
}

/// Makes two calls that hinder each other and give up at different times.
async fn check_two_at_once(service: &Service, port: &Port, numbers: [u32; 2], about: &str) {
    let [one, other] = numbers.map(|number| Call::new(service, number, about.to_owned()));
    let (patient, hasty) = (Ending::Timeout(120), Ending::Timeout(50));
    let said = tokio::join!(one.made(port, patient), other.made(port, hasty));
    sleep(Duration::from_secs(1)).await;
    for (call, said) in [(&one, said.0), (&other, said.1)] {
        let is_not_sent = said.contains(&Some(Delivery::NotSent));
        let is_seen = service.has_seen(&call.request);
        assert!(!(is_seen && is_not_sent), "{about}: two at once: {said:?}");
    }
}

macro_rules! compositions {
    ($($name:ident: $shape:expr, $leaf:expr;)+) => {$(
        #[test]
        fn $name() {
            check($leaf, $shape);
        }
    )+};
}

compositions! {
    over_a_port_of_ones_own: Shape::Single, Leaf::Bare;
    over_a_failover_that_knows_one_method: Shape::Failover, Leaf::Bare;
    over_a_failover_that_passes_progress_on: Shape::PassingFailover, Leaf::Bare;
    over_a_fan_out_that_knows_one_method: Shape::FanOut, Leaf::Bare;
    over_a_fan_out_that_passes_progress_on: Shape::PassingFanOut, Leaf::Bare;
    over_an_adapter: Shape::Single, Leaf::Hyper;
    over_a_failover_of_adapters_that_knows_one_method: Shape::Failover, Leaf::Hyper;
    over_a_failover_of_adapters_that_passes_progress_on: Shape::PassingFailover, Leaf::Hyper;
    over_a_fan_out_of_adapters_that_knows_one_method: Shape::FanOut, Leaf::Hyper;
    over_a_fan_out_of_adapters_that_passes_progress_on: Shape::PassingFanOut, Leaf::Hyper;
}
