//! Opens a connection, and sends one request at a time over it and reads the response.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use http::response::Parts;
use http::{HeaderValue, Request, Response, Uri, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Body, Incoming};
use hyper::client::conn::http1::{self, SendRequest};
use hyper::ext::on_informational;
use hyper_util::rt::TokioIo;
use payment_credentials_core::seam::Attempt;
use payment_credentials_core::wire::{MAX_RESPONSE_BODY, require_no_switch, require_plain_framing};
use payment_credentials_core::{Destination, Phase, TransportError};
use payment_credentials_tls::server_name;
use rustls::ClientConfig;
use tokio::task::coop::unconstrained;
use tokio::time::{Instant, timeout};
use tokio_rustls::TlsConnector;

use crate::driver_waker::DriverWaker;
use crate::failure;
use crate::floor::Floor;
use crate::records::Records;
use crate::settings::{MAX_CONNECTION_AGE, MAX_FIELDS, MAX_HEAD, Settings};
use crate::socket::{Arrived, Socket};
use crate::watched::{Untimely, Watch, Watched};

/// A connection that is either in use by one call or idle.
///
/// No task drives it. The call that uses the connection drives it, and nothing drives an idle connection.
/// So dropping a call closes the call's connection at once, on any thread and even if the runtime doesn't
/// run.
#[derive(Debug)]
pub(crate) struct Connection {
    sender: SendRequest<Full<Bytes>>,
    driver: Driver,
    driver_waker: DriverWaker,
    watch: Watch,
    is_tls: bool,
    can_be_asked: bool,
    born: Instant,
}

impl Connection {
    /// Connects and makes the TLS handshake, each within its limit.
    pub(crate) async fn open(
        destination: &Destination,
        settings: &Settings,
        tls: &Arc<ClientConfig>,
        attempt: &Attempt,
    ) -> Result<Box<Self>, TransportError> {
        attempt.reached(Phase::Connect);
        if !destination.is_tls() && settings.proxy.is_some() {
            return Err(failure::unusable(
                "plain HTTP isn't sent through a proxy, since the proxy could read it; use https",
            ));
        }
        let limit = settings.connect_deadline;
        let (host, port) = destination.dialled();
        let dialled = timeout(limit, settings.dialer.dial(host, port)).await;
        let mut socket = dialled
            .map_err(|_elapsed| failure::late(Phase::Connect, limit))?
            .map_err(|source| failure::not_connected(source, host, port))?;
        if destination.is_tls() {
            let name = server_name(destination.host()).map_err(failure::unusable)?;
            attempt.reached(Phase::Tls);
            let limit = settings.tls_deadline;
            let handshake = TlsConnector::from(Arc::clone(tls)).connect(name, Records::new(socket));
            let encrypted = timeout(limit, handshake)
                .await
                .map_err(|_elapsed| failure::late(Phase::Tls, limit))?
                .map_err(failure::no_tls)?;
            socket = Box::new(encrypted);
        }
        Self::over(socket, destination.is_tls()).await
    }

    /// Prepares a socket for HTTP/1.1. Nothing is sent.
    pub(crate) async fn over(
        mut socket: Box<dyn Socket>,
        is_tls: bool,
    ) -> Result<Box<Self>, TransportError> {
        let can_be_asked = socket.arrived() != Arrived::Unknown;
        let (socket, watch) = Watched::new(socket);
        let handshake = http1::Builder::new()
            .max_headers(MAX_FIELDS)
            .max_header_size(MAX_HEAD)
            .handshake(TokioIo::new(socket));
        let (sender, driver) = handshake.await.map_err(failure::unusable)?;
        Ok(Box::new(Self {
            sender,
            driver: Driver::of(driver),
            driver_waker: DriverWaker::new(),
            watch,
            is_tls,
            can_be_asked,
            born: Instant::now(),
        }))
    }

