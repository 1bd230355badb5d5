use std::fmt;

use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::rsa::{KeySize, PrivateDecryptingKey, PublicEncryptingKey};
use zeroize::Zeroizing;

use crate::{dice, pem};

/// The merchant id, the same at every start.
const ID: &str = "sandbox_merchant";

/// The one merchant that the sandbox knows, and what it needs to open its answers.
///
/// The key is made at each start, is known to nobody else, and is wiped when the sandbox is
/// dropped. It stands for the vendor's *Message-Level Encryption* key of TMS: RSA-2048, as in the
/// TMS developer guide.
pub struct Merchant {
    opening_key_id: String,
    opening_key_pem: Zeroizing<String>,
}

impl Merchant {
    /// Makes the key (about 100 ms), and returns its public half beside the merchant.
    pub(crate) fn generate() -> Result<(Self, PublicEncryptingKey), Unspecified> {
        let key = PrivateDecryptingKey::generate(KeySize::Rsa2048)?;
        let der: Pkcs8V1Der<'_> = key.as_der()?;
        let merchant = Self {
            opening_key_id: dice::key_id()?,
            opening_key_pem: pem::private_key(der.as_ref()),
        };
        Ok((merchant, key.public_key()))
    }

    /// The merchant id.
    #[must_use]
    pub const fn id(&self) -> &str {
        ID
    }

    /// The `kid` of every answer sealed for this merchant: 40 lower-case hexadecimal digits.
    #[must_use]
    pub fn opening_key_id(&self) -> &str {
        &self.opening_key_id
    }

    /// The private key that opens the answers, as PKCS#8 in PEM.
    #[must_use]
    pub fn opening_key_pem(&self) -> &str {
        &self.opening_key_pem
    }
}

impl fmt::Debug for Merchant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Merchant")
            .field("id", &ID)
            .field("opening_key_id", &self.opening_key_id)
            .finish_non_exhaustive()
    }
}
