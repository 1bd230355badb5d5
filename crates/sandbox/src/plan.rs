//! The responses that the vault can give for a token id.

use crate::error_response::Documented;
use crate::version::Version;

/// The response of one row.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Plan {
    /// An empty response, for a row whose fault replaces the response.
    Blank,
    /// The card's own data in v3; v2 has no such response.
    Card { masked: bool },
    /// A network token that can't be used, and the reason that v3 gives.
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