    /// Whether the connection is young enough to carry another call.
    pub(crate) fn is_young(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.born) < MAX_CONNECTION_AGE
    }

    /// The first check: whether anything has arrived since the connection was kept. It peeks at the socket,
    /// without waiting and without the runtime.
    ///
    /// Under TLS, unread bytes can be a session ticket or a key update, which are no fault and which an end
    /// of the connection can follow. The second check reads them, so the first would add nothing and is
    /// skipped, which saves a system call.
    pub(crate) fn first_look(&self) -> Result<(), Untimely> {
        if self.is_tls {
            return Ok(());
        }
        match self.watch.arrived() {
            Arrived::Nothing => Ok(()),
            Arrived::Bytes => Err(Untimely::Surplus),
            Arrived::End | Arrived::Unknown => Err(Untimely::End),
        }
    }

    /// Whether the peer sent unrequested bytes: before a request, or after a response.
    pub(crate) fn saw_surplus(&self) -> bool {
        self.driver.has_surplus || self.watch.untimely() == Some(Untimely::Surplus)
    }

    /// Sends one request and reads its response. Also returns whether the connection can be used again.
    pub(crate) async fn exchange(
        &mut self,
        request: Request<Full<Bytes>>,
        attempt: &Attempt,
    ) -> Result<(Response<Bytes>, Reuse), TransportError> {
        let (parts, body) = self.head(request, attempt).await?.into_parts();
        attempt.head_read(parts.status, &parts.headers);
        // If the response came before the whole request was written, the peer may never read the rest,
        // which would block the next call.
        let is_written = attempt.phase() != Phase::Write;
        attempt.reached(Phase::Body);
        self.watch.body_begins();
        let body = self.body(&parts, body).await;
        self.watch.end();
        let response = Response::from_parts(parts, body?);
        Ok((response, self.reuse(is_written)))
    }

    /// Whether the connection can carry another request, after a complete response.
    fn reuse(&mut self, is_written: bool) -> Reuse {
        self.driver.note_surplus();
        let is_fit =
            is_written && self.can_be_asked && self.sender.is_ready() && !self.saw_surplus();
        if is_fit { Reuse::Keep } else { Reuse::Drop }
    }

    /// Sends one request and reads the head of its response.
    async fn head(
        &mut self,
        mut request: Request<Full<Bytes>>,
        attempt: &Attempt,
    ) -> Result<Response<Incoming>, TransportError> {
        self.watch.start(attempt.clone());
        let informed = self.watch.clone();
        on_informational(&mut request, move |_informational| informed.informed());
        let waker = &self.driver_waker;
        let sent = waker.before_poll(|| self.sender.send_request(request));
        let mut exchange = pin!(unconstrained(sent));
        let mut floor = Floor::default();
        let (driver, watch) = (&mut self.driver, &self.watch);
        let mut responded = || {
            // Checked first, since the response can arrive together with the last of them.
            if watch.is_too_informed() {
                let error = failure::not_a_response(TOO_INFORMED, Phase::Headers);
                return Poll::Ready(Err(error));
            }
            let response = exchange.as_mut().poll(&mut driven());
            response.map_err(|source| no_response(watch, source, attempt.phase()))
        };
        let exchanged = poll_fn(|cx| {
            let drive = |cx: &mut Context<'_>| driver.poll(cx);
            let response = waker.poll(cx, drive, &mut responded);
            if response.is_ready() {
                return response;
            }
            let crawls = floor.poll(cx, watch);
            crawls.map(|()| Err(failure::too_slow(Phase::Headers)))
        });
        let response = exchanged.await?;
        require_no_switch(response.status())?;
        Ok(response)
    }

    /// Reads the body of a response.
    async fn body(&mut self, head: &Parts, body: Incoming) -> Result<Bytes, TransportError> {
        let mut read = pin!(read(head, body));
        let mut floor = Floor::default();
        let (driver, watch) = (&mut self.driver, &self.watch);
        poll_fn(|cx| {
            let drive = |cx: &mut Context<'_>| driver.poll(cx);
            let body = || read.as_mut().poll(&mut driven());
            let body = self.driver_waker.poll(cx, drive, body);
            if body.is_ready() {
                return body;
            }
            let crawls = floor.poll(cx, watch);
            crawls.map(|()| Err(failure::too_slow(Phase::Body)))
        })
        .await
    }
}

/// A context for futures that are polled right after the driver and make progress through it alone. The
/// driver wakes the task, and a second wake-up would only run the task once more.
fn driven() -> Context<'static> {
    Context::from_waker(Waker::noop())
}

/// Makes the error of a request that got no head of a response. hyper's error comes last, since it doesn't
/// reveal a failure of TLS, or input before the request.
fn no_response(watch: &Watch, source: hyper::Error, phase: Phase) -> TransportError {
    match (watch.objection(), watch.untimely()) {
        (Some(objection), _) => failure::tls_objects(objection, phase),
        (None, Some(untimely)) => failure::untimely(untimely, phase),
        (None, None) => failure::no_head(source, phase, watch.heard()),
    }
}

impl Drop for Connection {
    /// Closes the socket at once. Otherwise TLS would send `close_notify` first, which a peer that doesn't
    /// read could delay.
    fn drop(&mut self) {
        self.watch.close();
    }
}

type Http = http1::Connection<TokioIo<Watched>, Full<Bytes>>;

