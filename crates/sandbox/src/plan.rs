//! What the vault can do for a token id.

use crate::error_response::Documented;
use crate::version::Version;

/// One row's behaviour.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Plan {
    /// v3 gives the card's own data; v2 has no such response.
    Card { masked: bool },
    /// A network token that can't be used, and v3's reason for it.
    Inactive {
        state: &'static str,
        reason: Option<&'static str>,
    },
    /// A network token ready for use.
    NetworkToken(Brand),
    /// As a Visa network token, but sealed for somebody else.
    OtherKey,
    /// An error of the service.
    Refuse(Documented),
    /// Something that the service itself would not do.
    Trick(Trick),
}

/// A card network.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Brand {
    AmericanExpress,
    Mastercard,
    Visa,
}

/// How a response goes missing, or comes from something else.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Trick {
    HangUp,
    Page,
    Silence,
}

impl Plan {
    /// The status of the response to a faultless request, if there is a response.
    pub(crate) const fn status(self, version: Version) -> Option<u16> {
        match (self, version) {
            (Self::Card { .. }, Version::V2) => Some(Documented::Unlisted.status()),
            (
                Self::Card { .. } | Self::Inactive { .. } | Self::NetworkToken(_) | Self::OtherKey,
                Version::V2 | Version::V3,
            ) => Some(201),
            (Self::Refuse(documented), _) => Some(documented.status()),
            (Self::Trick(Trick::Page), _) => Some(200),
            (Self::Trick(Trick::HangUp | Trick::Silence), _) => None,
        }
    }
}
