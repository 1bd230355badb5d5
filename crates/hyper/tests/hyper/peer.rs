//! A peer at the other end of an in-memory pipe, so that tests can pause time.

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

/// A peer that runs the same function for every connection, which receives the connection's number.
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

    /// Returns a peer that reads one request on each connection, writes this response, and closes
    /// the connection.
    pub(crate) fn answering(answer: impl AsRef<[u8]>) -> Self {
        let answer: Arc<[u8]> = answer.as_ref().into();
        Self::new(move |_, mut stream| {
            let answer = Arc::clone(&answer);
            async move {
                read_request(&mut stream).await;
                // The client may close the connection before it has read everything.
                let _ = stream.write_all(&answer).await;
            }
        })
    }

    /// How many connections the peer has accepted.
    pub(crate) fn dialled(&self) -> usize {
        self.accepted.load(Ordering::SeqCst)
    }

    pub(crate) fn dialer(&self) -> Arc<dyn Dialer> {
        Arc::new(self.dialer.clone())
    }

    /// Returns a builder of a port whose connections all lead to this peer, without TLS.
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

/// Reads a request whose body is `{}`; returns false if the stream ended first.
pub(crate) async fn read_request(stream: &mut (impl AsyncRead + Unpin)) -> bool {
    read_until(stream, b"\r\n\r\n{}").await.is_some()
}

/// Reads up to and including this end; returns nothing if the stream ended first.
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

/// Requests the credentials of a token id, by which its response can be recognised.
pub(crate) async fn call_for(
    port: &HyperPort,
    token_id: &str,
) -> Result<SealedCredentials, PortError> {
    let request = CredentialsRequest::new(token_id.parse().expect("a token id"));
    port.generate(&request).await
}

/// Checks that a response is the one that was made for this token id.
#[track_caller]
pub(crate) fn check_own(sealed: &SealedCredentials, token_id: &str) {
    let id = sealed.head().correlation_id().expect("an id");
    assert_eq!(id.as_str(), token_id, "another call's response");
}

/// Reads a request and returns the response that belongs to it; `None` if the stream ended first.
pub(crate) async fn answer_of(stream: &mut (impl AsyncRead + Unpin)) -> Option<String> {
    let request = read_until(stream, b"\r\n\r\n{}").await?;
    Some(answer_to(request))
}

/// Returns the response to a request, which repeats the request's token id.
pub(crate) fn answer_to(request: Vec<u8>) -> String {
    let request = String::from_utf8(request).expect("text");
    let token_id = request.split('/').nth(4).expect("a token id");
    GOOD.replace("6612345", token_id)
}

/// Counts the connections that a service currently serves.
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

/// Counts its connection as served as long as this value lives.
pub(crate) struct Served(Serving);

impl Drop for Served {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// How many tasks are alive on this test's own runtime.
pub(crate) fn alive_tasks() -> usize {
    Handle::current().metrics().num_alive_tasks()
}
