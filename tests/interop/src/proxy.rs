//! A proxy that connects every tunnel to the sandbox.
//!
//! Through this proxy the SDKs call the vendor's own host name, sign it, and validate the
//! certificate for it.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};

/// The longest accepted `CONNECT` request in bytes.
const MAX_HEAD: usize = 8 * 1024;

/// Starts the proxy on a free port of 127.0.0.1; the proxy ends with the runtime.
pub(crate) async fn start(sandbox: SocketAddr) -> std::io::Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        while let Ok((caller, _)) = listener.accept().await {
            tokio::spawn(tunnel(caller, sandbox));
        }
    });
    Ok(address)
}

async fn tunnel(mut caller: TcpStream, sandbox: SocketAddr) -> std::io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") && head.len() < MAX_HEAD {
        head.push(caller.read_u8().await?);
    }
    let mut service = TcpStream::connect(sandbox).await?;
    caller
        .write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")
        .await?;
    copy_bidirectional(&mut caller, &mut service).await?;
    Ok(())
}
