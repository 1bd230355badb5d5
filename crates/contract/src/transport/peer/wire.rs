use std::io::{self, Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use socket2::SockRef;

use super::PATIENCE;
use crate::transport::tls::{Tls, TlsSession};

/// A connection's socket, with TLS or without.
pub(super) struct Wire {
    stream: TcpStream,
    tls: Option<Arc<Mutex<Box<dyn TlsSession>>>>,
}

/// What a peer does before it is asked.
#[derive(Clone, Debug)]
pub(crate) enum Unasked {
    /// Says `close_notify`, and still hears what comes. Nothing without TLS.
    CloseNotify,
    /// Ends its side of the socket, and still hears what comes.
    End,
    /// Resets the connection.
    Reset,
    /// Writes these bytes.
    Says(Bytes),
    /// Writes these bytes and ends its side, under TLS by `close_notify` first.
    SaysAndEnds(Bytes),
    /// Takes new keys, as TLS 1.3 may at any time. Nothing without TLS.
    UpdatesKeys,
}

/// What came over a wire.
pub(super) struct Came {
    pub(super) plain: Vec<u8>,
    /// Whether TLS had something of its own to say to it, once it could speak already: a ticket, when
    /// that is the end of the handshake.
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

    /// Another end of the same connection.
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

    /// Whether the peer could say something now.
    pub(super) fn may_speak(&self) -> bool {
        self.session().is_none_or(|session| session.may_speak())
    }

    /// Waits for what comes; nothing at the end. What goes before the first plain byte that the peer
    /// may write is written together with what TLS says to it.
    pub(super) fn read(
        &self,
        buffer: &mut [u8],
        greeting: &mut Option<Unasked>,
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
        let could_speak = session.may_speak();
        let plain = session.hear(records);
        let said = session.records()?;
        let tls_spoke = could_speak && !said.is_empty();
        // Keys are updated behind the handshake alone.
        let is_time = match greeting {
            Some(Unasked::UpdatesKeys) => could_speak,
            _ => session.may_speak(),
        };
        let greets = is_time.then(|| greeting.take()).flatten();
        let mut ends = false;
        let mut all = said;
        if let Some(unasked) = greets {
            ends = matches!(unasked, Unasked::End | Unasked::SaysAndEnds(_));
            unasked.tell(session.as_mut())?;
            all.extend(session.records()?);
        }
        // In one piece, so that who has the first byte of it can have the last.
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
                session.speak(bytes)?;
                self.flush(session.as_mut())
            }
        }
    }

    fn flush(&self, session: &mut dyn TlsSession) -> io::Result<()> {
        (&self.stream).write_all(&session.records()?)
    }

    pub(super) fn end(&self) -> io::Result<()> {
        self.stream.shutdown(Shutdown::Write)
    }

    pub(super) fn play(&self, unasked: &Unasked) -> io::Result<()> {
        if let Some(mut session) = self.session() {
            unasked.tell(session.as_mut())?;
            self.flush(session.as_mut())?;
        } else if let Unasked::Says(bytes) | Unasked::SaysAndEnds(bytes) = unasked {
            self.write(bytes)?;
        }
        match unasked {
            Unasked::End | Unasked::SaysAndEnds(_) => self.end(),
            Unasked::Reset => {
                SockRef::from(&self.stream).set_linger(Some(Duration::ZERO))?;
                // Its thread reads an end and lets go; the last to do so resets.
                self.stream.shutdown(Shutdown::Read)
            }
            Unasked::CloseNotify | Unasked::Says(_) | Unasked::UpdatesKeys => Ok(()),
        }
    }
}

impl Unasked {
    /// As much of it as TLS says.
    fn tell(&self, session: &mut dyn TlsSession) -> io::Result<()> {
        match self {
            Self::Says(bytes) => session.speak(bytes)?,
            Self::SaysAndEnds(bytes) => {
                session.speak(bytes)?;
                session.close_notify();
            }
            Self::CloseNotify => session.close_notify(),
            Self::UpdatesKeys => session.update_keys()?,
            Self::End | Self::Reset => {}
        }
        Ok(())
    }
}
