//! What the vault can do for a token id.

use crate::error_response::Documented;
use crate::version::Version;

/// One row's behaviour.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Plan {
    /// Nothing, for a row whose fault leaves nothing of the response.
    Blank,
    /// v3 gives the card's own data; v2 has no such response.
    Card { masked: bool },
    /// A network token that can't be used, and v3's reason for it.
    Inactive {
        state: &'static str,
        reason: Option<&'static str>,
    },
    /// A network token ready for use.
    NetworkToken(Brand),
    /// An error of the service.
    Refuse(Documented),
}

/// A card network.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Brand {
    AmericanExpress,
    Mastercard,
    Visa,
}

impl Plan {
    /// The status of the response to a faultless request.
    pub(crate) const fn status(self, version: Version) -> u16 {
        match (self, version) {
            (Self::Card { .. }, Version::V2) => Documented::UNLISTED.status(),
            (
                Self::Blank | Self::Card { .. } | Self::Inactive { .. } | Self::NetworkToken(_),
                Version::V2 | Version::V3,
            ) => 201,
            (Self::Refuse(documented), _) => documented.status(),
        }
    }
}
