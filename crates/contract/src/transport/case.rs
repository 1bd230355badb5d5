//! What an adapter's library may leave it no say in.

/// A part of HTTP's grammar, or of what comes before a request, that comes to the same from every
/// adapter.
///
/// An adapter whose library leaves it no say declares so by [`Stage::differs`](super::Stage::differs).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Case {
    /// Chunks without a size, with more than they say, or with extensions and trailers.
    Chunks,
    /// What comes before the first request on a fresh connection under TLS: an end, or a response to
    /// nobody. It is `NotSent`, where an adapter that can't see its first byte leave says `Unknown`.
    Greetings,
    /// Informational responses (1xx): sixteen are skipped, and not one more.
    Informational,
    /// A `Content-Length` that is no number, or two.
    Lengths,
    /// A switch of protocols (101), which nobody asks for.
    SwitchingProtocols,
    /// Any transfer coding but `chunked`: the body ends with its connection, and a cut is an end.
    TransferCodings,
}

impl Case {
    /// Every case.
    pub const ALL: [Self; 6] = [
        Self::Chunks,
        Self::Greetings,
        Self::Informational,
        Self::Lengths,
        Self::SwitchingProtocols,
        Self::TransferCodings,
    ];
}
