//! A peer's connections over TCP: blocking, a thread each, all of which end by themselves.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;

use super::wire::Wire;
use super::{Connection, Say, Script};

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
    let wire = Wire::new(stream, script.tls.get()).ok()?;
    // Let go after the socket itself, so that it isn't open any more where it isn't listed.
    let _listed = script.lines.list(connection.number, &wire).ok()?;
    let wire = wire;
    let is_first = connection.number == 0;
    let mut greeting = script.greeting().filter(|_| is_first);
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let next = if wire.may_speak() {
            connection.say()
        } else {
            Say::Listen
        };
        match next {
            Say::Bytes(bytes) => {
                wire.write(&bytes).ok()?;
                continue;
            }
            Say::Close if connection.hears_on() => wire.end().ok()?,
            Say::Close => return Some(()),
            Say::Hold => {
                connection.await_release();
                continue;
            }
            Say::Listen => {}
        }
        let came = wire.read(&mut buffer, &mut greeting).ok()??;
        if came.tls_spoke {
            script.tls_spoke.store(true, Ordering::SeqCst);
        }
        connection.hear(&came.plain);
    }
}
