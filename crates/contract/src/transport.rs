//! The contract of [`Transport`], and how to write a transport that keeps it.
//!
//! Implement [`Stage`], and hand it to [`run`]. The suite brings the [`Peer`] at the other end of
//! the connections, so a stage is a line or two: a new transport, which dials where the request
//! says. Requests are plain `http` to 127.0.0.1, and `https` where the stage brings [TLS](Tls): then the
//! suite stages what comes in records before a call's first byte. What else a transport promises of
//! TLS, such as the check of certificates, isn't tried here.
//!
//! # Writing a transport
//!
//! One method: [`Transport::send`] takes an [`Outgoing`] and returns the response, whatever its
//! status, or a [`TransportError`]. Everything else of a call, from signing to decoding, is the
//! gateway's.
//!
//! Before you choose an HTTP library, check that it
//!
//! - reports a body that is cut short, by its length or within its chunks, as an error, and a
//!   hang-up too;
//! - can dial another address than the URI's, or you refuse that;
//! - lets you ask a kept connection what has come, or keep none;
//! - shows you a response's transfer codings, or refuses all but `chunked`;
//! - lets you switch off redirects, retries, decompression and headers of its own;
//! - reads no variable of the environment, timeouts included.
//!
//! 1. **Where to dial.** [`Outgoing::destination`] has been proved: [`Destination::dialled`] is who
//!    is dialled, and [`Host::addresses`] has the addresses of a host that must not be looked up.
//!    SNI and the certificate's name are the destination's host, and `Host` is the authority of the
//!    request's URI, wherever the connection leads. If you can't dial another address than you name,
//!    refuse a destination with a `connect_to`; never ignore it. What you refuse to do is
//!    [`TransportErrorKind::Connect`] in [`Phase::Connect`], `NotSent` and `Repeatability::Never`.
//! 2. **What to send.** The request's method, path and query, headers and body as they are, and
//!    `Host` and `Content-Length`; `Connection`, if you need it. Switch off whatever your HTTP
//!    library does by itself: redirects, retries, cookies, decompression, proxies from the
//!    environment, a `User-Agent` of its own. A path that it would change is rejected.
//! 3. **Report how far it is.** Call [`Attempt::reached`] *before* each step: `Connect`, `Tls`,
//!    `Write`, `Headers`, `Body`. The holder of the call's deadline reads it when the time runs
//!    out. You may skip steps, but never be further than you report. If your library doesn't let you
//!    see the steps, leave the record alone: your caller, gateway or suite, has set
//!    `Phase::Transport`, which stands for *unknown*. Telling `Connect` and then nothing more is the
//!    one thing that must not be: the call would count as not sent.
//!
//!    Where you report `Connect` or `Tls`, ask [`Attempt::may_leave`] right before the first byte, which
//!    reports `Write` too. If it is false, write nothing and return `Connect`, `NotSent` and `Never`: the
//!    call has been given up meanwhile, and may have been reported as not sent.
//!
//!    Call [`Attempt::head_read`] as soon as you have the head of the response, before you read its
//!    body.
//! 4. **What came of it.** An error names its kind, delivery, phase and [`Repeatability`]. `NotSent`
//!    means that not one byte of the request can have reached a connection. In doubt it is `Unknown`.
//!    [`Phase::delivery`] has the right one for a phase; where you can't see the phase it is
//!    `Phase::Transport`. A connection that ends before a byte of the response is
//!    [`TransportErrorKind::Reset`], and `Framing` after that; what is over a cap is `TooLarge`, and a
//!    limit of your own that passes is `Deadline`, where you know. `Repeatability::Safe` goes with
//!    `NotSent` alone, since it invites a second attempt; what failed after that is `MayRepeat`, and what
//!    another attempt can't mend, such as a certificate that nobody vouches for, is `Never`.
//! 5. **What to read.** A body to its end or not at all, and at most [`MAX_RESPONSE_BODY`] bytes of
//!    it. What becomes of a refusal whose body breaks off is the gateway's: it has the head from you.
//!    Cap the head too, at some 64 KiB: the service's has less than one. Skip sixteen informational
//!    responses (1xx) and not one more, and refuse to switch protocols (101). A body ends by its one
//!    `Content-Length` or by chunks, which count where both are there (RFC 9112 §6.3), and a 204 or a
//!    304 has none; refuse any other transfer coding, whose end can't be distinguished from a cut
//!    ([`is_plainly_framed`] recognises it). What breaks these rules is [`TransportErrorKind::Framing`] and `Unknown`; so is a length that fits no `u64`, which
//!    is no number, while one that is only over the cap is `TooLarge`. Where your library decides otherwise
//!    and lets you see nothing of it, declare that: see [`Stage::differs`] and [`Case`].
//! 6. **Which connection to keep.** One whose response was read to its end (chunks to the line behind
//!    their trailers), with nothing after it, and without `Connection: close`; and that is all. A
//!    fault or a dropped call ends its connection. Before you use one again, while you still report
//!    `Connect`, look into your own read buffer and ask the operating system what lies in the socket,
//!    without waiting, and past what your runtime remembers of it: a `peek` that doesn't block. (tokio's
//!    `try_read` may answer from remembered readiness: keep idle sockets as `std::net::TcpStream`, or peek
//!    through `socket2`.) Bytes that nobody asked for would be this call's
//!    response, and behind an end nobody answers. Close it then, and take another: nothing has left,
//!    so that is no second attempt. What comes between the look and your first byte you can't see:
//!    from that byte on the call is `Unknown`. With TLS, bytes may be a ticket: read them through it, and look
//!    at what is left. If your library doesn't let you ask, keep no connection.
//!
//!    A blocking client runs on a thread of its own; its connection may outlive a dropped call up to
//!    your limits, if nothing else is ever sent on it.
//!
//! This is a whole transport, over blocking sockets and without TLS. It keeps connections, so `take`
//! asks each of them what has come before it is used again; one that kept none would do without `take`
//! and `put`. A transport for production dials, waits and shakes hands on its runtime, and limits each
//! step and how many connections it keeps.
//!
//! ```
//! use std::io::{self, BufRead, BufReader, Read, Write};
//! use std::net::TcpStream;
//! use std::sync::{Arc, Mutex, PoisonError};
//! use std::time::Duration;
//!
//! use async_trait::async_trait;
//! use bytes::Bytes;
//! use http::{HeaderMap, HeaderName, Request, Response, StatusCode, header};
//! use payment_credentials_contract::transport::{self, Peer, Scenario, Stage, Staged};
//! use payment_credentials_core::seam::{Outgoing, Transport};
//! use payment_credentials_core::wire::MAX_RESPONSE_BODY;
//! use payment_credentials_core::{
//!     Destination, Phase, Repeatability, TransportError, TransportErrorKind,
//! };
//!
//! #[derive(Debug, Default)]
//! struct Blocking {
//!     idle: Mutex<Vec<(Arc<Destination>, BufReader<TcpStream>)>>,
//! }
//!
//! impl Blocking {
//!     /// A kept connection to that address that nothing has come on since.
//!     fn take(&self, destination: &Destination) -> Option<BufReader<TcpStream>> {
//!         let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
//!         loop {
//!             let at = idle.iter().rposition(|(to, _)| **to == *destination)?;
//!             let (_, stream) = idle.remove(at);
//!             // Any other is dropped, which closes it.
//!             if stream.buffer().is_empty() && is_quiet(stream.get_ref()).unwrap_or(false) {
//!                 return Some(stream);
//!             }
//!         }
//!     }
//!
//!     fn put(&self, destination: &Arc<Destination>, stream: BufReader<TcpStream>) {
//!         let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
//!         idle.push((Arc::clone(destination), stream));
//!     }
//! }
//!
//! /// Whether the connection is open and nothing lies in it: asks the operating system, without waiting.
//! fn is_quiet(stream: &TcpStream) -> io::Result<bool> {
//!     stream.set_nonblocking(true)?;
//!     let peeked = stream.peek(&mut [0]);
//!     stream.set_nonblocking(false)?;
//!     Ok(peeked.is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock))
//! }
//!
//! #[async_trait]
//! impl Transport for Blocking {
//!     async fn send(&self, outgoing: Outgoing) -> Result<Response<Bytes>, TransportError> {
//!         use TransportErrorKind::{Connect, Framing, Reset};
//!         let at = |phase| {
//!             outgoing.attempt().reached(phase);
//!             phase
//!         };
//!         let phase = at(Phase::Connect);
//!         let mut from = match self.take(outgoing.destination()) {
//!             Some(kept) => kept,
//!             None => BufReader::new(dial(&outgoing).map_err(|source| failed(Connect, phase, source))?),
//!         };
//!
//!         // From here on, the service may have seen something of the request.
//!         if !outgoing.attempt().may_leave() {
//!             return Err(failed(Connect, phase, refused("the call was given up")));
//!         }
//!         let phase = Phase::Write;
//!         let written = from.get_ref().write_all(&encode(outgoing.request()));
//!         written.map_err(|source| failed(Reset, phase, source))?;
//!
//!         let phase = at(Phase::Headers);
//!         let most = MAX_HEAD + 2 * MAX_RESPONSE_BODY as u64;
//!         let mut limited = (&mut from).take(most);
//!         let response = read_response(&mut limited);
//!         let mut response = response.map_err(|source| failed(Framing, phase, source))?;
//!         outgoing.attempt().head_read(response.status(), response.headers());
//!
//!         let phase = at(Phase::Body);
//!         let body = read_body(&mut limited, response.headers());
//!         *response.body_mut() = body.map_err(|source| failed(Framing, phase, source))?;
//!         // On every error before this line the connection was dropped, and so closed.
//!         if from.buffer().is_empty() && !closes(response.headers()) {
//!             self.put(outgoing.destination(), from);
//!         }
//!         Ok(response)
//!     }
//! }
//!
//! const MAX_HEAD: u64 = 64 * 1024;
//!
//! /// Whether the peer closes the connection behind this response (RFC 9110 §7.6.1).
//! fn closes(headers: &HeaderMap) -> bool {
//!     let options = headers.get_all(header::CONNECTION).iter();
//!     let mut options = options.flat_map(|value| value.as_bytes().split(|byte| *byte == b','));
//!     options.any(|option| option.trim_ascii().eq_ignore_ascii_case(b"close"))
//! }
//!
//! fn dial(outgoing: &Outgoing) -> io::Result<TcpStream> {
//!     if outgoing.destination().is_tls() {
//!         return Err(refused("this transport speaks no TLS"));
//!     }
//!     let (host, port) = outgoing.destination().dialled();
//!     let stream = match host.addresses(port) {
//!         Some(addresses) => TcpStream::connect(&*addresses)?,
//!         None => TcpStream::connect((&*host.to_string(), port))?,
//!     };
//!     stream.set_read_timeout(Some(Duration::from_secs(30)))?;
//!     stream.set_write_timeout(Some(Duration::from_secs(30)))?;
//!     Ok(stream)
//! }
//!
//! fn encode(request: &Request<Bytes>) -> Vec<u8> {
//!     let (uri, length) = (request.uri(), request.body().len());
//!     let path = uri.path_and_query().map_or("/", |path| path.as_str());
//!     let host = uri.authority().map_or("", |authority| authority.as_str());
//!     let mut bytes = format!("{} {path} HTTP/1.1\r\n", request.method()).into_bytes();
//!     bytes.extend(format!("host: {host}\r\ncontent-length: {length}\r\n").into_bytes());
//!     for (name, value) in request.headers() {
//!         bytes.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
//!     }
//!     bytes.extend(b"\r\n");
//!     bytes.extend(request.body());
//!     bytes
//! }
//!
//! const MAX_INFORMATIONAL: usize = 16;
//!
//! /// Reads the head of the response, past informational ones.
//! fn read_response(from: &mut impl BufRead) -> io::Result<Response<Bytes>> {
//!     for _ in 0..=MAX_INFORMATIONAL {
//!         let response = read_head(from)?;
//!         match response.status() {
//!             StatusCode::SWITCHING_PROTOCOLS => break,
//!             status if status.is_informational() => {}
//!             _ => return Ok(response),
//!         }
//!     }
//!     Err(malformed())
//! }
//!
//! fn read_head(from: &mut impl BufRead) -> io::Result<Response<Bytes>> {
//!     let mut from = from.take(MAX_HEAD);
//!     let line = read_line(&mut from)?;
//!     let status = line.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.split(' ').next());
//!     let mut response = Response::builder().status(status.ok_or_else(malformed)?);
//!     loop {
//!         let line = read_line(&mut from)?;
//!         if line.is_empty() {
//!             return response.body(Bytes::new()).map_err(io::Error::other);
//!         }
//!         let (name, value) = line.split_once(':').ok_or_else(malformed)?;
//!         response = response.header(name, value.trim());
//!     }
//! }
//!
//! fn read_body(from: &mut impl BufRead, headers: &HeaderMap) -> io::Result<Bytes> {
//!     if let Some(coding) = only(headers, header::TRANSFER_ENCODING)? {
//!         if !coding.eq_ignore_ascii_case("chunked") {
//!             return Err(malformed());
//!         }
//!         return read_chunks(from);
//!     }
//!     let length = only(headers, header::CONTENT_LENGTH)?.ok_or_else(malformed)?;
//!     let mut body = Vec::new();
//!     read_more(from, number(length, 10)?, &mut body)?;
//!     Ok(body.into())
//! }
//!
//! /// A header's value; an error if there is more than one.
//! fn only(headers: &HeaderMap, name: HeaderName) -> io::Result<Option<&str>> {
//!     let mut values = headers.get_all(name).iter();
//!     match (values.next(), values.next()) {
//!         (Some(value), None) => value.to_str().map(Some).map_err(io::Error::other),
//!         (None, _) => Ok(None),
//!         (Some(_), Some(_)) => Err(malformed()),
//!     }
//! }
//!
//! /// Digits alone: Rust would take a sign too.
//! fn number(text: &str, radix: u32) -> io::Result<usize> {
//!     if !text.chars().all(|digit| digit.is_digit(radix)) {
//!         return Err(malformed());
//!     }
//!     usize::from_str_radix(text, radix).map_err(io::Error::other)
//! }
//!
//! fn read_chunks(from: &mut impl BufRead) -> io::Result<Bytes> {
//!     let mut body = Vec::new();
//!     loop {
//!         let line = read_line(from)?;
//!         let (size, _extension) = line.split_once(';').unwrap_or((&line, ""));
//!         let size = number(size, 16)?;
//!         if size == 0 {
//!             while !read_line(from)?.is_empty() {}
//!             return Ok(body.into());
//!         }
//!         read_more(from, size, &mut body)?;
//!         if !read_line(from)?.is_empty() {
//!             return Err(malformed());
//!         }
//!     }
//! }
//!
//! /// Reads so many bytes, unless the body gets too large.
//! fn read_more(from: &mut impl Read, count: usize, body: &mut Vec<u8>) -> io::Result<()> {
//!     let start = body.len();
//!     if count > MAX_RESPONSE_BODY - start {
//!         return Err(io::ErrorKind::FileTooLarge.into());
//!     }
//!     body.resize(start + count, 0);
//!     from.read_exact(&mut body[start..])
//! }
//!
//! fn read_line(from: &mut impl BufRead) -> io::Result<String> {
//!     let mut line = String::new();
//!     from.read_line(&mut line)?;
//!     line.strip_suffix("\r\n").map(str::to_owned).ok_or_else(malformed)
//! }
//!
//! fn malformed() -> io::Error {
//!     io::ErrorKind::InvalidData.into()
//! }
//!
//! /// What won't be tried, and would be no different another time.
//! fn refused(why: &'static str) -> io::Error {
//!     io::Error::new(io::ErrorKind::Unsupported, why)
//! }
//!
//! fn failed(kind: TransportErrorKind, phase: Phase, source: io::Error) -> TransportError {
//!     use io::ErrorKind::{ConnectionReset, FileTooLarge, TimedOut, Unsupported, WouldBlock};
//!     let (kind, repeatability) = match (source.kind(), phase) {
//!         (Unsupported, _) => (kind, Repeatability::Never),
//!         (FileTooLarge, _) => (TransportErrorKind::TooLarge, Repeatability::Never),
//!         (_, Phase::Connect) => (kind, Repeatability::Safe),
//!         // A socket's own limit passed.
//!         (TimedOut | WouldBlock, _) => (TransportErrorKind::Deadline, Repeatability::Never),
//!         (ConnectionReset, Phase::Headers) => (TransportErrorKind::Reset, Repeatability::MayRepeat),
//!         _ => (kind, Repeatability::MayRepeat),
//!     };
//!     TransportError::new(kind, phase.delivery(), phase, repeatability).with_source(source)
//! }
//!
//! /// How the suite gets at it.
//! struct BlockingStage;
//!
//! #[async_trait]
//! impl Stage for BlockingStage {
//!     fn cannot(&self) -> &[(Scenario, &'static str)] {
//!         &[
//!             (Scenario::Dropped, "it blocks its thread"),
//!             (Scenario::Process, "a doc test has no program to start"),
//!             (Scenario::Tls12, "it speaks no TLS"),
//!             (Scenario::Tls13, "it speaks no TLS"),
//!         ]
//!     }
//!
//!     async fn stage(&self, scenario: Scenario, _peer: &Peer) -> Option<Staged> {
//!         match scenario {
//!             Scenario::Connected | Scenario::Unasked | Scenario::Unreachable => {
//!                 Some(Staged::transport(Blocking::default()))
//!             }
//!             _ => None,
//!         }
//!     }
//! }
//!
//! # pollster::block_on(async {
//! let report = transport::run(&BlockingStage).await;
//! report.assert_kept();
//! println!("{report}");
//! # });
//! ```
//!
//! To stage [`Scenario::Process`], a test binary starts itself with a test that is run only then:
//!
//! ```no_run
//! # use std::process::Command;
//! # use payment_credentials_contract::transport::{Staged, send_from_process};
//! # use payment_credentials_core::seam::Transport;
//! fn process() -> std::io::Result<Staged> {
//!     let mut this = Command::new(std::env::current_exe()?);
//!     this.args(["--ignored", "--exact", "a_call_from_a_process"]);
//!     Ok(Staged::Process(this))
//! }
//!
//! # #[derive(Debug)]
//! # struct Nowhere;
//! # #[async_trait::async_trait]
//! # impl Transport for Nowhere {
//! #     async fn send(
//! #         &self,
//! #         _: payment_credentials_core::seam::Outgoing,
//! #     ) -> Result<http::Response<bytes::Bytes>, payment_credentials_core::TransportError> {
//! #         unreachable!("it is compiled, not run")
//! #     }
//! # }
//! # fn my_transport() -> Nowhere { Nowhere }
//! # /*
//! #[tokio::test]
//! #[ignore = "run by the suite, in a process with hostile variables"]
//! # */
//! async fn a_call_from_a_process() {
//!     send_from_process(my_transport()).await;
//! }
//! ```
//!
//! # The stage brings TLS
//!
//! For [`Scenario::Tls12`] and [`Scenario::Tls13`] the peer speaks TLS, by a [`TlsSession`] that the
//! stage makes for each connection: records in, plain text out, and back. The suite carries them, so
//! that it can say something unasked at the moment that it chooses:
//!
//! | what comes | on a kept connection | on a fresh one | what must become of the call |
//! |---|---|---|---|
//! | a response, an early 408, a `close_notify` | between two calls | in one piece with the peer's `Finished` | its own response, over another connection, or `NotSent` with no byte sent |
//! | an end without `close_notify` | between two calls | right behind `Finished` | the same; on a fresh one `Unknown` too, since the first byte may have gone before |
//! | a reset | between two calls | not staged | the same |
//! | tickets and new keys (TLS 1.3) | new keys between two calls | when the client's `Finished` has come | its own response, and no connection more than with TLS 1.2 |
//!
//! A call that is dropped where a stray response lies there already leaves nothing that a later one
//! takes, if [`Scenario::Dropped`] can be staged. A transport that can't see its first byte leave
//! declares [`Case::Greetings`]: it may say `Unknown` on a fresh connection, and never takes the stray
//! answer. What comes between the look at a kept connection and the first byte no peer can stage.
//!
//! A stage that doesn't bring TLS declares both scenarios, and the report shows that. With rustls:
//!
//! - `send_half_rtt_data` has TLS 1.3 write behind its own `Finished`, as `may_speak` says;
//! - `ServerConfig::send_tls13_tickets` isn't 0: rustls sends so many tickets by itself;
//! - `refresh_traffic_keys` and `send_close_notify` are what their methods do.
//!
//! ```
//! use std::io::{self, Read, Write};
//! use std::sync::Arc;
//!
//! use payment_credentials_contract::transport::{Tls, TlsSession};
//! use rustls::{ProtocolVersion, ServerConfig, ServerConnection};
//!
//! struct Session(ServerConnection);
//!
//! impl TlsSession for Session {
//!     fn hear(&mut self, mut records: &[u8]) -> io::Result<Vec<u8>> {
//!         let mut plain = Vec::new();
//!         while !records.is_empty() {
//!             self.0.read_tls(&mut records)?;
//!             let state = self.0.process_new_packets().map_err(io::Error::other)?;
//!             let count = state.plaintext_bytes_to_read() as u64;
//!             self.0.reader().take(count).read_to_end(&mut plain)?;
//!         }
//!         Ok(plain)
//!     }
//!
//!     fn may_speak(&self) -> bool {
//!         let version = self.0.protocol_version();
//!         !self.0.is_handshaking() || version == Some(ProtocolVersion::TLSv1_3)
//!     }
//!
//!     fn speak(&mut self, plain: &[u8]) -> io::Result<()> {
//!         self.0.writer().write_all(plain)
//!     }
//!
//!     fn close_notify(&mut self) {
//!         self.0.send_close_notify();
//!     }
//!
//!     fn update_keys(&mut self) -> io::Result<()> {
//!         self.0.refresh_traffic_keys().map_err(io::Error::other)
//!     }
//!
//!     fn records(&mut self) -> io::Result<Vec<u8>> {
//!         let mut records = Vec::new();
//!         while self.0.wants_write() {
//!             self.0.write_tls(&mut records)?;
//!         }
//!         Ok(records)
//!     }
//! }
//!
//! /// For [`Staged::tls`], with a configuration of one version and a certificate of `localhost`.
//! ///
//! /// [`Staged::tls`]: payment_credentials_contract::transport::Staged::tls
//! fn tls(mut config: ServerConfig) -> Tls {
//!     config.send_half_rtt_data = true;
//!     let config = Arc::new(config);
//!     Tls::new(move || {
//!         let session = ServerConnection::new(Arc::clone(&config));
//!         Box::new(Session(session.expect("a usable configuration")))
//!     })
//! }
//! ```
//!
//! [`MAX_RESPONSE_BODY`]: payment_credentials_core::wire::MAX_RESPONSE_BODY
//! [`is_plainly_framed`]: payment_credentials_core::wire::is_plainly_framed
//! [`Outgoing`]: payment_credentials_core::seam::Outgoing
//! [`Phase::Connect`]: payment_credentials_core::Phase::Connect
//! [`Phase::delivery`]: payment_credentials_core::Phase::delivery
//! [`Attempt::head_read`]: payment_credentials_core::seam::Attempt::head_read
//! [`Attempt::may_leave`]: payment_credentials_core::seam::Attempt::may_leave
//! [`Attempt::reached`]: payment_credentials_core::seam::Attempt::reached
//! [`Destination::dialled`]: payment_credentials_core::Destination::dialled
//! [`Host::addresses`]: payment_credentials_core::Host::addresses
//! [`Outgoing::destination`]: payment_credentials_core::seam::Outgoing::destination
//! [`Transport`]: payment_credentials_core::seam::Transport
//! [`Transport::send`]: payment_credentials_core::seam::Transport::send
//! [`Repeatability`]: payment_credentials_core::Repeatability
//! [`TransportError`]: payment_credentials_core::TransportError
//! [`TransportErrorKind::Connect`]: payment_credentials_core::TransportErrorKind::Connect
//! [`TransportErrorKind::Reset`]: payment_credentials_core::TransportErrorKind::Reset
//! [`TransportErrorKind::Framing`]: payment_credentials_core::TransportErrorKind::Framing

