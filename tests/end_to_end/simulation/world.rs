//! One run: callers, client and service from one seed, and the conditions that they must meet.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use payment_credentials::hyper::{PipeListener, pipe};
use payment_credentials::{
    CredentialsRequest, Delivery, PaymentCredentialsPort as _, PortError, SealedContent,
    SealedCredentials,
};
use payment_credentials_layers::OnUnknownDelivery;
use tokio::runtime::{Builder, Handle};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

use super::callers::{ATTEMPTS, Client, DEADLINE, client};
use super::dice::Dice;
use super::service::Service;

const CALLERS: usize = 6;
const CALLS: usize = 3;

/// Whether faults stop at some time.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Faults {
    Never,
    Stop,
}

/// The outcomes of the calls so far.
#[derive(Debug, Default)]
struct Outcomes {
    trace: Vec<String>,
    delivered: BTreeSet<String>,
}

pub(crate) struct World {
    service: Arc<Service>,
    client: Arc<Client>,
    outcomes: Mutex<Outcomes>,
}

impl World {
    /// Runs a seed to its end, and returns a line for each call.
    pub(crate) fn run(seed: u64, faults: Faults) -> Vec<String> {
        let runtime = Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .expect("a runtime");
        runtime.block_on(Self::play(Dice::new(seed), faults))
    }

    async fn play(mut dice: Dice, faults: Faults) -> Vec<String> {
        let service = Arc::new(Service::new(dice.fork()));
        let (dialer, listener) = pipe();
        tokio::spawn(accept(Arc::clone(&service), listener));
        let repeat = if dice.one_in(2) {
            OnUnknownDelivery::Repeat
        } else {
            OnUnknownDelivery::Report
        };
        let client = client(&service, dialer, dice.next(), repeat);
        let world = Arc::new(Self {
            service,
            client: Arc::new(client),
            outcomes: Mutex::default(),
        });

        match faults {
            Faults::Never => world.call_at_once(&mut dice, 'a').await,
            Faults::Stop => {
                // The faults stop while calls are in progress, which may still fail; later calls
                // may not.
                let mended = dice.up_to(Duration::from_secs(60));
                let mend = async {
                    sleep(mended).await;
                    world.service.mend();
                };
                tokio::join!(world.call_at_once(&mut dice, 'a'), mend);
                world.call_at_once(&mut dice, 'b').await;
            }
        }
        world.end(faults).await
    }

    async fn call_at_once(self: &Arc<Self>, dice: &mut Dice, round: char) {
        let mut callers = JoinSet::new();
        for caller in 0..CALLERS {
            let (world, mut dice) = (Arc::clone(self), dice.fork());
            callers.spawn(async move {
                for call in 0..CALLS {
                    sleep(dice.up_to(Duration::from_secs(20))).await;
                    world
                        .call(&mut dice, &format!("{round}{caller}{call}"))
                        .await;
                }
            });
        }
        while let Some(ended) = callers.join_next().await {
            ended.expect("no promise broken");
        }
    }

    async fn call(&self, dice: &mut Dice, token_id: &str) {
        let request = CredentialsRequest::new(token_id.parse().expect("a token id"));
        let may_fail = self.service.breaks();
        let patience = if may_fail && dice.one_in(8) {
            dice.up_to(DEADLINE)
        } else {
            DEADLINE * 2
        };
        let start = Instant::now();
        let outcome = timeout(patience, self.client.generate(&request)).await;
        let took = start.elapsed();
        assert!(
            took <= DEADLINE || outcome.is_err(),
            "{token_id} took {took:?}"
        );
        let said = match outcome {
            Ok(Ok(sealed)) => self.succeeded(token_id, &sealed),
            Ok(Err(error)) => {
                assert!(may_fail, "{token_id} failed without a fault: {error:?}");
                self.failed(token_id, &error)
            }
            Err(_dropped) => "dropped".to_owned(),
        };
        let line = format!("{token_id} {said} after {took:?}");
        self.outcomes.lock().expect("unpoisoned").trace.push(line);
    }

    /// A success is a response that was created for this call, and that no other call received.
    fn succeeded(&self, token_id: &str, sealed: &SealedCredentials) -> String {
        let SealedContent::Jwe(jwe) = sealed.content() else {
            panic!("{token_id} got something that isn't a JWE");
        };
        let record = self.service.record();
        let minted_for = record.minted.get(jwe.as_str());
        assert_eq!(minted_for.map(String::as_str), Some(token_id));
        let mut outcomes = self.outcomes.lock().expect("unpoisoned");
        assert!(
            outcomes.delivered.insert(jwe.as_str().to_owned()),
            "{token_id}"
        );
        "succeeded".to_owned()
    }

    fn failed(&self, token_id: &str, error: &PortError) -> String {
        let record = self.service.record();
        let received = record.received.get(token_id).copied().unwrap_or_default();
        assert!(error.attempts() <= ATTEMPTS, "{error:?}");
        assert!(
            received <= error.attempts(),
            "{received} requests: {error:?}"
        );
        if error.delivery() == Delivery::NotSent {
            assert_eq!(received, 0, "{token_id}: {error:?}");
        }
        format!("{error} {:?} {}", error.repeatability(), error.attempts())
    }

    /// Checks that nothing is left over: no task, and no violation that the service has recorded.
    async fn end(self: Arc<Self>, faults: Faults) -> Vec<String> {
        let Self {
            service,
            client,
            outcomes,
        } = Arc::into_inner(self).expect("the last reference to the world");
        drop(client);
        // The client's remaining tasks end within a second; the service may take longer.
        sleep(Duration::from_secs(1)).await;
        let alive = Handle::current().metrics().num_alive_tasks();
        assert_eq!(alive, service.serving(), "{faults:?}");
        let record = service.record();
        assert!(record.violations.is_empty(), "{:?}", record.violations);
        outcomes.into_inner().expect("unpoisoned").trace
    }
}

async fn accept(service: Arc<Service>, mut listener: PipeListener) {
    while let Some(stream) = listener.accept().await {
        let service = Arc::clone(&service);
        tokio::spawn(async move { service.serve(stream).await });
    }
}
