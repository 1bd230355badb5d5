//! A peer's connections over TCP: blocking, a thread each, all of which end by themselves.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;

use super::{Connection, PATIENCE, Say, Script};

/// A listener on a free port of 127.0.0.1, until it is dropped.
pub(super) struct Listener {
    socket: TcpListener,
    address: SocketAddr,
    /// What it serves; nothing before it does.
    script: Option<Arc<Script>>,
}

impl Listener {
    pub(super) fn bind() -> io::Result<Self> {
        let socket = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        Ok(Self {
            address: socket.local_addr()?,
            socket,
            script: None,
        })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(super) fn serve(mut self, script: Arc<Script>) -> io::Result<Self> {
        let socket = self.socket.try_clone()?;
        self.script = Some(Arc::clone(&script));
        thread::Builder::new().spawn(move || {
            for stream in socket.incoming() {
                if script.ended.load(Ordering::SeqCst) {
                    return;
                }
                let Ok(stream) = stream else { return };
                let connection = Connection::new(Arc::clone(&script));
                // A connection without a thread is dropped, and so closed.
                let _ = thread::Builder::new().spawn(move || converse(stream, connection));
            }
        })?;
        Ok(self)
    }
}

impl Drop for Listener {
    /// Ends the threads: the one that accepts is woken by a connection.
    fn drop(&mut self) {
        if let Some(script) = &self.script {
            script.ended.store(true, Ordering::SeqCst);
            script.release();
            drop(TcpStream::connect(self.address));
        }
    }
}

/// Carries bytes between a socket and a connection. An error on either way ends it: the client
/// has seen enough, or has waited for too long.
fn converse(stream: TcpStream, mut connection: Connection) -> Option<()> {
    let script = Arc::clone(&connection.script);
    // Let go after the socket itself, so that it isn't open any more where it isn't listed.
    let _listed = script.lines.list(connection.number, &stream).ok()?;
    let mut stream = stream;
    stream.set_nodelay(true).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    stream.set_write_timeout(Some(PATIENCE)).ok()?;
    let mut buffer = vec![0; 16 * 1024];
    loop {
        match connection.say() {
            Say::Bytes(bytes) => {
                stream.write_all(&bytes).ok()?;
                continue;
            }
            Say::Close if connection.hears_on() => stream.shutdown(Shutdown::Write).ok()?,
            Say::Close => return Some(()),
            Say::Hold => {
                connection.await_release();
                continue;
            }
            Say::Listen => {}
        }
        let count = stream.read(&mut buffer).ok().filter(|count| *count > 0)?;
        connection.hear(buffer.get(..count)?);
    }
}
