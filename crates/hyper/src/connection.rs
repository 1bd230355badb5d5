//! One connection: how it is made, and how it carries one request and its answer.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use bytes::Bytes;
use http::response::Parts;
use http::{HeaderValue, Request, Response, StatusCode, Uri, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Body, Incoming};
use hyper::client::conn::http1::{self, SendRequest};
use hyper::ext::on_informational;
use hyper_util::rt::TokioIo;
use payment_credentials_core::seam::Attempt;
use payment_credentials_core::wire::MAX_ANSWER_BODY;
use payment_credentials_core::{Destination, Phase, TransportError};
use payment_credentials_tls::server_name;
use rustls::ClientConfig;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};
use tokio_rustls::TlsConnector;

use crate::dial::Socket;
use crate::fault;
use crate::settings::{MAX_CONNECTION_AGE, MAX_FIELDS, MAX_HEAD, Settings};
use crate::watched::{Watch, Watched};

/// A connection that is either in use by one call or idle.
#[derive(Debug)]
pub(crate) struct Connection {
    sender: SendRequest<Full<Bytes>>,
    /// Carries the bytes; ends with the connection.
    driver: JoinHandle<()>,
    watch: Watch,
    born: Instant,
}

impl Connection {
    /// Dials and shakes hands, each within its limit.
    pub(crate) async fn open(
        destination: &Destination,
        settings: &Settings,
        tls: &Arc<ClientConfig>,
        attempt: &Attempt,
    ) -> Result<Self, TransportError> {
        attempt.reached(Phase::Connect);
        if !destination.is_tls() && settings.proxy.is_some() {
            return Err(fault::unusable(
                "plain HTTP doesn't go through a proxy, which could read it; use https",
            ));
        }
        let limit = settings.connect_deadline;
        let (host, port) = destination.dialled();
        let dialled = timeout(limit, settings.dialer.dial(host, port)).await;
        let mut socket = dialled
            .map_err(|_elapsed| fault::late(Phase::Connect, limit))?
            .map_err(fault::not_connected)?;
        if destination.is_tls() {
            let name = server_name(destination.host()).map_err(fault::unusable)?;
            attempt.reached(Phase::Tls);
            let limit = settings.tls_deadline;
            let handshake = TlsConnector::from(Arc::clone(tls)).connect(name, socket);
            let encrypted = timeout(limit, handshake).await;
            let encrypted = encrypted
                .map_err(|_elapsed| fault::late(Phase::Tls, limit))?
                .map_err(fault::no_tls)?;
            socket = Box::new(encrypted);
        }
        Self::over(socket).await
    }

    /// Speaks HTTP/1.1 over a socket.
    async fn over(socket: Box<dyn Socket>) -> Result<Self, TransportError> {
        let (socket, watch) = Watched::new(socket);
        let handshake = http1::Builder::new()
            .max_headers(MAX_FIELDS)
            .max_header_size(MAX_HEAD)
            .handshake(TokioIo::new(socket));
        let (sender, driver) = handshake.await.map_err(fault::unusable)?;
        let driver = tokio::spawn(async move {
            // Whoever waits for an answer gets the error; without anyone it is of no interest.
            let _ = driver.await;
        });
        Ok(Self {
            sender,
            driver,
            watch,
            born: Instant::now(),
        })
    }

    /// Whether the connection can carry another request, as far as is known.
    pub(crate) fn is_usable(&self) -> bool {
        !self.sender.is_closed() && self.born.elapsed() < MAX_CONNECTION_AGE
    }

    /// Whether an earlier answer is done with, as it is in all but a moment.
    pub(crate) fn is_ready_now(&self) -> bool {
        self.sender.is_ready()
    }

    /// Waits until an earlier answer is done with; false if the connection has ended instead.
    pub(crate) async fn is_ready(&mut self) -> bool {
        self.sender.ready().await.is_ok()
    }

    /// Sends one request and reads its answer; tells whether the connection may be used again.
    pub(crate) async fn exchange(
        &mut self,
        request: Request<Bytes>,
        attempt: &Attempt,
    ) -> Result<(Response<Bytes>, Reuse), TransportError> {
        let (parts, body) = self.head(request, attempt).await?.into_parts();
        attempt.head_read(parts.status, &parts.headers);
        // An answer to a part of a request: who doesn't read the rest would hold the next call up.
        let is_written = attempt.phase() != Phase::Write;
        attempt.reached(Phase::Body);
        self.watch.body_begins();
        let body = tokio::select! {
            biased;
            body = read(&parts, body) => body,
            () = self.watch.crawls() => Err(fault::too_slow(Phase::Body)),
        };
        self.watch.end();
        let reuse = if is_written { Reuse::Keep } else { Reuse::Drop };
        Ok((Response::from_parts(parts, body?), reuse))
    }

