//! A proxy that leads clients to the sandbox which can only be pointed at the vendor's hosts.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::{Duration, sleep, timeout};

use crate::hosts;
use crate::masking::shown;

/// Tunnels that may be open at once; further ones wait in the listener's queue.
const MAX_TUNNELS: usize = 1024;
/// Time for a request's head to arrive.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// Bytes of the largest head.
const MAX_HEAD: usize = 16 * 1024;
/// The pause after a connection could not be accepted.
const ACCEPT_PAUSE: Duration = Duration::from_millis(10);

/// Accepts connections, and connects each to the sandbox.
pub(crate) async fn serve(listener: TcpListener, sandbox: SocketAddr) {
    let slots = Arc::new(Semaphore::new(MAX_TUNNELS));
    loop {
        let Ok(slot) = Arc::clone(&slots).acquire_owned().await else {
            // The semaphore is never closed.
            return;
        };
        match listener.accept().await {
            Ok((client, _)) => {
                tokio::spawn(async move {
                    // What fails here, the client sees.
                    let _ = tunnel(client, sandbox).await;
                    drop(slot);
                });
            }
            Err(_) => sleep(ACCEPT_PAUSE).await,
        }
    }
}

async fn tunnel(mut client: TcpStream, sandbox: SocketAddr) -> io::Result<()> {
    client.set_nodelay(true)?;
    let Ok(head) = timeout(HEAD_TIMEOUT, head(&mut client)).await else {
        return Ok(());
    };
    if let Err(refusal) = destination(&head?) {
        client.write_all(refusal.as_bytes()).await?;
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

/// The head of a request, up to its empty line: a client says nothing more before the response.
async fn head(client: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") && head.len() < MAX_HEAD {
        head.push(client.read_u8().await?);
    }
    Ok(head)
}

/// Accepts a request to connect to one of the vendor's hosts; otherwise returns the refusal.
fn destination(head: &[u8]) -> Result<(), String> {
    let line = head.split(|byte| *byte == b'\r').next().unwrap_or_default();
    let line = String::from_utf8_lossy(line).into_owned();
    let mut words = line.split(' ');
    if words.next() != Some("CONNECT") {
        return Err(refusal("405 Method Not Allowed", "CONNECT", &line));
    }
    let target = words.next().unwrap_or_default();
    let is_vendors = |target: &str| {
        let host = target.strip_suffix(":443")?;
        hosts::is_vendors(host).then_some(())
    };
    if is_vendors(target).is_none() {
        let expected =
            "one of the vendor's hosts and port 443, such as apitest.cybersource.com:443";
        return Err(refusal("403 Forbidden", expected, target));
    }
    Ok(())
}

fn refusal(status: &str, expected: &str, got: &str) -> String {
    let got = shown(got);
    let body = format!("The sandbox's proxy expected {expected}, got {got}\n");
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/plain\r\nContent-Length: {length}\r\n\
         Connection: close\r\n\r\n{body}"
    )
}
