//! TLS, which a stage provides: the suite has no implementation of its own.

use std::fmt;
use std::io;
use std::sync::Arc;

/// Makes the server's side of TLS for each connection that a peer accepts.
///
/// The suite sends requests to `https://localhost` with the peer's port. So the certificate is for
/// `localhost`, and the staged transport trusts it. The server requests no client certificate. A
/// TLS 1.3 server sends one or more tickets by itself after the handshake; the report shows it if no
/// ticket is sent.
///
/// See [the chapter](super#the-stage-brings-tls) for an implementation over rustls.
#[derive(Clone)]
pub struct Tls(Arc<dyn Fn() -> Box<dyn TlsSession> + Send + Sync>);

impl Tls {
    /// Makes the TLS of a peer that calls `session` once for each connection.
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
/// With rustls, each method is a line or two around its `ServerConnection`.
pub trait TlsSession: Send {
    /// Takes the records that the client wrote, and returns their plain text.
    ///
    /// # Errors
    ///
    /// Any error of TLS; the peer then closes the connection.
    fn decrypt(&mut self, records: &[u8]) -> io::Result<Vec<u8>>;

    /// Whether plain text can be written already: after the handshake, and with TLS 1.3 right after the
    /// server's own `Finished`, so that the client has the text before it can write its first byte.
    fn can_encrypt(&self) -> bool;

    /// Encrypts plain text.
    ///
    /// # Errors
    ///
    /// Any error of TLS.
    fn encrypt(&mut self, plain: &[u8]) -> io::Result<()>;

    /// Ends the plain text of this side with the alert `close_notify`.
    fn close_notify(&mut self);

    /// Makes a key update of TLS 1.3: encrypts with new keys from here on, and notifies the client.
    ///
    /// The peer calls this only after a handshake of TLS 1.3.
    ///
    /// # Errors
    ///
    /// Any error of TLS.
    fn update_keys(&mut self) -> io::Result<()>;

    /// Returns the records that the peer has to write now; may be empty.
    ///
    /// # Errors
    ///
    /// Any error of TLS.
    fn take_records(&mut self) -> io::Result<Vec<u8>>;
}
