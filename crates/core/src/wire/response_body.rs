use std::fmt;

use bytes::Bytes;
use zeroize::Zeroize;

use crate::secret::SecretBytes;

/// The most bytes that a response's body may have; a larger body is rejected unread.
///
/// The service's responses have about 2 KiB. A transport should stop reading at this limit.
pub const MAX_RESPONSE_BODY: usize = 256 * 1024;

/// A response's body, with its origin; `Debug` shows only its length.
#[non_exhaustive]
pub enum ResponseBody {
    /// As it was received.
    Received(Bytes),
    /// The plaintext that response message-level encryption returned after authenticated decryption, or an
    /// unencrypted body that its caller allowed. Only here are plain JSON credentials accepted; a JWE is
    /// treated in the same way as in any other body.
    Decrypted(SecretBytes),
}

impl ResponseBody {
    pub(super) fn bytes(&self) -> &[u8] {
        match self {
            Self::Received(bytes) => bytes,
            Self::Decrypted(bytes) => bytes.expose(),
        }
    }

    /// Wipes the bytes, which may hold card data, unless someone else holds the same bytes.
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