    /// Sends one request and reads the head of its answer.
    async fn head(
        &mut self,
        request: Request<Bytes>,
        attempt: &Attempt,
    ) -> Result<Response<Incoming>, TransportError> {
        let mut request = in_origin_form(request)?;
        let watch = self.watch.clone();
        watch.start(attempt.clone());
        let informed = watch.clone();
        on_informational(&mut request, move |_answer| informed.informed());
        let mut answer = pin!(self.sender.send_request(request));
        let answer = tokio::select! {
            biased;
            answer = &mut answer => Some(answer),
            () = watch.too_informed() => return Err(fault::not_an_answer(TOO_INFORMED, Phase::Headers)),
            // A request that is handed over just as the connection's task ends can be left lying
            // between the two for as long as the sender lives. What the task did answer is there.
            _ended = &mut self.driver => poll_fn(|cx| Poll::Ready(match answer.as_mut().poll(cx) {
                Poll::Ready(answer) => Some(answer),
                Poll::Pending => None,
            }))
            .await,
            () = watch.crawls() => return Err(fault::too_slow(Phase::Headers)),
        };
        let answer = answer.ok_or(None).and_then(|answer| answer.map_err(Some));
        let answer = answer.map_err(|source| self.no_answer(source, attempt.phase()))?;
        // The answer can come with the last of them.
        if watch.is_too_informed() {
            return Err(fault::not_an_answer(TOO_INFORMED, Phase::Headers));
        }
        if answer.status() == StatusCode::SWITCHING_PROTOCOLS {
            return Err(fault::not_an_answer(SWITCHED, Phase::Headers));
        }
        Ok(answer)
    }

    /// Why no head of an answer came, by what HTTP says and by what it doesn't.
    fn no_answer(&self, source: Option<hyper::Error>, phase: Phase) -> TransportError {
        match (self.watch.objection(), source) {
            (Some(objection), _) => fault::tls_objects(objection.clone(), phase),
            (None, Some(source)) => fault::no_head(source, phase, self.watch.heard()),
            (None, None) => fault::abandoned(phase),
        }
    }
}

impl Drop for Connection {
    /// Closes it now. Left to itself it would say goodbye in TLS first, for which a peer that reads
    /// nothing could keep it waiting. Its task ends later than this, but writes no more.
    fn drop(&mut self) {
        self.watch.end();
        self.driver.abort();
    }
}

const TOO_INFORMED: &str = "informational answers came without end";

const SWITCHED: &str = "the service switched protocols, which nobody asked for";

/// Whether a connection may carry another request.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Reuse {
    Drop,
    Keep,
}

/// Reads a body to its end or to the cap.
async fn read(head: &Parts, body: Incoming) -> Result<Bytes, TransportError> {
    if !is_plainly_framed(head) {
        return Err(fault::not_an_answer(OTHER_CODING, Phase::Body));
    }
    let promised = usize::try_from(body.size_hint().lower());
    if promised.is_ok_and(|length| length > MAX_ANSWER_BODY) {
        return Err(fault::too_large());
    }
    let body = Limited::new(body, MAX_ANSWER_BODY).collect().await;
    Ok(body.map_err(fault::no_body)?.to_bytes())
}

const OTHER_CODING: &str = "the body has a transfer coding other than chunked";

/// Whether the body ends where its head says. HTTP/1.1 reads a body with any other transfer coding up
/// to where the connection closes (RFC 9112 §6.3), so a cut would pass for its end.
fn is_plainly_framed(head: &Parts) -> bool {
    let mut codings = head.headers.get_all(header::TRANSFER_ENCODING).iter();
    let is_chunked = |coding: &HeaderValue| coding.as_bytes().eq_ignore_ascii_case(b"chunked");
    codings.next().is_none_or(is_chunked) && codings.next().is_none()
}

/// Spells a request as it goes over a connection: a path, and the host as a header.
fn in_origin_form(request: Request<Bytes>) -> Result<Request<Full<Bytes>>, TransportError> {
    let (mut parts, body) = request.into_parts();
    let authority = parts
        .uri
        .authority()
        .map_or("", http::uri::Authority::as_str);
    let host = HeaderValue::from_str(authority).map_err(fault::unusable)?;
    parts.headers.insert(header::HOST, host);
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    parts.uri = path.parse::<Uri>().map_err(fault::unusable)?;
    Ok(Request::from_parts(parts, Full::new(body)))
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};

    use super::*;

    async fn over(socket: DuplexStream) -> (Connection, Watch) {
        let connection = Connection::over(Box::new(socket)).await;
        let connection = connection.expect("a connection");
        let watch = connection.watch.clone();
        (connection, watch)
    }

    fn request() -> Request<Bytes> {
        let request = Request::post("http://localhost/").body(Bytes::new());
        request.expect("a request")
    }

    /// Its task has not run by then, as it may not have on another thread.
    #[tokio::test]
    async fn a_connection_that_is_dropped_writes_nothing_more() {
        let (ours, _theirs) = duplex(1024);
        let (mut connection, watch) = over(ours).await;
        let attempt = Attempt::default();
        {
            let mut exchange = pin!(connection.exchange(request(), &attempt));
            let polled = poll_fn(|cx| Poll::Ready(exchange.as_mut().poll(cx))).await;
            assert!(polled.is_pending());
            assert!(watch.has_call());
        }
        drop(connection);
        assert!(!watch.has_call());
    }

    /// The call may go on to its second attempt, over another connection.
    #[tokio::test]
    async fn a_connection_that_is_done_with_a_call_tells_it_nothing_more() {
        let (ours, mut theirs) = duplex(1024);
        let (mut connection, watch) = over(ours).await;
        let attempt = Attempt::default();
        let answer = b"HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\n\r\n";
        let (answered, ()) = tokio::join!(connection.exchange(request(), &attempt), async {
            while theirs.read_u8().await.expect("a request") != b'\n' {}
            theirs.write_all(answer).await.expect("written");
        });
        let (_, reuse) = answered.expect("an answer");
        assert_eq!((reuse, watch.has_call()), (Reuse::Keep, false));
    }
}
