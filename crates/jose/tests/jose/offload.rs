//! Private-key work runs on the configured executor, and only if a JWE needs it.

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};

use async_trait::async_trait;
use payment_credentials_core::seam::{Offload, OffloadError};
use payment_credentials_core::{CredentialsOpener as _, PortErrorKind, Repeatability};
use payment_credentials_jose::JweOpener;

use crate::fixtures::{MERCHANT, MERCHANT_NEXT, keyring, kid, named_key, open, sealed, seen};
use crate::sealer::{Parts, Sealer};

/// Runs each work on a thread of its own, and counts them.
#[derive(Debug, Default)]
struct Thread(AtomicUsize);

#[async_trait]
impl Offload for Thread {
    async fn run(&self, work: Box<dyn FnOnce() + Send>) -> Result<(), OffloadError> {
        self.0.fetch_add(1, Ordering::Relaxed);
        let ran = std::thread::spawn(work).join();
        ran.or(Err(OffloadError))
    }
}

#[derive(Debug)]
struct Closed;

#[async_trait]
impl Offload for Closed {
    async fn run(&self, _work: Box<dyn FnOnce() + Send>) -> Result<(), OffloadError> {
        Err(OffloadError)
    }
}

#[test]
fn opens_on_another_thread() {
    let thread = Arc::new(Thread::default());
    let keys = keyring([named_key(MERCHANT)]).offload(Arc::clone(&thread) as _);
    let opener = JweOpener::new(keys);
    let refused = Sealer::good().seal().with(Parts::IV, []).jwe();
    assert!(open(&opener, refused).is_err());
    let unknown = Sealer::with_kid(MERCHANT, "unknown").jwe();
    assert!(open(&opener, unknown).is_err());
    assert_eq!(thread.0.load(Ordering::Relaxed), 0);
    assert!(open(&opener, Sealer::good().jwe()).is_ok());
    assert_eq!(thread.0.load(Ordering::Relaxed), 1);
}

#[test]
fn a_runtime_that_shuts_down_is_a_key_service_that_fails() {
    let keys = keyring([named_key(MERCHANT)]).offload(Arc::new(Closed));
    let error = open(&JweOpener::new(keys), Sealer::good().jwe()).expect_err("closed");
    assert_eq!(error.kind(), PortErrorKind::KeyService);
    assert_eq!(error.repeatability(), Repeatability::MayRepeat);
    assert!(error.source().expect("a cause").is::<OffloadError>());
    seen(&error);
}

/// Work waits until the gate is open.
#[derive(Debug, Default)]
struct Gate(AtomicBool);

#[async_trait]
impl Offload for Gate {
    async fn run(&self, work: Box<dyn FnOnce() + Send>) -> Result<(), OffloadError> {
        let is_open = |_: &mut Context<'_>| {
            if self.0.load(Ordering::Relaxed) {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        };
        std::future::poll_fn(is_open).await;
        work();
        Ok(())
    }
}

#[test]
fn b22_a_thousand_openings_keep_the_keys_that_they_began_with() {
    let gate = Arc::new(Gate::default());
    let ring = keyring([named_key(MERCHANT)]).offload(Arc::clone(&gate) as _);
    let opener = JweOpener::new(ring.clone());
    let old = sealed(Sealer::good().jwe());
    let mut openings: Vec<_> = (0..1000).map(|_| opener.open(&old)).collect();
    let mut context = Context::from_waker(Waker::noop());
    for opening in &mut openings {
        assert!(opening.as_mut().poll(&mut context).is_pending());
    }
    ring.replace([named_key(MERCHANT_NEXT)]).expect("keys");
    gate.0.store(true, Ordering::Relaxed);
    for opening in &mut openings {
        let Poll::Ready(credentials) = opening.as_mut().poll(&mut context) else {
            panic!("let go")
        };
        credentials.expect("opened with the old key");
    }
    let new = Sealer::with_kid(MERCHANT_NEXT, kid(MERCHANT_NEXT).as_str());
    assert!(open(&opener, new.jwe()).is_ok());
    assert!(open(&opener, Sealer::good().jwe()).is_err());
}

#[test]
fn many_threads_share_one_opener() {
    let opener = JweOpener::new(keyring([named_key(MERCHANT)]));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            let opener = opener.clone();
            scope.spawn(move || {
                for _ in 0..10 {
                    assert!(open(&opener, Sealer::good().jwe()).is_ok());
                }
            });
        }
    });
}
