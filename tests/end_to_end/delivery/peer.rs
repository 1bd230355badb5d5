//! A service that responds as badly as a network allows, and records what it saw.

use std::collections::{HashMap, HashSet};
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::crypto::aws_lc_rs;
use rustls::{ServerConfig, ServerConnection, StreamOwned, SupportedProtocolVersion};
use rustls_pki_types::PrivatePkcs8KeyDer;
use tokio::time::Instant;

use super::dice::Dice;

/// Longer than any connection of a test stays silent.
const PATIENCE: Duration = Duration::from_secs(5);

/// The peer's record.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// The ids of requests whose first line has arrived.
    pub(super) heard: Mutex<HashSet<String>>,
    /// When a response was completely written, by the id in the response. An unsolicited response has an id
    /// of its own; if a call accepts it as its response, the call's own response becomes a stray for the
    /// next call.
    pub(super) written: Mutex<HashMap<String, Instant>>,
}

/// A peer's address, and its root certificate.
#[derive(Clone, Debug)]
pub(super) struct Whereabouts {
    pub(super) address: SocketAddr,
    /// `None` if the peer doesn't use TLS.
    pub(super) root: Option<Vec<u8>>,
}

/// A listening peer, whose threads end when the peer is dropped.
pub(super) struct Peer {
    pub(super) whereabouts: Whereabouts,
    pub(super) seen: Arc<Seen>,
    ended: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Peer {
    pub(super) fn new(number: u64, tls: Option<&'static SupportedProtocolVersion>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("bound");
        let address = listener.local_addr().expect("an address");
        let (root, config) = certified(tls);
        let (seen, ended) = (Arc::<Seen>::default(), Arc::<AtomicBool>::default());
        let (notes, stop) = (Arc::clone(&seen), Arc::clone(&ended));
        let thread = thread::spawn(move || {
            for (nth, stream) in (0..).zip(listener.incoming().flatten()) {
                if stop.load(Ordering::SeqCst) {
                    return;
                }
                let (notes, config) = (Arc::clone(&notes), config.clone());
                let dice = Dice::new(number ^ nth);
                thread::spawn(move || serve(stream, config, dice, &notes));
            }
        });
        Self {
            whereabouts: Whereabouts { address, root },
            seen,
            ended,
            thread: Some(thread),
        }
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::SeqCst);
        // The connection wakes the listener.
        drop(TcpStream::connect(self.whereabouts.address));
        if let Some(thread) = self.thread.take() {
            thread.join().expect("no panic");
        }
    }
}

fn certified(
    tls: Option<&'static SupportedProtocolVersion>,
) -> (Option<Vec<u8>>, Option<Arc<ServerConfig>>) {
    let Some(version) = tls else {
        return (None, None);
    };
    let names = vec!["localhost".to_owned()];
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(names).expect("a key");
    let key = PrivatePkcs8KeyDer::from(signing_key.serialize_der());
    let provider = Arc::new(aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[version])
        .expect("a version")
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key.into())
        .expect("a configuration");
    (Some(cert.der().to_vec()), Some(Arc::new(config)))
}

trait Stream: Read + Write {}

impl<S: Read + Write> Stream for S {}

fn serve(socket: TcpStream, tls: Option<Arc<ServerConfig>>, mut dice: Dice, seen: &Seen) {
    socket.set_nodelay(true).expect("set");
    socket.set_read_timeout(Some(PATIENCE)).expect("set");
    let raw = socket.try_clone().expect("a clone");
    let mut stream: Box<dyn Stream> = match tls {
        None => Box::new(socket),
        Some(_) if dice.one_in(50) => return reset_or_close(&raw, &mut dice),
        Some(config) => {
            let session = ServerConnection::new(config).expect("a session");
            Box::new(StreamOwned::new(session, socket))
        }
    };
    // The conversation may end because of the dice or because of the client.
    while let Ok(true) = converse(&mut *stream, &raw, &mut dice, seen) {}
    reset_or_close(&raw, &mut dice);
}

