//! A small HTTP/1.1 client over a peer's pipe or over TCP.

use std::io::{self, BufRead as _, Read as _, Write as _};
use std::net::TcpStream;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request, Response, StatusCode};
use payment_credentials_contract::transport::{Action, Case, Connection};
use payment_credentials_core::seam::Attempt;
use rustls::{ClientConnection, StreamOwned};

use crate::ports::tick;

/// The connection that carries the bytes.
#[derive(Debug)]
pub(crate) enum Wire {
    Pipe(Connection),
    Tcp(TcpStream),
    Tls(Box<StreamOwned<ClientConnection, TcpStream>>),
}

impl Wire {
    pub(crate) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Pipe(pipe) => {
                pipe.receive(bytes);
                Ok(())
            }
            Self::Tcp(tcp) => tcp.write_all(bytes),
            Self::Tls(tls) => tls.write_all(bytes),
        }
    }

    /// Appends the bytes that can be read; returns false at the end of the connection.
    pub(crate) async fn read(&mut self, into: &mut Vec<u8>) -> io::Result<bool> {
        match self {
            Self::Pipe(pipe) => loop {
                match pipe.next_action() {
                    Action::Bytes(bytes) => {
                        into.extend_from_slice(&bytes);
                        return Ok(true);
                    }
                    Action::Close => return Ok(false),
                    _ => tick().await,
                }
            },
            Self::Tcp(tcp) => {
                let mut bytes = [0; 16 * 1024];
                let count = tcp.read(&mut bytes)?;
                into.extend_from_slice(&bytes[..count]);
                Ok(count > 0)
            }
            Self::Tls(tls) => {
                let mut bytes = [0; 16 * 1024];
                let count = tls.read(&mut bytes)?;
                into.extend_from_slice(&bytes[..count]);
                Ok(count > 0)
            }
        }
    }

    /// What has arrived unsolicited, if anything.
    pub(crate) fn unsolicited(&mut self) -> Option<Unsolicited> {
        match self {
            Self::Pipe(pipe) => match pipe.next_action() {
                Action::Listen => None,
                Action::Close => Some(Unsolicited::End),
                _ => Some(Unsolicited::Bytes),
            },
            Self::Tcp(tcp) => {
                tcp.set_nonblocking(true).expect("a socket");
                let peeked = tcp.peek(&mut [0]);
                tcp.set_nonblocking(false).expect("a socket");
                match peeked {
                    Err(none) if none.kind() == io::ErrorKind::WouldBlock => None,
                    Ok(0) | Err(_) => Some(Unsolicited::End),
                    Ok(_) => Some(Unsolicited::Bytes),
                }
            }
            Self::Tls(tls) => {
                tls.sock.set_nonblocking(true).expect("a socket");
                let read = tls.fill_buf().map(<[u8]>::len);
                tls.sock.set_nonblocking(false).expect("a socket");
                match read {
                    Err(none) if none.kind() == io::ErrorKind::WouldBlock => None,
                    Ok(0) | Err(_) => Some(Unsolicited::End),
                    Ok(_) => Some(Unsolicited::Bytes),
                }
            }
        }
    }
}

/// What arrived while no request was sent.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Unsolicited {
    Bytes,
    End,
}

/// Why no response was read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Unread {
    Bad,
    Cut,
    Silent,
    TooLarge,
}

/// How responses are read; a broken transport has other rules.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules {
    pub(crate) body_cap: usize,
    pub(crate) head_cap: usize,
    pub(crate) tells_the_head: bool,
    pub(crate) cut: Cut,
    /// The one case in which no rule is applied.
    pub(crate) lax: Option<Case>,
}

impl Rules {
    fn is_strict(self, case: Case) -> bool {
        self.lax != Some(case)
    }
}

/// What happens to a body that breaks off.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Cut {
    Fails,
    IsTaken,
}

pub(crate) fn encode(request: &Request<Bytes>, more: &str) -> Vec<u8> {
    let uri = request.uri();
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let host = uri.authority().expect("an authority");
    let length = request.body().len();
    let mut bytes = format!(
        "{} {path} HTTP/1.1\r\nhost: {host}\r\ncontent-length: {length}\r\n{more}",
        request.method()
    )
    .into_bytes();
    for (name, value) in request.headers() {
        bytes.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
    }
    bytes.extend(b"\r\n");
    bytes.extend_from_slice(request.body());
    bytes
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|some| some == what)
}

/// Reads one response; bytes after the response stay in the buffer.
pub(crate) async fn read_answer(
    wire: &mut Wire,
    buffer: &mut Vec<u8>,
    rules: Rules,
    attempt: &Attempt,
) -> Result<Response<Bytes>, Unread> {
    let mut answer = read_head(wire, buffer, rules).await?;
    let mut informational = 0;
    while answer.status().is_informational() {
        informational += 1;
        let is_too_much = informational > 16 && rules.is_strict(Case::Informational);
        let is_switch = answer.status() == StatusCode::SWITCHING_PROTOCOLS;
        if is_too_much || is_switch && rules.is_strict(Case::SwitchingProtocols) {
            return Err(Unread::Bad);
        }
        answer = read_head(wire, buffer, rules).await?;
    }
    if rules.tells_the_head {
        attempt.head_read(answer.status(), answer.headers());
    }
    *answer.body_mut() = read_body(wire, buffer, answer.headers(), rules).await?;
    Ok(answer)
}

