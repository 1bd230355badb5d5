//! A proxy that leads clients to the sandbox which can only be pointed at the vendor's hosts.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::{Duration, sleep, timeout};

use crate::checked::Stage;
use crate::exchange::State;
use crate::hosts;
use crate::masking::shown;
use crate::record::Entry;

/// Tunnels that may be open at once; further ones wait in the listener's queue.
const MAX_TUNNELS: usize = 1024;
/// Time for a request's head to arrive.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// Bytes of the largest head.
const MAX_HEAD: usize = 16 * 1024;
/// The pause after a connection could not be accepted.
const ACCEPT_PAUSE: Duration = Duration::from_millis(10);

/// Accepts connections, and connects each to the sandbox.
pub(crate) async fn serve(listener: TcpListener, sandbox: SocketAddr, state: Arc<State>) {
    let slots = Arc::new(Semaphore::new(MAX_TUNNELS));
    loop {
        let Ok(slot) = Arc::clone(&slots).acquire_owned().await else {
            // The semaphore is never closed.
            return;
        };
        match listener.accept().await {
            Ok((client, peer)) => {
                let state = Arc::clone(&state);
                tokio::spawn(async move {
                    // What fails here, the client sees.
                    let _ = tunnel(client, sandbox, &state, peer).await;
                    drop(slot);
                });
            }
            Err(_) => sleep(ACCEPT_PAUSE).await,
        }
    }
}

async fn tunnel(
    mut client: TcpStream,
    sandbox: SocketAddr,
    state: &State,
    peer: SocketAddr,
) -> io::Result<()> {
    client.set_nodelay(true)?;
    let mut head = Vec::new();
    let arrived = timeout(HEAD_TIMEOUT, read_head(&mut client, &mut head)).await;
    if !matches!(arrived, Ok(Ok(()))) {
        // Who connects and leaves waits for the port.
        if !head.is_empty() || arrived.is_err() {
            let expected = format!("a whole head within {} s", HEAD_TIMEOUT.as_secs());
            let refusal = Refusal::new("", expected, "one that is late or breaks off".to_owned());
            record(state, peer, &head, refusal);
        }
        return Ok(());
    }
    if let Err(refusal) = destination(&head) {
        let response = refusal.to_http();
        record(state, peer, &head, refusal);
        client.write_all(response.as_bytes()).await?;
        client.shutdown().await?;
        // A socket that is dropped with unread bytes in it resets the connection.
        let _ = timeout(HEAD_TIMEOUT, client.read(&mut [0; 1024])).await;
        return Ok(());
    }
    let mut service = TcpStream::connect(sandbox).await?;
    service.set_nodelay(true)?;
    client
        .write_all(b"HTTP/1.1 200 Connection Established\r\n\r\n")
        .await?;
    copy_bidirectional(&mut client, &mut service)
        .await
        .map(drop)
}

/// Reads the head of a request, up to its empty line: a client says nothing more before the response.
async fn read_head(client: &mut TcpStream, head: &mut Vec<u8>) -> io::Result<()> {
    while !head.ends_with(b"\r\n\r\n") && head.len() < MAX_HEAD {
        head.push(client.read_u8().await?);
    }
    Ok(())
}

/// Accepts a request to connect to one of the vendor's hosts; otherwise returns the refusal.
fn destination(head: &[u8]) -> Result<(), Refusal> {
    let line = first_line(head);
    let mut words = line.split(' ');
    if words.next() != Some("CONNECT") {
        let expected = "CONNECT".to_owned();
        return Err(Refusal::new("405 Method Not Allowed", expected, line));
    }
    let target = words.next().unwrap_or_default();
    let host = target.strip_suffix(":443");
    if host.is_some_and(hosts::is_vendors) {
        return Ok(());
    }
    let expected = "one of the vendor's hosts and port 443, such as apitest.cybersource.com:443";
    Err(Refusal::new(
        "403 Forbidden",
        expected.to_owned(),
        target.to_owned(),
    ))
}

fn first_line(head: &[u8]) -> String {
    let line = head.split(|byte| *byte == b'\r').next();
    String::from_utf8_lossy(line.unwrap_or_default()).into_owned()
}

/// Why the proxy connects to nothing.
struct Refusal {
    status: &'static str,
    expected: String,
    got: String,
}

impl Refusal {
    const fn new(status: &'static str, expected: String, got: String) -> Self {
        Self {
            status,
            expected,
            got,
        }
    }

    /// The response.
    fn to_http(&self) -> String {
        let Self {
            status, expected, ..
        } = self;
        let got = shown(&self.got);
        let body = format!("The sandbox's proxy expected {expected}, got {got}\n");
        let length = body.len();
        format!(
            "HTTP/1.1 {status}\r\nContent-Type: text/plain\r\nContent-Length: {length}\r\n\
             Connection: close\r\n\r\n{body}"
        )
    }
}

fn record(state: &State, peer: SocketAddr, head: &[u8], refusal: Refusal) {
    let mut entry = Entry::unreadable(&first_line(head), (state.clock())(), peer);
    let status = refusal.status.split(' ').next();
    entry.status = status.and_then(|status| status.parse().ok());
    entry.refuse(
        Stage::Proxy,
        "connect",
        refusal.expected,
        shown(&refusal.got),
    );
    state.record.add(entry);
}
