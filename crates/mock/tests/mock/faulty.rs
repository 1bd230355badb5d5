//! Slow, flaky and failing ports, under a clock of the test's own.

use std::future::Future;
use std::pin::pin;
use std::sync::Mutex;
use std::task::{Context, Poll, Waker};

use payment_credentials_core::seam::Progress;
use payment_credentials_core::{Delivery, MerchantId, PortError};
use payment_credentials_mock::faults::{Fault, Faults, Faulty};
use payment_credentials_mock::opens;

use super::*;

/// The times that were slept; no time passes.
#[derive(Clone, Default)]
struct Slept(Arc<Mutex<Vec<Duration>>>);

impl Slept {
    fn sleep(&self) -> impl Fn(Duration) -> std::future::Ready<()> + Send + Sync + 'static {
        let slept = self.clone();
        move |by| {
            slept.0.lock().expect("no panic").push(by);
            std::future::ready(())
        }
    }

    fn times(&self) -> Vec<Duration> {
        self.0.lock().expect("no panic").clone()
    }
}

fn outcome<P: PaymentCredentialsPort>(port: &P) -> Result<(), PortErrorKind> {
    let called = block_on(port.generate(&request()));
    called.map(drop).map_err(|error| error.kind())
}

#[test]
fn a_script_gives_its_faults_in_order_and_then_none() {
    let slept = Slept::default();
    let below = answers(Fixture::VisaV3).times(4);
    let script = below.script();
    let port = Faulty::new(
        below,
        Faults::script([
            Fault::instead(failures::connect),
            Fault::slow(Duration::from_secs(3), slept.sleep()),
            Fault::afterwards(failures::reset_after_send),
            Fault::none(),
        ]),
    );
    let outcomes: Vec<_> = (0..5).map(|_| outcome(&port)).collect();
    let (connect, reset) = (PortErrorKind::Connect, PortErrorKind::Reset);
    assert_eq!(outcomes, [Err(connect), Ok(()), Err(reset), Ok(()), Ok(())]);
    assert_eq!(slept.times(), [Duration::from_secs(3)]);
    // All but the first reached the port below.
    assert_eq!((port.calls(), script.calls().len()), (5, 4));
}

/// The numbers of the calls that fail.
fn failed(faults: &Faults) -> Vec<usize> {
    let port = Faulty::new(answers(Fixture::VisaV3).always(), faults.clone());
    (0..1000).filter(|_| outcome(&port).is_err()).collect()
}

#[test]
fn a_seed_repeats_and_another_one_differs() {
    let seeded = |seed| Faults::seeded(seed, 20, Fault::instead(failures::connect));
    assert_eq!(failed(&seeded(7)), failed(&seeded(7)));
    assert_ne!(failed(&seeded(7)), failed(&seeded(8)));
    let few = failed(&seeded(7)).len();
    assert!((150..250).contains(&few), "{few}");
    let both = seeded(7).and(30, Fault::afterwards(failures::reset_after_send));
    let more = failed(&both).len();
    assert!((420..580).contains(&more), "{more}");
    assert_eq!(failed(&Faults::seeded(7, 0, Fault::hang())), [0; 0]);
    let all = Faults::seeded(7, 100, Fault::instead(failures::connect));
    assert_eq!(failed(&all).len(), 1000);
}

#[test]
fn a_time_up_to_a_limit_repeats_with_the_seed() {
    let times = |seed| {
        let slept = Slept::default();
        let slow = Fault::slow_up_to(Duration::from_secs(10), slept.sleep());
        let port = Faulty::new(
            answers(Fixture::VisaV3).always(),
            Faults::seeded(seed, 100, slow),
        );
        for _ in 0..100 {
            assert!(outcome(&port).is_ok());
        }
        slept.times()
    };
    assert_eq!(times(1), times(1));
    assert_ne!(times(1), times(2));
    assert!(times(1).iter().all(|time| *time <= Duration::from_secs(10)));
    assert!(times(1).iter().any(|time| *time > Duration::from_secs(7)));
    assert!(times(1).iter().any(|time| *time < Duration::from_secs(3)));
}

