//! The rules for which an adapter may depend on its HTTP library.

/// A rule of HTTP's grammar, or for data that arrives before a request, that has the same outcome with
/// every adapter.
///
/// If an adapter's HTTP library decides otherwise and the adapter can't change that,
/// [`Stage::differs`](super::Stage::differs) declares it.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Case {
    /// Chunks without a size, with more bytes than their size, or with extensions and trailers.
    Chunks,
    /// An end or an unsolicited response that arrives before the first request on a fresh TLS
    /// connection. The outcome is `NotSent`; an adapter that can't see its first byte leave reports
    /// `Unknown` instead.
    Greetings,
    /// Informational responses (1xx): sixteen are skipped, and the seventeenth is an error.
    Informational,
    /// A `Content-Length` that is no number, or two of them.
    Lengths,
    /// A switch of protocols (101), which no request asks for.
    SwitchingProtocols,
    /// Any transfer coding but `chunked`: the body ends with its connection, so a cut looks like the
    /// end.
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
