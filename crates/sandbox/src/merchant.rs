use std::fmt;
use std::sync::Arc;

use aws_lc_rs::error::Unspecified;
use aws_lc_rs::rsa::{PrivateDecryptingKey, PublicEncryptingKey};
use zeroize::Zeroizing;

use crate::api_keys::{ApiKeys, key_accessors};
use crate::pem;
use crate::rsa_keys::{Role, RsaKeys};

/// The merchant id, unless another is set.
pub(crate) const ID: &str = "sandbox_merchant";

/// The merchant that owns the sandbox's vault, with its keys for signing requests and opening responses.
///
/// Ids and secrets are made at each start, and wiped when the sandbox is dropped. The RSA keys are those of all
/// sandboxes of the process, unless [`SandboxBuilder::fresh_keys`](crate::SandboxBuilder::fresh_keys) makes some,
/// or [`SandboxBuilder::folder`](crate::SandboxBuilder::folder) keeps all of it.
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
    /// The key of this role under an id, and its public half.
    pub(crate) fn new(
        keys: &RsaKeys,
        role: Role,
        id: String,
    ) -> Result<(Self, PublicEncryptingKey), Unspecified> {
        let der = keys.pkcs8(role)?;
        let key = PrivateDecryptingKey::from_pkcs8(&der).map_err(|_refused| Unspecified)?;
        let pem = pem::private_key(&der);
        Ok((Self { id, pem }, key.public_key()))
    }
}

impl Merchant {
    pub(crate) const fn new(keys: Arc<ApiKeys>, opening: OpeningKey) -> Self {
        Self { keys, opening }
    }

    /// The merchant id: `sandbox_merchant`, unless
    /// [`SandboxBuilder::merchant_id`](crate::SandboxBuilder::merchant_id) sets another.
    #[must_use]
    pub fn id(&self) -> &str {
        self.keys.owner()
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
            .field("id", &self.id())
            .field("opening_key_id", &self.opening.id)
            .field("keys", &self.keys)
            .finish_non_exhaustive()
    }
}
