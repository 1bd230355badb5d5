//! A service whose behaviour is pseudo-random and that records whose calls it saw: behind a user's
//! own port with one method, or behind an adapter and a pipe.

use std::collections::BTreeSet;
use std::future::pending;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use payment_credentials_core::seam::Unauthenticated;
use payment_credentials_core::{
    CredentialsRequest, Endpoint, Host, PaymentCredentialsPort, PortError, SealedCredentials,
};
use payment_credentials_hyper::{Dialer, HyperPort, PipeDialer, PipeListener, Roots, Socket, pipe};
use payment_credentials_mock::failures;
use payment_credentials_mock::fixtures::Fixture;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream};
use tokio::task::yield_now;
use tokio::time::sleep;

use super::Port;

/// Clones are the same service.
#[derive(Clone, Debug, Default)]
pub(super) struct Service(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    dice: u64,
    seen: BTreeSet<String>,
}

/// What calls the service.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Leaf {
    Bare,
    Hyper,
}

impl Leaf {
    pub(super) fn port(self, service: &Service) -> Port {
        match self {
            Self::Bare => Arc::new(Bare(service.clone())),
            Self::Hyper => Arc::new(adapter(service)),
        }
    }
}

impl Service {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn reseed(&self, seed: u64) {
        self.state().dice = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }

    /// A pseudo-random number below this one.
    fn roll(&self, sides: u64) -> u64 {
        let mut state = self.state();
        state.dice = state.dice.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = state.dice;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % sides
    }

    /// Waits for some time, for one turn of the scheduler, or not at all.
    async fn take_time(&self) {
        match self.roll(4) {
            0 => {}
            1 => yield_now().await,
            _ => sleep(Duration::from_millis(self.roll(50))).await,
        }
    }

    pub(super) fn has_seen(&self, request: &CredentialsRequest) -> bool {
        self.state().seen.contains(request.token_id().as_str())
    }

    fn saw(&self, token_id: &str) {
        self.state().seen.insert(token_id.to_owned());
    }
}

/// A port that implements one method and reports no progress.
#[derive(Debug)]
struct Bare(Service);

#[async_trait]
impl PaymentCredentialsPort for Bare {
    async fn generate(&self, request: &CredentialsRequest) -> Result<SealedCredentials, PortError> {
        let Self(service) = self;
        service.take_time().await;
        match service.roll(6) {
            0 => return Err(failures::connect()),
            1 => pending().await,
            _ => {}
        }
        service.saw(request.token_id().as_str());
        service.take_time().await;
        Err(match service.roll(8) {
            0 | 1 => return Ok(Fixture::VisaV3.sealed()),
            2 => failures::refused(503),
            3 => failures::refused(502),
            4 => failures::throttled(Duration::ZERO),
            5 => failures::reset_after_send(),
            6 => pending().await,
            _ => failures::refused(404),
        })
    }
}

/// A port over pipes to the service.
fn adapter(service: &Service) -> HyperPort {
    let (dialer, listener) = pipe();
    tokio::spawn(listen(listener, service.clone()));
    let endpoint = Endpoint::custom("http://localhost".parse().expect("an address"));
    let port = HyperPort::builder(endpoint, Arc::new(Unauthenticated))
        .roots(Roots::Bundled)
        .call_deadline(Duration::from_millis(80))
        .dialer(Arc::new(Moody(dialer, service.clone())));
    port.build().expect("a port")
}

/// A dialer that fails, waits and hangs.
#[derive(Debug)]
struct Moody(PipeDialer, Service);

#[async_trait]
impl Dialer for Moody {
    async fn dial(&self, host: &Host, port: u16) -> io::Result<Box<dyn Socket>> {
        let Self(dialer, service) = self;
        service.take_time().await;
        match service.roll(6) {
            0 => Err(io::ErrorKind::ConnectionRefused.into()),
            1 => pending().await,
            _ => dialer.dial(host, port).await,
        }
    }
}

async fn listen(mut listener: PipeListener, service: Service) {
    while let Some(stream) = listener.accept().await {
        tokio::spawn(serve(stream, service.clone()));
    }
}

async fn serve(mut stream: DuplexStream, service: Service) {
    const GOOD: &str = "HTTP/1.1 201 Created\r\ncontent-type: application/jose;charset=utf-8\r\n\
        content-length: 12\r\n\r\neyJ9.a.b.c.d";
    const BUSY: &str = "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n";
    const BROKEN: &str = "HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n";
    const SOON: &str =
        "HTTP/1.1 429 Too Many Requests\r\nretry-after: 0\r\ncontent-length: 0\r\n\r\n";
    while read(&mut stream, &service).await.is_some() {
        service.take_time().await;
        let answer = match service.roll(9) {
            0 | 1 => GOOD,
            2 => BUSY,
            3 => BROKEN,
            4 => SOON,
            5 => return,
            // A part of the head and of the body.
            6 => GOOD.split_at(20).0,
            7 => GOOD.split_at(GOOD.len() - 3).0,
            _ => "",
        };
        if stream.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
        if service.roll(4) == 0 {
            return;
        }
    }
}

/// Reads a whole request; returns `None` if the connection ends first. Records the request's owner
/// as soon as its bytes identify the owner.
async fn read(stream: &mut DuplexStream, service: &Service) -> Option<()> {
    let mut read = Vec::new();
    while !read.ends_with(b"\r\n\r\n{}") {
        let more = stream.read_buf(&mut read).await.ok()?;
        let text = String::from_utf8_lossy(&read);
        let path = text.split("/tokens/").nth(1);
        if let Some((token_id, _)) = path.and_then(|path| path.split_once('/')) {
            service.saw(token_id);
        }
        if more == 0 {
            assert!(read.is_empty() || path.is_some(), "nobody's: {text}");
            return None;
        }
    }
    Some(())
}
