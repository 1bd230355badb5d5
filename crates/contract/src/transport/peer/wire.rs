use std::io::{self, Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use socket2::SockRef;

use crate::transport::tls::{Tls, TlsSession};

/// How long the peer waits for a client. This also ends the call of a client that blocks its thread.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

/// A connection's socket, with or without TLS.
pub(super) struct Wire {
    stream: TcpStream,
    tls: Option<Arc<Mutex<Box<dyn TlsSession>>>>,
}

/// What a peer does without a request.
#[derive(Clone, Debug)]
pub(crate) enum Unsolicited {
    /// Sends `close_notify` and still receives bytes. Does nothing without TLS.
    CloseNotify,
    /// Ends its side of the socket and still receives bytes.
    End,
    /// Resets the connection.
    Reset,
    /// Writes these bytes.
    Says(Bytes),
    /// Writes these bytes and ends its side of the socket. Under TLS it sends `close_notify` in between.
    SaysAndEnds(Bytes),
    /// Updates its keys, as TLS 1.3 allows at any time. Does nothing without TLS.
    UpdatesKeys,
}

/// The data that arrived over a wire.
pub(super) struct Came {
    pub(super) plain: Vec<u8>,
    /// Whether TLS replied with records of its own although the peer could already write plain text: a
    /// ticket, if the data was the end of the handshake.
    pub(super) tls_spoke: bool,
}

impl Wire {
    pub(super) fn new(stream: TcpStream, tls: Option<&Tls>) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        let tls = tls.map(|tls| Arc::new(Mutex::new(tls.session())));
        Ok(Self { stream, tls })
    }

    /// Another handle to the same connection.
    pub(super) fn again(&self) -> io::Result<Self> {
        Ok(Self {
            stream: self.stream.try_clone()?,
            tls: self.tls.clone(),
        })
    }

    fn session(&self) -> Option<MutexGuard<'_, Box<dyn TlsSession>>> {
        let tls = self.tls.as_ref()?;
        Some(tls.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Whether the peer can write plain text now.
    pub(super) fn can_encrypt(&self) -> bool {
        self.session().is_none_or(|session| session.can_encrypt())
    }

    /// Waits for data; returns `None` at the end of the connection. The greeting is written as soon as
    /// the peer may write plain text, together with the records of TLS.
    pub(super) fn read(
        &self,
        buffer: &mut [u8],
        greeting: &mut Option<Unsolicited>,
    ) -> io::Result<Option<Came>> {
        let count = (&self.stream).read(buffer)?;
        if count == 0 {
            return Ok(None);
        }
        let records = buffer.get(..count).unwrap_or_default();
        let Some(mut session) = self.session() else {
            let plain = records.to_vec();
            return Ok(Some(Came {
                plain,
                tls_spoke: false,
            }));
        };
        let could_speak = session.can_encrypt();
        let plain = session.decrypt(records);
        let said = session.take_records()?;
        let tls_spoke = could_speak && !said.is_empty();
        // Keys are updated only after the handshake.
        let is_time = match greeting {
            Some(Unsolicited::UpdatesKeys) => could_speak,
            _ => session.can_encrypt(),
        };
        let greets = is_time.then(|| greeting.take()).flatten();
        let mut ends = false;
        let mut all = said;
        if let Some(unsolicited) = greets {
            ends = matches!(unsolicited, Unsolicited::End | Unsolicited::SaysAndEnds(_));
            unsolicited.tell(session.as_mut())?;
            all.extend(session.take_records()?);
        }
        // In one piece, so that a client that has the first byte can have the last one too.
        (&self.stream).write_all(&all)?;
        if ends {
            self.stream.shutdown(Shutdown::Write)?;
        }
        let plain = plain?;
        Ok(Some(Came { plain, tls_spoke }))
    }

    pub(super) fn write(&self, bytes: &[u8]) -> io::Result<()> {
        match self.session() {
            None => (&self.stream).write_all(bytes),
            Some(mut session) => {
                session.encrypt(bytes)?;
                self.flush(session.as_mut())
            }
        }
    }

    fn flush(&self, session: &mut dyn TlsSession) -> io::Result<()> {
        (&self.stream).write_all(&session.take_records()?)
    }

    pub(super) fn end(&self) -> io::Result<()> {
        self.stream.shutdown(Shutdown::Write)
    }

    pub(super) fn play(&self, unsolicited: &Unsolicited) -> io::Result<()> {
        if let Some(mut session) = self.session() {
            unsolicited.tell(session.as_mut())?;
            self.flush(session.as_mut())?;
        } else if let Unsolicited::Says(bytes) | Unsolicited::SaysAndEnds(bytes) = unsolicited {
            self.write(bytes)?;
        }
        match unsolicited {
            Unsolicited::End | Unsolicited::SaysAndEnds(_) => self.end(),
            Unsolicited::Reset => {
                SockRef::from(&self.stream).set_linger(Some(Duration::ZERO))?;
                // The thread of the connection reads an end and drops its handle. Dropping the last
                // handle resets the connection.
                self.stream.shutdown(Shutdown::Read)
            }
            Unsolicited::CloseNotify | Unsolicited::Says(_) | Unsolicited::UpdatesKeys => Ok(()),
        }
    }
}

impl Unsolicited {
    /// Does the part of it that is done within TLS.
    fn tell(&self, session: &mut dyn TlsSession) -> io::Result<()> {
        match self {
            Self::Says(bytes) => session.encrypt(bytes)?,
            Self::SaysAndEnds(bytes) => {
                session.encrypt(bytes)?;
                session.close_notify();
            }
            Self::CloseNotify => session.close_notify(),
            Self::UpdatesKeys => session.update_keys()?,
            Self::End | Self::Reset => {}
        }
        Ok(())
    }
}
