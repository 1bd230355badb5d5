//! A peer at the other end of an in-memory pipe, so that time can be paused.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use payment_credentials_core::seam::Unauthenticated;
use payment_credentials_core::{
    CredentialsRequest, Endpoint, PaymentCredentialsPort, PortError, SealedCredentials,
};
use payment_credentials_hyper::{
    Dialer, HyperPort, HyperPortBuilder, PipeDialer, PipeListener, Roots, pipe, pipe_with_buffer,
};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream};
use tokio::runtime::Handle;

/// A good response.
pub(crate) const GOOD: &str = "HTTP/1.1 201 Created\r\nv-c-correlation-id: 6612345\r\n\
    content-type: application/jose;charset=utf-8\r\ncontent-length: 12\r\n\r\neyJ9.a.b.c.d";

/// Does the same with every connection; the number given is the connection's.
pub(crate) struct Peer {
    dialer: PipeDialer,
    accepted: Arc<AtomicUsize>,
}

impl Peer {
    pub(crate) fn new<Played>(play: impl Fn(usize, DuplexStream) -> Played + Send + 'static) -> Self
    where
        Played: Future<Output = ()> + Send + 'static,
    {
        Self::listening(pipe(), play)
    }

    pub(crate) fn with_buffer<Played>(
        bytes: usize,
        play: impl Fn(usize, DuplexStream) -> Played + Send + 'static,
    ) -> Self
    where
        Played: Future<Output = ()> + Send + 'static,
    {
        Self::listening(pipe_with_buffer(bytes), play)
    }

    fn listening<Played>(
        (dialer, mut listener): (PipeDialer, PipeListener),
        play: impl Fn(usize, DuplexStream) -> Played + Send + 'static,
    ) -> Self
    where
        Played: Future<Output = ()> + Send + 'static,
    {
        payment_credentials_test_limit::start();
        let accepted = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&accepted);
        tokio::spawn(async move {
            while let Some(stream) = listener.accept().await {
                tokio::spawn(play(counter.fetch_add(1, Ordering::SeqCst), stream));
            }
        });
        Self { dialer, accepted }
    }

    /// A peer that reads one request on each connection, writes a response, and hangs up.
    pub(crate) fn answering(answer: impl AsRef<[u8]>) -> Self {
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
        self.accepted.load(Ordering::SeqCst)
    }

    pub(crate) fn dialer(&self) -> Arc<dyn Dialer> {
        Arc::new(self.dialer.clone())
    }

    /// A port whose every connection leads to this peer, without TLS.
    pub(crate) fn builder(&self) -> HyperPortBuilder {
        self.builder_at("http://localhost")
    }

    pub(crate) fn builder_at(&self, base: &str) -> HyperPortBuilder {
        let endpoint = Endpoint::custom(base.parse().expect("a base address"));
        HyperPort::builder(endpoint, Arc::new(Unauthenticated))
            .roots(Roots::Bundled)
            .dialer(self.dialer())
    }

    pub(crate) async fn call(&self) -> Result<SealedCredentials, PortError> {
        call(&self.builder().build().expect("a port")).await
    }
}

pub(crate) fn request() -> CredentialsRequest {
    payment_credentials_test_limit::start();
    CredentialsRequest::new("7010000000016241111".parse().expect("a token id"))
}

pub(crate) async fn call(port: &HyperPort) -> Result<SealedCredentials, PortError> {
    port.generate(&request()).await
}

/// Reads a request whose body is `{}`; false if the stream ended first.
pub(crate) async fn read_request(stream: &mut (impl AsyncRead + Unpin)) -> bool {
    read_until(stream, b"\r\n\r\n{}").await.is_some()
}

/// Reads up to and with an end; nothing if the stream ended first.
pub(crate) async fn read_until(
    stream: &mut (impl AsyncRead + Unpin),
    end: &[u8],
) -> Option<Vec<u8>> {
    let mut read = Vec::new();
    while !read.ends_with(end) {
        read.push(stream.read_u8().await.ok()?);
    }
    Some(read)
}

/// Answers every request on a connection until it ends.
pub(crate) async fn answer_all(mut stream: impl AsyncRead + AsyncWrite + Unpin) {
    while read_request(&mut stream).await {
        if stream.write_all(GOOD.as_bytes()).await.is_err() {
            return;
        }
    }
}

/// Asks for a token id, to tell its response from the others'.
pub(crate) async fn call_for(
    port: &HyperPort,
    token_id: &str,
) -> Result<SealedCredentials, PortError> {
    let request = CredentialsRequest::new(token_id.parse().expect("a token id"));
    port.generate(&request).await
}

/// Whether a response is the one that was made for this token id.
#[track_caller]
pub(crate) fn check_own(sealed: &SealedCredentials, token_id: &str) {
    let id = sealed.head().correlation_id().expect("an id");
    assert_eq!(id.as_str(), token_id, "another call's response");
}

/// Reads a request, and makes the response to it and to no other; none if the stream ended first.
pub(crate) async fn answer_of(stream: &mut (impl AsyncRead + Unpin)) -> Option<String> {
    let request = read_until(stream, b"\r\n\r\n{}").await?;
    Some(answer_to(request))
}

/// The response to a request, whose token id it repeats.
pub(crate) fn answer_to(request: Vec<u8>) -> String {
    let request = String::from_utf8(request).expect("text");
    let token_id = request.split('/').nth(4).expect("a token id");
    GOOD.replace("6612345", token_id)
}

/// Connections that a service serves now.
#[derive(Clone, Debug, Default)]
pub(crate) struct Serving(Arc<AtomicUsize>);

impl Serving {
    pub(crate) fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }

    pub(crate) fn enter(&self) -> Served {
        self.0.fetch_add(1, Ordering::SeqCst);
        Served(Self::clone(self))
    }
}

/// A connection that is served as long as this value lives.
pub(crate) struct Served(Serving);

impl Drop for Served {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Tasks that are alive on this test's own runtime.
pub(crate) fn alive_tasks() -> usize {
    Handle::current().metrics().num_alive_tasks()
}
