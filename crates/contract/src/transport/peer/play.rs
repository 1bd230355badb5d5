use std::fmt;

use bytes::Bytes;

use super::Unsolicited;

/// What a peer does.
pub(crate) enum Play {
    /// Responds to each request, by its index among all requests that this peer has received.
    Answers(Box<dyn Fn(usize) -> Reply + Send + Sync>),
    /// Closes a connection once `after` bytes of a request have arrived.
    Cuts { after: usize },
    /// Sends the greeting on each connection, then responds to each request with the request's own
    /// body. The second response waits until the suite releases it.
    Echoes { greeting: Bytes },
    /// Does this, unsolicited, on the first connection as soon as TLS allows it, and responds
    /// correctly to each request. Without TLS the greeting is left out.
    Greets(Unsolicited),
    /// Ends its side of each connection at once, without a response, and still receives all bytes.
    HangsUp,
    /// Doesn't listen.
    Refuses,
}

impl Play {
    pub(crate) fn answers(answer: impl Fn(usize) -> Reply + Send + Sync + 'static) -> Self {
        Self::Answers(Box::new(answer))
    }
}

impl fmt::Debug for Play {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Answers(_) => "Answers",
            Self::Cuts { .. } => "Cuts",
            Self::Echoes { .. } => "Echoes",
            Self::Greets(_) => "Greets",
            Self::HangsUp => "HangsUp",
            Self::Refuses => "Refuses",
        })
    }
}

/// The bytes of a response, as they are sent, and whether the connection closes afterwards.
pub(crate) struct Reply {
    pub(crate) pieces: Box<dyn Iterator<Item = Bytes> + Send>,
    pub(crate) closes: bool,
    pub(crate) held: bool,
}

impl Reply {
    /// Sends these bytes, and keeps the connection open.
    pub(crate) fn new(bytes: impl Into<Bytes>) -> Self {
        Self::pieces([bytes.into()].into_iter())
    }

    pub(crate) fn pieces(pieces: impl Iterator<Item = Bytes> + Send + 'static) -> Self {
        Self {
            pieces: Box::new(pieces),
            closes: false,
            held: false,
        }
    }

    /// Closes the connection afterwards.
    pub(crate) fn closing(mut self) -> Self {
        self.closes = true;
        self
    }

    /// Holds the response back until the suite releases it.
    pub(crate) fn held(mut self) -> Self {
        self.held = true;
        self
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply")
            .field("closes", &self.closes)
            .field("held", &self.held)
            .finish_non_exhaustive()
    }
}