/// Polls a call once, and drops it.
fn given_up(port: &impl PaymentCredentialsPort) -> (bool, PortError) {
    let progress = Progress::default();
    let request = request();
    let ended = {
        let mut call = pin!(port.generate_with(&request, &progress));
        matches!(
            call.as_mut().poll(&mut Context::from_waker(Waker::noop())),
            Poll::Ready(_)
        )
    };
    (ended, progress.deadline_error())
}

#[test]
fn a_call_that_is_given_up_while_it_hangs_or_waits_is_of_unknown_outcome() {
    let hangs = Faulty::new(refuses_nothing(), Faults::each(Fault::hang()));
    let slow = Fault::slow(Duration::from_secs(9), |_| std::future::pending());
    let slow = Faulty::new(refuses_nothing(), Faults::each(slow));
    for port in [hangs, slow] {
        let (ended, error) = given_up(&port);
        assert!(!ended);
        assert_eq!(error.delivery(), Delivery::Unknown);
    }
    let port = Faulty::new(
        refuses_nothing(),
        Faults::each(Fault::instead(failures::connect)),
    );
    let (ended, error) = given_up(&port);
    assert!(ended);
    assert_eq!(error.delivery(), Delivery::NotSent);
}

fn refuses_nothing() -> ScriptedPort {
    answers(Fixture::VisaV3).always()
}

#[test]
fn a_call_that_was_given_up_before_is_not_made() {
    let below = refuses_nothing();
    let script = below.script();
    let port = Faulty::new(
        below,
        Faults::each(Fault::afterwards(failures::reset_after_send)),
    );
    let progress = Progress::default();
    assert_eq!(progress.give_up(), Delivery::NotSent);
    let error = block_on(port.generate_with(&request(), &progress)).expect_err("given up");
    assert_eq!(error.delivery(), Delivery::NotSent);
    assert_eq!(script.calls().len(), 0);
}

#[test]
fn an_opener_has_faults_too_and_their_errors_carry_the_head() {
    let faults = Faults::script([
        Fault::instead(failures::opening_key_unavailable),
        Fault::afterwards(failures::does_not_open),
        Fault::none(),
    ]);
    let opener = Faulty::new(opens(Fixture::VisaV3).times(2), faults);
    let sealed = Fixture::MastercardV3.sealed();
    for kind in [PortErrorKind::KeyService, PortErrorKind::Decrypt] {
        let error = block_on(opener.open(&sealed)).expect_err("a fault");
        assert_eq!(error.kind(), kind);
        assert_eq!(error.head(), Some(sealed.head()));
    }
    assert!(block_on(opener.open(&sealed)).is_ok());
}

#[test]
fn the_merchant_is_that_of_the_port_below() {
    #[derive(Debug)]
    struct Named;

    #[async_trait::async_trait]
    impl PaymentCredentialsPort for Named {
        async fn generate(&self, _: &CredentialsRequest) -> Result<SealedCredentials, PortError> {
            Err(failures::connect())
        }

        fn merchant_id(&self) -> Option<MerchantId> {
            "testrest".parse().ok()
        }
    }
    let port = Faulty::new(Named, Faults::each(Fault::none()));
    assert_eq!(port.merchant_id(), Named.merchant_id());
}

#[test]
fn more_faults_than_calls_and_faults_beside_a_script_are_refused() {
    let faults = Faults::seeded(1, 60, Fault::hang());
    let text = panic_text(|| drop(faults.and(41, Fault::hang())));
    assert_eq!(
        text,
        "the faults are for 101 calls of a hundred; take at most 100 in all"
    );
    let text = panic_text(|| drop(Faults::each(Fault::hang()).and(1, Fault::hang())));
    assert!(
        text.starts_with("`Faults::and` adds to `Faults::seeded` alone"),
        "{text}"
    );
}

#[test]
fn debug_names_the_seed_and_the_faults() {
    let faults = Faults::seeded(7, 10, Fault::instead(failures::connect));
    let port = Faulty::new((), faults.and(1, Fault::hang()));
    let shown = format!("{port:?}");
    assert_eq!(
        shown,
        "Faulty { inner: (), faults: Faults(Seeded { seed: 7, ratios: [(10, instead: no connection to the service \
         (not sent)), (1, hang)] }), calls: 0 }"
    );
}
