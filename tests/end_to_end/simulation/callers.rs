//! The callers, and the client that they share.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use payment_credentials::auth::{JwtAuthenticator, JwtId, JwtIds, SharedSecret, SharedSecretKey};
use payment_credentials::hyper::{Dialer, HyperPort, PipeDialer, Roots, Socket};
use payment_credentials::seam::Clock;
use payment_credentials::{AuthError, Endpoint, Host};
use payment_credentials_layers::{OnUnknownDelivery, Retry, RetryPolicy};
use tokio::time::{Instant, sleep};

use super::service::Service;

pub(crate) type Client = Retry<HyperPort>;

/// The longest time that one call may take, including its retries.
pub(crate) const DEADLINE: Duration = Duration::from_secs(30);

/// The highest number of attempts of one call.
pub(crate) const ATTEMPTS: u32 = 3;

/// A client that is connected to the service by pipes.
pub(crate) fn client(
    service: &Arc<Service>,
    pipe: PipeDialer,
    seed: u64,
    repeat: OnUnknownDelivery,
) -> Client {
    let secret = SharedSecret::from_base64("yBJxy6LjM2TmcPGu+GaJrHtkke25fPpUX+UY6/L/1tE=");
    let key = SharedSecretKey::new(
        "testrest".parse().expect("a merchant id"),
        "key".parse().expect("a key id"),
        secret.expect("a secret"),
    );
    let jwt = JwtAuthenticator::with_shared_secret(key).jwt_ids(Arc::<Counted>::default());
    let endpoint = Endpoint::custom("http://localhost".parse().expect("an address"));
    let port = HyperPort::builder(endpoint, Arc::new(jwt))
        .clock(Arc::new(PausedClock(Instant::now())))
        .dialer(Arc::new(Flaky {
            service: Arc::clone(service),
            pipe,
        }))
        .roots(Roots::Bundled)
        .call_deadline(Duration::from_secs(10))
        .build();
    Retry::with_policy(
        port.expect("a port"),
        &RetryPolicy::default()
            .max_retries(ATTEMPTS - 1)
            .on_unknown_delivery(repeat)
            .deadline(DEADLINE)
            .seed(seed),
    )
}

/// JWT IDs that are all different, and that are the same in every run.
#[derive(Debug, Default)]
struct Counted(AtomicU64);

impl JwtIds for Counted {
    fn draw(&self) -> Result<JwtId, AuthError> {
        let count = self.0.fetch_add(1, Ordering::SeqCst);
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&count.to_be_bytes());
        // The version overwrites byte 6, so the last four bytes repeat the low half of the count.
        bytes[6] = 0;
        bytes[12..].copy_from_slice(&count.to_be_bytes()[4..]);
        Ok(JwtId::from_random(bytes))
    }
}

/// A wall clock that follows the paused time.
#[derive(Debug)]
struct PausedClock(Instant);

impl Clock for PausedClock {
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_780_000_000) + self.0.elapsed()
    }
}

/// A network that refuses, delays and drops connections.
struct Flaky {
    service: Arc<Service>,
    pipe: PipeDialer,
}

#[async_trait]
impl Dialer for Flaky {
    async fn dial(&self, host: &Host, port: u16) -> io::Result<Box<dyn Socket>> {
        let (way, delay) = {
            let mut dice = self.service.dice();
            (dice.below(12), dice.up_to(Duration::from_secs(1)))
        };
        if self.service.breaks() {
            match way {
                0 => return Err(io::ErrorKind::ConnectionRefused.into()),
                1 => return std::future::pending().await,
                2 => sleep(delay).await,
                _ => {}
            }
        }
        self.pipe.dial(host, port).await
    }
}

impl fmt::Debug for Flaky {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Flaky")
    }
}