mod bench;
mod call;
mod case;
mod clauses;
mod peer;
mod stage;
mod tls;

use crate::report::{Report, misdeclared};

pub use case::Case;
pub use clauses::send_from_process;
pub use peer::{Connection, Peer, Say};
pub use stage::{Scenario, Stage, Staged};
pub use tls::{Tls, TlsSession};

use peer::{Play, Reply};

/// Tries every clause, in the order of the trait's documentation.
pub async fn run(stage: &dyn Stage) -> Report {
    let mut report = Report::new("Transport", declaration(stage).await);
    report.add(clauses::as_it_is(stage).await);
    report.add(clauses::whole_or_not_at_all(stage).await);
    report.add(clauses::strict_about_framing(stage).await);
    report.add(clauses::the_head_is_reported(stage).await);
    report.add(clauses::bounded(stage).await);
    report.add(clauses::knows_what_it_sent(stage).await);
    report.add(clauses::no_borrowed_responses(stage).await);
    report.add(clauses::nothing_from_the_environment(stage).await);
    report
}

/// Where the declaration of what can't be staged is wrong.
async fn declaration(stage: &dyn Stage) -> Vec<String> {
    let mut staged = Vec::new();
    for scenario in Scenario::ALL {
        let play = match scenario {
            Scenario::Unreachable => Play::Refuses,
            Scenario::Connected
            | Scenario::Dropped
            | Scenario::Process
            | Scenario::Tls12
            | Scenario::Tls13
            | Scenario::Unasked => Play::answers(|_| Reply::new("").closing()),
        };
        match Peer::new(play) {
            Ok(peer) => staged.push((scenario, stage.stage(scenario, &peer).await.is_some())),
            Err(refused) => return vec![format!("no port of 127.0.0.1 to listen on: {refused}")],
        }
    }
    misdeclared(stage.cannot(), &staged)
}
