use std::fmt;

use bytes::Bytes;

use super::Unasked;

/// What a peer does.
pub(crate) enum Play {
    /// Answers each request, by its place among all that this peer has heard.
    Answers(Box<dyn Fn(usize) -> Reply + Send + Sync>),
    /// Closes a connection once so many bytes of a request have arrived.
    Cuts { after: usize },
    /// Answers each request with its own body, after it has said this to each client; the
    /// second response waits until the suite releases it.
    Echoes { greeting: Bytes },
    /// Does this unasked on the first connection, as soon as TLS lets it, and answers each request
    /// well. Without TLS the greeting is left out.
    Greets(Unasked),
    /// Says at once that it won't answer, and hears whatever comes all the same.
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

/// The bytes of a response, as they go out, and what becomes of the connection.
pub(crate) struct Reply {
    pub(crate) pieces: Box<dyn Iterator<Item = Bytes> + Send>,
    pub(crate) closes: bool,
    pub(crate) held: bool,
}

impl Reply {
    /// Bytes, after which the connection stays open.
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

    /// Waits until the suite releases it.
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
