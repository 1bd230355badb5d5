use crate::explained::Explained;
use crate::reading::Reading;

/// How a direction of message-level encryption is dealt with.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum Mle {
    /// What is encrypted is refused, and no response is encrypted.
    Off,
    /// Requests may be encrypted, answers are where it is asked for. Today's service does this.
    #[default]
    Optional,
    /// Requests must be encrypted, or encrypted responses asked for. The service will do this.
    Mandatory,
}

/// What is inside of an encrypted response that holds credentials.
///
/// The vendor's documents don't say, so a client has to open all three.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum EncryptedContent {
    /// The credentials as JSON: the one encryption there is is that of the response.
    Json,
    /// The compact JWE that the response would be without it, for the key of payment credentials.
    #[default]
    Jwe,
    /// The same JWE as a JSON string.
    QuotedJwe,
}

/// The part of a policy that is about message-level encryption.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules {
    pub(crate) requests: Mle,
    pub(crate) responses: Mle,
    pub(crate) content: EncryptedContent,
    pub(crate) reading: Reading,
    pub(crate) explained: Explained,
}