/// Closes a connection, in an orderly way or not: closing with unread bytes is a reset.
fn reset_or_close(raw: &TcpStream, dice: &mut Dice) {
    let how = if dice.one_in(2) {
        std::net::Shutdown::Both
    } else {
        std::net::Shutdown::Write
    };
    // The client may have closed the connection by now.
    let _ = raw.shutdown(how);
}

/// Handles one request; returns whether the connection continues.
fn converse(
    stream: &mut dyn Stream,
    raw: &TcpStream,
    dice: &mut Dice,
    seen: &Seen,
) -> io::Result<bool> {
    match dice.below(60) {
        0 => return Ok(false),
        1 => {
            stream.write_all(b"HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\n\r\n")?;
            return Ok(false);
        }
        _ => {}
    }
    let id = read_request(stream, seen)?;
    let good = answer(&id);
    match dice.below(40) {
        0..20 => whole(stream, &id, seen)?,
        20..25 => {
            whole(stream, &id, seen)?;
            stray(stream, &id, seen)?;
        }
        25..27 => {
            whole(stream, &id, seen)?;
            thread::sleep(Duration::from_micros(dice.below(400)));
            stray(stream, &id, seen)?;
        }
        27..30 => {
            let length = u64::try_from(good.len()).expect("short");
            let cut = usize::try_from(dice.below(length)).expect("short");
            stream.write_all(&good.as_bytes()[..cut])?;
            return Ok(false);
        }
        30..32 => return Ok(false),
        32..34 => {
            raw.shutdown(std::net::Shutdown::Write)?;
            return Ok(false);
        }
        34..36 => {
            let (last, first) = good.as_bytes().split_last().expect("bytes");
            for byte in first {
                stream.write_all(&[*byte])?;
            }
            stream.write_all(&[*last])?;
            let mut written = seen.written.lock().expect("unpoisoned");
            written.insert(id, Instant::now());
        }
        36 => {
            stream.write_all(b"HTTP/1.1 103 Early Hints\r\n\r\n")?;
            whole(stream, &id, seen)?;
        }
        37 => stream.write_all(b"HTTP/1.1 503 Later\r\ncontent-length: 0\r\n\r\n")?,
        38 => {
            thread::sleep(Duration::from_millis(dice.below(8)));
            return Ok(false);
        }
        _ => stream.write_all(b"garbage\r\n\r\n")?,
    }
    stream.flush()?;
    Ok(true)
}

/// Sends a second response, which no call requested.
fn stray(stream: &mut dyn Stream, id: &str, seen: &Seen) -> io::Result<()> {
    let label = format!("stray{id}");
    whole(stream, &label, seen)
}

/// Writes a response and records when.
fn whole(stream: &mut dyn Stream, id: &str, seen: &Seen) -> io::Result<()> {
    stream.write_all(answer(id).as_bytes())?;
    stream.flush()?;
    // On loopback, the response is in the other end's kernel once the write has returned.
    let mut written = seen.written.lock().expect("unpoisoned");
    written.insert(id.to_owned(), Instant::now());
    Ok(())
}

fn answer(id: &str) -> String {
    let body = format!("eyJ9.{id}.b.c.d");
    let length = body.len();
    format!(
        "HTTP/1.1 201 Created\r\nv-c-correlation-id: {id}\r\ncontent-length: {length}\r\n\r\n{body}"
    )
}

/// Reads a request whose body is `{}`; records its id as soon as its first line has arrived.
fn read_request(stream: &mut dyn Stream, seen: &Seen) -> io::Result<String> {
    let (mut request, mut id) = (Vec::new(), None);
    while !request.ends_with(b"\r\n\r\n{}") {
        let mut some = [0; 2048];
        let count = stream.read(&mut some)?;
        if count == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        request.extend_from_slice(&some[..count]);
        if id.is_none() {
            id = id_in(&request);
            let mut heard = seen.heard.lock().expect("unpoisoned");
            heard.extend(id.clone());
        }
    }
    id.ok_or_else(|| io::ErrorKind::InvalidData.into())
}

fn id_in(request: &[u8]) -> Option<String> {
    let line = str::from_utf8(request).ok()?;
    let rest = line.split_once("/tokens/")?.1;
    Some(rest.split_once('/')?.0.to_owned())
}
