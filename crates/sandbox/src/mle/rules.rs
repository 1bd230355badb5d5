use crate::explained::Explained;
use crate::reading::Reading;

/// Whether message-level encryption is used in one direction.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum Mle {
    /// Encrypted requests are refused, and no response is encrypted.
    Off,
    /// Requests may be encrypted, and responses are encrypted on request. Today's service does this.
    #[default]
    Optional,
    /// Requests must be encrypted, or must ask for encrypted responses. The service will do this.
    Mandatory,
}

/// The content of an encrypted response that holds credentials.
///
/// The vendor's documents don't specify it, so a client has to open all three forms.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum EncryptedContent {
    /// The credentials as JSON; only the response itself is encrypted.
    Json,
    /// The compact JWE that an unencrypted response would be, sealed for the key of payment credentials.
    #[default]
    Jwe,
    /// The same JWE as a JSON string.
    QuotedJwe,
}

/// The part of a policy that concerns message-level encryption.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules {
    pub(crate) requests: Mle,
    pub(crate) responses: Mle,
    pub(crate) content: EncryptedContent,
    pub(crate) reading: Reading,
    pub(crate) explained: Explained,
}
