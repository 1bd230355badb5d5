//! A service at the end of an in-memory pipe that plays a given response, or breaks it off.

use std::sync::Arc;
use std::{fmt, io};

use async_trait::async_trait;
use payment_credentials::Endpoint;
use payment_credentials::Host;
use payment_credentials::hyper::{Dialer, HyperPort, HyperPortBuilder, Roots, Socket, pipe};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream};

use super::canaries::Signer;

/// What the service does with every request.
#[derive(Clone)]
pub(crate) enum Play {
    /// Writes these bytes and closes the connection.
    Answer(Vec<u8>),
    /// Answers with this status, and repeats the whole request, head and body, on a page.
    Echo(u16),
    /// Continues to read, and sends nothing.
    Silence,
}

/// A response as it goes over the wire.
pub(crate) fn response(status: u16, headers: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let head = format!(
        "HTTP/1.1 {status} Said\r\nv-c-correlation-id: 6612345\r\ncontent-length: {}\r\n{headers}\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

pub(crate) struct Service(Play);

impl Service {
    /// A port that connects to such a service and signs.
    pub(crate) fn port(play: Play, signer: &Signer) -> HyperPortBuilder {
        let base = "http://localhost".parse().expect("a base address");
        HyperPort::builder(Endpoint::custom(base), Arc::new(signer.clone()))
            .roots(Roots::Bundled)
            .dialer(Self::dialer(play))
    }

    /// Connects to such a service, or to a proxy that acts as one.
    pub(crate) fn dialer(play: Play) -> Arc<dyn Dialer> {
        Arc::new(Self(play))
    }
}

impl fmt::Debug for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Service")
    }
}

#[async_trait]
impl Dialer for Service {
    async fn dial(&self, host: &Host, port: u16) -> io::Result<Box<dyn Socket>> {
        let (dialer, mut listener) = pipe();
        let socket = dialer.dial(host, port).await?;
        let theirs = listener.accept().await.expect("the other end");
        tokio::spawn(serve(self.0.clone(), theirs));
        Ok(socket)
    }
}

async fn serve(play: Play, mut stream: DuplexStream) {
    let request = read_request(&mut stream).await;
    let answer = match play {
        Play::Answer(answer) => answer,
        Play::Echo(status) => {
            let page = [b"<html>".to_vec(), request].concat();
            response(status, "content-type: text/html\r\n", page)
        }
        Play::Silence => {
            // Waits until the caller gives up.
            let _ = stream.read_u8().await;
            return;
        }
    };
    // The client may have closed the connection before the end.
    let _ = stream.write_all(&answer).await;
}

/// Reads one request to the end of its body.
async fn read_request(stream: &mut DuplexStream) -> Vec<u8> {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        request.push(stream.read_u8().await.expect("a request"));
    }
    let head = String::from_utf8_lossy(&request).to_lowercase();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "));
    // A request to a proxy has no body.
    let length = length.map_or(0, |length| length.parse().expect("a number"));
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.expect("a body");
    request.extend(body);
    request
}
