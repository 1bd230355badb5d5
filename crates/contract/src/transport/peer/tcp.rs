//! A peer's TCP connections: blocking, with one thread for each. All threads end by themselves.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;

use super::wire::Wire;
use super::{Action, Connection, Script};

/// A listener on a free port of 127.0.0.1, until it is dropped.
pub(super) struct Listener {
    socket: TcpListener,
    address: SocketAddr,
    /// The script that it serves; empty until it serves one.
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
                // If there is no thread for a connection, the connection is dropped, which closes it.
                let _ = thread::Builder::new().spawn(move || converse(stream, connection));
            }
        })?;
        Ok(self)
    }
}

impl Drop for Listener {
    /// Ends the threads. A connection wakes the thread that accepts.
    fn drop(&mut self) {
        if let Some(script) = &self.script {
            script.ended.store(true, Ordering::SeqCst);
            script.release();
            drop(TcpStream::connect(self.address));
        }
    }
}

/// Carries bytes between a socket and a connection. An error in either direction ends this: the client
/// has closed the connection, or a time limit has passed.
fn converse(stream: TcpStream, mut connection: Connection) -> Option<()> {
    let script = Arc::clone(&connection.script);
    let wire = Wire::new(stream, script.tls.get()).ok()?;
    // Dropped after the socket itself, so that a connection that isn't listed any more is closed.
    let _listed = script.lines.list(connection.number, &wire).ok()?;
    let wire = wire;
    let is_first = connection.number == 0;
    let mut greeting = script.greeting().filter(|_| is_first);
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let next = if wire.can_encrypt() {
            connection.next_action()
        } else {
            Action::Listen
        };
        match next {
            Action::Bytes(bytes) => {
                wire.write(&bytes).ok()?;
                continue;
            }
            Action::Close if connection.receives_on() => wire.end().ok()?,
            Action::Close => return Some(()),
            Action::Hold => {
                connection.await_release();
                continue;
            }
            Action::Listen => {}
        }
        let came = wire.read(&mut buffer, &mut greeting).ok()??;
        if came.tls_spoke {
            script.tls_spoke.store(true, Ordering::SeqCst);
        }
        connection.receive(&came.plain);
    }
}
