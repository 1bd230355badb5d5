use std::fmt;

use bytes::Bytes;
use zeroize::Zeroize;

use crate::secret::SecretBytes;

/// A response's body is at most this many bytes; larger ones are refused unread.
///
/// The service's responses have about 2 KiB. A transport should stop reading here.
pub const MAX_RESPONSE_BODY: usize = 256 * 1024;

/// A response's body, and where it comes from; `Debug` shows its length alone.
#[non_exhaustive]
pub enum ResponseBody {
    /// As it was received.
    Received(Bytes),
    /// What response message-level encryption handed back after authenticated decryption, or what
    /// its caller allowed in the clear. Plain JSON credentials are accepted here, and
    /// nowhere else; a JWE is here what it is anywhere.
    Decrypted(SecretBytes),
}

impl ResponseBody {
    pub(super) fn bytes(&self) -> &[u8] {
        match self {
            Self::Received(bytes) => bytes,
            Self::Decrypted(bytes) => bytes.expose(),
        }
    }

    /// Wipes what may hold card data, as far as nobody else holds the same bytes.
    pub(super) fn wipe(self) {
        if let Self::Received(bytes) = self
            && let Ok(mut bytes) = bytes.try_into_mut()
        {
            bytes.zeroize();
        }
    }
}

impl fmt::Debug for ResponseBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self {
            Self::Received(_) => "Received",
            Self::Decrypted(_) => "Decrypted",
        };
        write!(f, "{name}({} bytes)", self.bytes().len())
    }
}
