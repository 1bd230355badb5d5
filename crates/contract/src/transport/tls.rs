//! TLS as a stage brings it: the suite has none of its own.

use std::fmt;
use std::io;
use std::sync::Arc;

/// Makes the server's side of TLS for each connection that a peer accepts.
///
/// The suite dials `https://localhost` with the peer's port, so the certificate is `localhost`'s, and
/// the staged transport trusts it. No client certificate is asked for. A server of TLS 1.3 sends a
/// ticket or more by itself once the handshake is done; the suite says so if none comes.
///
/// See [the chapter](super#the-stage-brings-tls) for one over rustls.
#[derive(Clone)]
pub struct Tls(Arc<dyn Fn() -> Box<dyn TlsSession> + Send + Sync>);

impl Tls {
    /// Calls this once for each connection.
    pub fn new(session: impl Fn() -> Box<dyn TlsSession> + Send + Sync + 'static) -> Self {
        Self(Arc::new(session))
    }

    pub(super) fn session(&self) -> Box<dyn TlsSession> {
        (self.0)()
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tls")
    }
}

/// The server's side of TLS on one connection, without I/O: the peer carries the records.
///
/// With rustls each method is a line or two around its `ServerConnection`.
pub trait TlsSession: Send {
    /// Takes what the client wrote, and returns what it says in plain text.
    ///
    /// # Errors
    ///
    /// Whatever TLS objects to; the connection is then closed.
    fn hear(&mut self, records: &[u8]) -> io::Result<Vec<u8>>;

    /// Whether plain text can be written already: after the handshake, and with TLS 1.3 behind the
    /// server's own `Finished`, so that the client has it before it can write its first byte.
    fn may_speak(&self) -> bool;

    /// Encrypts plain text.
    ///
    /// # Errors
    ///
    /// Whatever TLS objects to.
    fn speak(&mut self, plain: &[u8]) -> io::Result<()>;

    /// Says that nothing more comes, by the alert `close_notify`.
    fn close_notify(&mut self);

    /// Takes new keys for what is written from here on, and says so: a key update of TLS 1.3. It is
    /// asked for after a handshake of TLS 1.3 alone.
    ///
    /// # Errors
    ///
    /// Whatever TLS objects to.
    fn update_keys(&mut self) -> io::Result<()>;

    /// The records that are to be written now; none, if there are none.
    ///
    /// # Errors
    ///
    /// Whatever TLS objects to.
    fn records(&mut self) -> io::Result<Vec<u8>>;
}
