//! A peer at the other end of an in-memory pipe, so that time can be paused.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::{fmt, io};

use async_trait::async_trait;
use payment_credentials_core::seam::Unauthenticated;
use payment_credentials_core::{
    CredentialsRequest, Endpoint, PaymentCredentialsPort, PortError, SealedCredentials,
};
use payment_credentials_hyper::{Dialer, HyperPort, HyperPortBuilder, Socket};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::task::JoinHandle;

/// A good answer.
pub(crate) const GOOD: &str = "HTTP/1.1 201 Created\r\nv-c-correlation-id: 6612345\r\n\
    content-type: application/jose;charset=utf-8\r\ncontent-length: 12\r\n\r\neyJ9.a.b.c.d";

type Play = Box<dyn FnMut(usize, DuplexStream) -> JoinHandle<()> + Send>;

/// Hands each connection to a play: what the peer does with it.
pub(crate) struct Peer {
    play: Mutex<Play>,
    dialled: AtomicUsize,
    buffer: usize,
}

impl Peer {
    /// A peer that plays the same on every connection; the number is the connection's.
    pub(crate) fn new<Played>(
        play: impl Fn(usize, DuplexStream) -> Played + Send + 'static,
    ) -> Arc<Self>
    where
        Played: Future<Output = ()> + Send + 'static,
    {
        Self::with_buffer(64 * 1024, play)
    }

    pub(crate) fn with_buffer<Played>(
        buffer: usize,
        play: impl Fn(usize, DuplexStream) -> Played + Send + 'static,
    ) -> Arc<Self>
    where
        Played: Future<Output = ()> + Send + 'static,
    {
        let play: Play = Box::new(move |nth, stream| tokio::spawn(play(nth, stream)));
        Arc::new(Self {
            play: Mutex::new(play),
            dialled: AtomicUsize::new(0),
            buffer,
        })
    }

    /// A peer that reads one request on each connection, writes an answer, and hangs up.
    pub(crate) fn answering(answer: impl AsRef<[u8]>) -> Arc<Self> {
        let answer: Arc<[u8]> = answer.as_ref().into();
        Self::new(move |_, mut stream| {
            let answer = Arc::clone(&answer);
            async move {
                read_request(&mut stream).await;
                // The client may have seen enough before the end.
                let _ = stream.write_all(&answer).await;
            }
        })
    }

    /// How many connections there were.
    pub(crate) fn dialled(&self) -> usize {
        self.dialled.load(Ordering::SeqCst)
    }

    /// A port whose every connection leads to this peer, without TLS.
    pub(crate) fn builder(self: &Arc<Self>) -> HyperPortBuilder {
        self.builder_at("http://localhost")
    }

    pub(crate) fn builder_at(self: &Arc<Self>, base: &str) -> HyperPortBuilder {
        let endpoint = Endpoint::custom(base.parse().expect("a base address"));
        HyperPort::builder(endpoint, Arc::new(Unauthenticated))
            .roots(payment_credentials_hyper::Roots::Bundled)
            .dialer(Arc::clone(self) as Arc<dyn Dialer>)
    }

    pub(crate) async fn call(self: &Arc<Self>) -> Result<SealedCredentials, PortError> {
        call(&self.builder().build().expect("a port")).await
    }
}

impl fmt::Debug for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Peer")
    }
}

#[async_trait]
impl Dialer for Peer {
    async fn dial(&self, _host: &str, _port: u16) -> io::Result<Box<dyn Socket>> {
        let (ours, theirs) = duplex(self.buffer);
        let nth = self.dialled.fetch_add(1, Ordering::SeqCst);
        (self.play.lock().expect("unpoisoned"))(nth, theirs);
        Ok(Box::new(ours))
    }
}

pub(crate) fn request() -> CredentialsRequest {
    CredentialsRequest::new("7010000000016241111".parse().expect("a token id"))
}

pub(crate) async fn call(port: &HyperPort) -> Result<SealedCredentials, PortError> {
    port.generate(&request()).await
}

/// Reads a request whose body is `{}`; false if the stream ended first.
pub(crate) async fn read_request(stream: &mut DuplexStream) -> bool {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n{}") {
        match stream.read_u8().await {
            Ok(byte) => request.push(byte),
            Err(_ended) => return false,
        }
    }
    true
}

/// Answers every request on a connection until it ends.
pub(crate) async fn answer_all(mut stream: DuplexStream) {
    while read_request(&mut stream).await {
        if stream.write_all(GOOD.as_bytes()).await.is_err() {
            return;
        }
    }
}