async fn read_head(
    wire: &mut Wire,
    buffer: &mut Vec<u8>,
    rules: Rules,
) -> Result<Response<Bytes>, Unread> {
    let mut searched = 0;
    let end = loop {
        let from = searched.min(buffer.len());
        if let Some(end) = find(&buffer[from..], b"\r\n\r\n") {
            break from + end;
        }
        searched = buffer.len().saturating_sub(3);
        if buffer.len() > rules.head_cap {
            return Err(Unread::TooLarge);
        }
        let was_empty = buffer.is_empty();
        if !wire.read(buffer).await.unwrap_or(false) {
            return Err(if was_empty {
                Unread::Silent
            } else {
                Unread::Cut
            });
        }
    };
    let head: Vec<u8> = buffer.drain(..end + 4).collect();
    parse_head(&head[..end]).ok_or(Unread::Bad)
}

fn parse_head(head: &[u8]) -> Option<Response<Bytes>> {
    let head = str::from_utf8(head).ok()?;
    let mut lines = head.split("\r\n");
    let status = lines.next()?.strip_prefix("HTTP/1.1 ")?.get(..3)?;
    let mut answer = Response::new(Bytes::new());
    *answer.status_mut() = StatusCode::from_bytes(status.as_bytes()).ok()?;
    for line in lines {
        let (name, value) = line.split_once(':')?;
        let name: HeaderName = name.parse().ok()?;
        let value = HeaderValue::from_str(value.trim()).ok()?;
        answer.headers_mut().try_append(name, value).ok()?;
    }
    Some(answer)
}

async fn read_body(
    wire: &mut Wire,
    buffer: &mut Vec<u8>,
    headers: &http::HeaderMap,
    rules: Rules,
) -> Result<Bytes, Unread> {
    let mut codings = headers.get_all("transfer-encoding").iter();
    if let Some(coding) = codings.next() {
        let is_chunked = coding.as_bytes().eq_ignore_ascii_case(b"chunked");
        return match is_chunked && codings.next().is_none() {
            true => read_chunks(wire, buffer, rules).await,
            false if rules.is_strict(Case::TransferCodings) => Err(Unread::Bad),
            false => read_to_the_end(wire, buffer).await,
        };
    }
    let mut lengths = headers.get_all("content-length").iter();
    let length = lengths.next().and_then(|length| length.to_str().ok());
    let is_number = |text: &&str| text.bytes().all(|digit| digit.is_ascii_digit());
    let length: usize = length
        .filter(|text| !rules.is_strict(Case::Lengths) || is_number(text))
        .and_then(|text| text.parse().ok())
        .ok_or(Unread::Bad)?;
    if lengths.next().is_some() {
        return Err(Unread::Bad);
    }
    if length > rules.body_cap {
        return Err(Unread::TooLarge);
    }
    while buffer.len() < length {
        if !wire.read(buffer).await.unwrap_or(false) {
            if rules.cut == Cut::IsTaken {
                return Ok(std::mem::take(buffer).into());
            }
            return Err(Unread::Cut);
        }
    }
    Ok(buffer.drain(..length).collect())
}

async fn read_to_the_end(wire: &mut Wire, buffer: &mut Vec<u8>) -> Result<Bytes, Unread> {
    while wire.read(buffer).await.unwrap_or(false) {}
    Ok(std::mem::take(buffer).into())
}

/// Reads a line that the peer has ended: a chunk's size or a trailer.
async fn read_line(wire: &mut Wire, buffer: &mut Vec<u8>) -> Result<Vec<u8>, Unread> {
    loop {
        match find(buffer, b"\r\n") {
            Some(end) => {
                let line = buffer.drain(..end).collect();
                buffer.drain(..2);
                return Ok(line);
            }
            None if buffer.len() > LONGEST_LINE => return Err(Unread::Bad),
            None if wire.read(buffer).await.unwrap_or(false) => {}
            None => return Err(Unread::Cut),
        }
    }
}

const LONGEST_LINE: usize = 4096;

fn size(line: &[u8], rules: Rules) -> Option<usize> {
    let size = line.split(|byte| *byte == b';').next()?;
    let is_number = size.iter().all(u8::is_ascii_hexdigit);
    let size = str::from_utf8(size).ok()?;
    let size = usize::from_str_radix(size, 16).ok()?;
    (is_number || !rules.is_strict(Case::Chunks)).then_some(size)
}

async fn read_chunks(wire: &mut Wire, buffer: &mut Vec<u8>, rules: Rules) -> Result<Bytes, Unread> {
    let mut body = Vec::new();
    loop {
        let line = read_line(wire, buffer).await?;
        let size = size(&line, rules).ok_or(Unread::Bad)?;
        if size > rules.body_cap - body.len() {
            return Err(Unread::TooLarge);
        }
        if size == 0 {
            while !read_line(wire, buffer).await?.is_empty() {}
            return Ok(body.into());
        }
        while buffer.len() < size + 2 {
            if !wire.read(buffer).await.unwrap_or(false) {
                return Err(Unread::Cut);
            }
        }
        body.extend(buffer.drain(..size));
        if buffer.drain(..2).collect::<Vec<_>>() != b"\r\n" {
            return Err(Unread::Bad);
        }
    }
}