/// Reads and writes a connection's bytes whenever it is polled, until the connection has ended.
#[derive(Debug)]
struct Driver {
    /// `None` once the connection has ended. Dropping it ends the futures that wait for it.
    http: Option<Http>,
    /// Whether unread bytes were left when the connection ended.
    left_over: bool,
    has_surplus: bool,
}

impl Driver {
    fn of(http: Http) -> Self {
        Self {
            http: Some(http),
            left_over: false,
            has_surplus: false,
        }
    }

    fn poll(&mut self, cx: &mut Context<'_>) {
        let Some(http) = &mut self.http else { return };
        // A call that waits for a response gets the error. Without such a call, the error doesn't matter.
        if http.poll_without_shutdown(cx).is_ready()
            && let Some(http) = self.http.take()
        {
            self.left_over = !http.into_parts().read_buf.is_empty();
        }
    }

    /// Counts the bytes that were left as unrequested, since the response was complete without them.
    fn note_surplus(&mut self) {
        self.has_surplus = self.left_over;
    }
}

const TOO_INFORMED: &str = "more than 16 informational responses (1xx) preceded the response";

/// Whether a connection can carry another request.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Reuse {
    Drop,
    Keep,
}

/// Reads a body to its end, or fails if it is larger than the limit.
async fn read(head: &Parts, body: Incoming) -> Result<Bytes, TransportError> {
    require_plain_framing(&head.headers)?;
    let promised = usize::try_from(body.size_hint().lower());
    if promised.is_ok_and(|length| length > MAX_RESPONSE_BODY) {
        return Err(failure::too_large());
    }
    let body = Limited::new(body, MAX_RESPONSE_BODY).collect().await;
    Ok(body.map_err(failure::no_body)?.to_bytes())
}

/// Converts a request to origin-form (RFC 9112 §3.2.1): the path as its target, and the host as a header.
pub(crate) fn in_origin_form(
    request: Request<Bytes>,
) -> Result<Request<Full<Bytes>>, TransportError> {
    let (mut parts, body) = request.into_parts();
    let authority = parts
        .uri
        .authority()
        .map_or("", http::uri::Authority::as_str);
    let host = HeaderValue::from_str(authority).map_err(failure::unusable)?;
    parts.headers.insert(header::HOST, host);
    let path = parts.uri.path_and_query().cloned();
    parts.uri = path.map_or_else(|| Uri::from_static("/"), Uri::from);
    Ok(Request::from_parts(parts, Full::new(body)))
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};

    use payment_credentials_core::Host;

    use super::*;
    use crate::dial::Dialer;
    use crate::pipe::pipe;

    async fn connection() -> (Box<Connection>, DuplexStream) {
        let (dialer, mut listener) = pipe();
        let socket = dialer
            .dial(&Host::Name("localhost".into()), 80)
            .await
            .expect("a socket");
        let theirs = listener.accept().await.expect("its other end");
        let connection = Connection::over(socket, false).await;
        (connection.expect("a connection"), theirs)
    }

    fn request() -> Request<Full<Bytes>> {
        let request = Request::post("http://localhost/").body(Bytes::new());
        in_origin_form(request.expect("a request")).expect("a usable one")
    }

    #[tokio::test]
    async fn a_connection_that_is_dropped_is_closed_by_then() {
        let (mut connection, mut theirs) = connection().await;
        let attempt = Attempt::default();
        {
            let mut exchange = pin!(connection.exchange(request(), &attempt));
            let polled = poll_fn(|cx| Poll::Ready(exchange.as_mut().poll(cx))).await;
            assert!(polled.is_pending());
        }
        let watch = connection.watch.clone();
        drop(connection);
        assert!(!watch.has_call());
        let mut sent = Vec::new();
        let mut reads = pin!(theirs.read_to_end(&mut sent));
        let read = poll_fn(|cx| Poll::Ready(reads.as_mut().poll(cx))).await;
        assert!(read.is_ready(), "it is open still");
    }

    /// A call whose kept connection fails may make its second attempt over another connection.
    #[tokio::test]
    async fn a_connection_that_is_done_with_a_call_tells_it_nothing_more() {
        let (mut connection, mut theirs) = connection().await;
        let watch = connection.watch.clone();
        let attempt = Attempt::default();
        let response = b"HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\n\r\n";
        let (exchanged, ()) = tokio::join!(connection.exchange(request(), &attempt), async {
            while theirs.read_u8().await.expect("a request") != b'\n' {}
            theirs.write_all(response).await.expect("written");
        });
        let (_, reuse) = exchanged.expect("a response");
        assert_eq!((reuse, watch.has_call()), (Reuse::Keep, false));
    }
}
