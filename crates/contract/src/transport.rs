//! The contract of [`Transport`], and how to write a transport that keeps it.
//!
//! Implement [`Stage`] and pass it to [`run`]. The suite provides the [`Peer`] at the other end of the
//! connections. So a stage is a line or two: it makes a new transport, which dials the address that the
//! request names. Requests are plain `http` to 127.0.0.1. If the stage provides [TLS](Tls), the suite
//! sends `https` requests too, and tests what a transport does with TLS records that arrive before a
//! call's first byte. The suite tests nothing else of TLS, such as the validation of certificates.
//!
//! # Writing a transport
//!
//! A transport has one method: [`Transport::send`] takes an [`Outgoing`] and returns the response,
//! whatever its status, or a [`TransportError`]. The gateway does everything else in a call, from
//! signing to decoding.
//!
//! Before you choose an HTTP library, check that it
//!
//! - reports an error if a body is cut short, by its length or within its chunks, and if the peer
//!   closes the connection without a response;
//! - can dial another address than the URI's; otherwise, your transport has to refuse such requests;
//! - lets you check whether bytes have arrived on a kept connection; otherwise, keep none;
//! - shows you a response's transfer codings, or rejects all but `chunked`;
//! - lets you switch off redirects, retries, decompression and headers of its own;
//! - reads no environment variable, not even for timeouts.
//!
//! 1. **Where to dial.** [`Outgoing::destination`] has been validated. [`Destination::dialled`] is the
//!    host and port to dial, and [`Host::addresses`] has the addresses of a host that must not be looked
//!    up. SNI and the name in the certificate are the destination's host, and `Host` is the authority of
//!    the request's URI, whatever address you dial. If you can't dial another address than the URI's,
//!    refuse a destination with a `connect_to`; never ignore it. The error for a request that you refuse
//!    is [`TransportErrorKind::Connect`] in [`Phase::Connect`], `NotSent` and `Repeatability::Never`.
//! 2. **What to send.** Send the request's method, path and query, headers and body unchanged. Add
//!    `Host` and `Content-Length`, and `Connection` if you need it. Switch off whatever your HTTP
//!    library does by itself: redirects, retries, cookies, decompression, proxies from the
//!    environment, its own `User-Agent`. Reject a path that the library would change.
//! 3. **Report the progress.** Call [`Attempt::reached`] *before* each step: `Connect`, `Tls`,
//!    `Write`, `Headers`, `Body`. The code that holds the call's deadline reads the phase when the
//!    deadline passes. You may skip steps, but never be further than you report. If your library doesn't
//!    let you see the steps, report none: your caller, gateway or suite, has set `Phase::Transport`,
//!    which means *unknown*. Never report `Connect` and then no later step: the call would count as
//!    not sent.
//!
//!    If you report `Connect` or `Tls`, call [`Attempt::may_leave`] right before the first byte; this
//!    reports `Write` too. If it returns false, write nothing and return `Connect`, `NotSent` and
//!    `Never`: the caller has given up the call meanwhile, and may have reported it as not sent.
//!
//!    Call [`Attempt::head_read`] as soon as you have the head of the response, before you read its
//!    body.
//! 4. **Report the outcome.** An error names its kind, delivery, phase and [`Repeatability`]. `NotSent`
//!    means that not one byte of the request can have reached a connection. If in doubt, use `Unknown`.
//!    [`Phase::delivery`] returns the right delivery for a phase. If you can't see the phase, use
//!    `Phase::Transport`. If a connection ends before the first byte of the response, the kind is
//!    [`TransportErrorKind::Reset`]; if it ends after that, the kind is `Framing`. If the response
//!    exceeds a cap, the kind is `TooLarge`. If a time limit of your own passes, the kind is `Deadline`,
//!    provided that you know the cause. `Repeatability::Safe` goes with `NotSent` alone, because `Safe`
//!    invites a second attempt. A later failure is `MayRepeat`. A failure that another attempt can't
//!    fix, such as an untrusted certificate, is `Never`.
//! 5. **What to read.** Read a body to its end or return an error, and read at most
//!    [`MAX_RESPONSE_BODY`] bytes of it. If the body of a refusal is cut, return an error too: the
//!    gateway decides what the call returns, because it has the head from you. Cap the head too, at
//!    about 64 KiB: the service's head has less than 1 KiB. Skip up to sixteen informational responses
//!    (1xx) and reject the seventeenth, and reject a switch of protocols (101). A body ends by its one
//!    `Content-Length` or by chunks; if a response has both, the chunks count (RFC 9112 §6.3). A 204 or
//!    a 304 has no body. Reject any other transfer coding, because the end of such a body can't be
//!    distinguished from a cut ([`require_plain_framing`] refuses it). The error for a response that
//!    breaks these rules is [`TransportErrorKind::Framing`] and `Unknown`. A length that doesn't fit
//!    a `u64` is no number, so it is `Framing` too; a length that is only over the cap is `TooLarge`. If
//!    your library decides otherwise and you can't see that, declare it: see [`Stage::differs`] and
//!    [`Case`].
//! 6. **Which connections to keep.** Keep a connection only if its response was read to its end (for
//!    chunks, to the line behind the trailers), with nothing after it and without `Connection: close`.
//!    Close a connection after a fault or a dropped call. Before you reuse a connection, and while you
//!    still report `Connect`, check your own read buffer, and check the socket for bytes and for an end,
//!    with a `peek` that doesn't block. The `peek` must query the operating system, not the readiness that your runtime
//!    remembers. (tokio's `try_read` may use remembered readiness: keep idle sockets as
//!    `std::net::TcpStream`, or peek through `socket2`.) Unsolicited bytes would be taken for this call's
//!    response, and on a connection that the peer has ended no response comes. In both cases, close
//!    the connection and take another one: nothing has left, so this is no second attempt. You can't see
//!    bytes that arrive between the check and your first byte: from that byte on the call is `Unknown`.
//!    With TLS, the bytes may be a ticket: read them through TLS, and check what is left. If your library
//!    doesn't let you check, keep no connection.
//!
//!    A blocking client runs on a thread of its own. Its connection may outlive a dropped call until
//!    your time limits pass, if nothing else is ever sent on that connection.
//!
//! The following example is a complete transport, over blocking sockets and without TLS. It keeps
//! connections, so `take` checks a connection for bytes before it is used again. A transport that keeps
//! no connections needs neither `take` nor `put`. A transport for production dials, waits and makes TLS
//! handshakes on its async runtime, and limits the time of each step and the number of connections that
//! it keeps.
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
//!     /// Takes a kept connection to this destination on which nothing has arrived since.
//!     fn take(&self, destination: &Destination) -> Option<BufReader<TcpStream>> {
//!         let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
//!         loop {
//!             let at = idle.iter().rposition(|(to, _)| **to == *destination)?;
//!             let (_, stream) = idle.remove(at);
//!             // Every other connection is dropped, which closes it.
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
//! /// Whether the connection is open and has no bytes to read, by a query that doesn't block.
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
//!         // From here on, the service may have received bytes of the request.
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
//!         // An error before this line drops the connection, which closes it.
//!         if from.buffer().is_empty() && !closes(response.headers()) {
//!             self.put(outgoing.destination(), from);
//!         }
//!         Ok(response)
//!     }
//! }
//!
//! const MAX_HEAD: u64 = 64 * 1024;
//!
//! /// Whether the peer closes the connection after this response (RFC 9110 §7.6.1).
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
//! /// Skips informational responses, and reads the head of the final one.
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
//! /// Parses digits alone; the parser of `std` would accept a sign too.
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
//! /// Reads `count` bytes, unless the body would get too large.
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
//! /// The error of a call that is not attempted, and whose repetition would fail too.
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
//!         // The socket's own time limit passed.
//!         (TimedOut | WouldBlock, _) => (TransportErrorKind::Deadline, Repeatability::Never),
//!         (ConnectionReset, Phase::Headers) => (TransportErrorKind::Reset, Repeatability::MayRepeat),
//!         _ => (kind, Repeatability::MayRepeat),
//!     };
//!     TransportError::new(kind, phase.delivery(), phase, repeatability).with_source(source)
//! }
//!
//! /// Sets up the transport for the suite.
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
//!             Scenario::Connected | Scenario::Unsolicited | Scenario::Unreachable => {
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
//! To stage [`Scenario::Process`], a test binary starts itself, and runs a test that is ignored otherwise:
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
//! In [`Scenario::Tls12`] and [`Scenario::Tls13`] the peer uses TLS, through a [`TlsSession`] that the
//! stage makes for each connection. A session decrypts the client's records and encrypts the peer's plain
//! text. The suite carries the records, so that it can send unsolicited data at the moment that it chooses:
//!
//! | unsolicited data | on a kept connection | on a fresh one | required outcome of the call |
//! |---|---|---|---|
//! | a response, an early 408, a `close_notify` | between two calls | in one piece with the peer's `Finished` | its own response, over another connection, or `NotSent` with no byte sent |
//! | an end without `close_notify` | between two calls | right after `Finished` | the same; on a fresh connection also `Unknown`, because the first byte may have left before the end arrived |
//! | a reset | between two calls | not staged | the same |
//! | tickets and new keys (TLS 1.3) | new keys between two calls | when the client's `Finished` has arrived | its own response, and no more connections than with TLS 1.2 |
//!
//! If [`Scenario::Dropped`] can be staged, the suite also drops calls on connections where an unsolicited
//! response has already arrived: no later call may return that response. A transport that can't see its
//! first byte leave declares [`Case::Greetings`]. It may then report `Unknown` on a fresh connection, but
//! never returns the unsolicited response. No peer can stage data that arrives between the check of a
//! kept connection and the first byte.
//!
//! A stage that doesn't provide TLS declares both scenarios, and the report shows that. With rustls:
//!
//! - `send_half_rtt_data` lets TLS 1.3 write right after its own `Finished`, as `can_encrypt` requires;
//! - `ServerConfig::send_tls13_tickets` must not be 0: rustls sends this number of tickets by itself;
//! - `refresh_traffic_keys` implements `update_keys`, and `send_close_notify` implements `close_notify`.
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
//!     fn decrypt(&mut self, mut records: &[u8]) -> io::Result<Vec<u8>> {
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
//!     fn can_encrypt(&self) -> bool {
//!         let version = self.0.protocol_version();
//!         !self.0.is_handshaking() || version == Some(ProtocolVersion::TLSv1_3)
//!     }
//!
//!     fn encrypt(&mut self, plain: &[u8]) -> io::Result<()> {
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
//!     fn take_records(&mut self) -> io::Result<Vec<u8>> {
//!         let mut records = Vec::new();
//!         while self.0.wants_write() {
//!             self.0.write_tls(&mut records)?;
//!         }
//!         Ok(records)
//!     }
//! }
//!
//! /// The TLS for [`Staged::tls`], from a configuration with one version and a certificate for
//! /// `localhost`.
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
//! [`require_plain_framing`]: payment_credentials_core::wire::require_plain_framing
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
pub use peer::{Action, Connection, Peer};
pub use stage::{Scenario, Stage, Staged};
pub use tls::{Tls, TlsSession};

use peer::{Play, Reply};

/// Tests every clause of [`Transport`](payment_credentials_core::seam::Transport)'s contract, in the order of
/// that trait's page.
///
/// Stages each scenario several times: set up a new transport each time. Call [`Report::assert_kept`] on the
/// result.
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

/// The mistakes in the declaration of what can't be staged.
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
            | Scenario::Unsolicited => Play::answers(|_| Reply::new("").closing()),
        };
        match Peer::new(play) {
            Ok(peer) => staged.push((scenario, stage.stage(scenario, &peer).await.is_some())),
            Err(refused) => return vec![format!("the suite can't listen on 127.0.0.1: {refused}")],
        }
    }
    misdeclared(stage.cannot(), &staged)
}
