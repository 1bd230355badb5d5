use std::fmt;
use std::sync::Arc;

use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::rsa::{KeySize, PrivateDecryptingKey, PublicEncryptingKey};
use zeroize::Zeroizing;

use crate::api_keys::{ApiKeys, key_accessors};
use crate::{dice, pem};

/// The merchant id, the same at every start.
pub(crate) const ID: &str = "sandbox_merchant";

/// The merchant that owns the sandbox's vault, with its keys for signing requests and opening responses.
///
/// The keys are made at each start, known to nobody else, and wiped when the sandbox is dropped.
pub struct Merchant {
    keys: Arc<ApiKeys>,
    opening: OpeningKey,
}

/// The key that opens responses. It corresponds to the vendor's *Message-Level Encryption* key of TMS:
/// RSA-2048, as in the TMS developer guide.
pub(crate) struct OpeningKey {
    pub(crate) id: String,
    pem: Zeroizing<String>,
}

impl OpeningKey {
    /// Makes the key, which takes about 100 ms, and returns its public half too.
    pub(crate) fn generate() -> Result<(Self, PublicEncryptingKey), Unspecified> {
        let key = PrivateDecryptingKey::generate(KeySize::Rsa2048)?;
        let der: Pkcs8V1Der<'_> = key.as_der()?;
        let opening = Self {
            id: dice::key_id()?,
            pem: pem::private_key(der.as_ref()),
        };
        Ok((opening, key.public_key()))
    }
}

impl Merchant {
    pub(crate) const fn new(keys: Arc<ApiKeys>, opening: OpeningKey) -> Self {
        Self { keys, opening }
    }

    /// The merchant id.
    #[must_use]
    pub const fn id(&self) -> &str {
        ID
    }

    /// The `kid` of every response sealed for this merchant: 40 lower-case hexadecimal digits.
    #[must_use]
    pub fn opening_key_id(&self) -> &str {
        &self.opening.id
    }

    /// The private key that opens the responses, as PKCS#8 in PEM.
    #[must_use]
    pub fn opening_key_pem(&self) -> &str {
        &self.opening.pem
    }

    key_accessors!("merchant");
}

impl fmt::Debug for Merchant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Merchant")
            .field("id", &ID)
            .field("opening_key_id", &self.opening.id)
            .field("keys", &self.keys)
            .finish_non_exhaustive()
    }
}
