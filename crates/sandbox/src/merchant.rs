use std::fmt;
use std::sync::Arc;

use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::rsa::{KeySize, PrivateDecryptingKey, PublicEncryptingKey};
use zeroize::Zeroizing;

use crate::api_keys::{ApiKeys, KeystoreError};
use crate::{dice, pem};

/// The merchant id, the same at every start.
pub(crate) const ID: &str = "sandbox_merchant";

/// The merchant whose vault the sandbox is, and what it needs to authenticate and open responses.
///
/// All of it is made at each start, known to nobody else, and wiped when the sandbox is dropped.
pub struct Merchant {
    keys: Arc<ApiKeys>,
    opening: OpeningKey,
}

/// Opens responses. It stands for the vendor's *Message-Level Encryption* key of TMS: RSA-2048, as
/// in the TMS developer guide.
pub(crate) struct OpeningKey {
    pub(crate) id: String,
    pem: Zeroizing<String>,
}

impl OpeningKey {
    /// Makes the key (about 100 ms), and returns its public half beside it.
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

    pub(crate) const fn keys(&self) -> &Arc<ApiKeys> {
        &self.keys
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

    /// The id of the shared secret, for HTTP signatures and as `kid` of HS256.
    #[must_use]
    pub fn key_id(&self) -> &str {
        self.keys.key_id()
    }

    /// The shared secret: standard base64 of 32 bytes.
    #[must_use]
    pub fn shared_secret(&self) -> &str {
        self.keys.shared_secret()
    }

    /// A PKCS#12 file, as the vendor's portal hands it out.
    ///
    /// It holds a private key, its certificate (the subject's common name is the merchant id, its
    /// serial number the [`certificate_key_id`](Self::certificate_key_id)), the certificate of
    /// `CyberSource_SJC_US`, and the one that issued both. It is made when it is first asked for,
    /// which takes a few 100 ms.
    ///
    /// # Errors
    ///
    /// [`KeystoreError`] if there is no randomness to make it of.
    pub fn keystore(&self) -> Result<&[u8], KeystoreError> {
        self.keys.keystore()
    }

    /// The password of both keystores.
    #[must_use]
    pub fn keystore_password(&self) -> &str {
        self.keys.keystore_password()
    }

    /// The `kid` of RS256: the 22 digits of the certificate's subject.
    #[must_use]
    pub fn certificate_key_id(&self) -> &str {
        self.keys.certificate_key_id()
    }

    /// A second PKCS#12 file, with the key that opens encrypted responses (response MLE).
    ///
    /// It is as the [`keystore`](Self::keystore), but for the key and its certificate, whose
    /// serial number is the [`response_key_id`](Self::response_key_id); it has the same password.
    ///
    /// # Errors
    ///
    /// [`KeystoreError`] if there is no randomness to make it of.
    pub fn response_keystore(&self) -> Result<&[u8], KeystoreError> {
        let keystore = self.keys.response_keystore()?;
        Ok(&keystore.pkcs12)
    }

    /// The private key of the [`response_keystore`](Self::response_keystore), as PKCS#8 in PEM.
    ///
    /// # Errors
    ///
    /// [`KeystoreError`] if there is no randomness to make it of.
    pub fn response_key_pem(&self) -> Result<&str, KeystoreError> {
        let keystore = self.keys.response_keystore()?;
        Ok(&keystore.pem)
    }

    /// What `v-c-response-mle-kid` has to be: 22 digits.
    #[must_use]
    pub fn response_key_id(&self) -> &str {
        self.keys.response_key_id()
    }

    /// A bearer access credential.
    #[must_use]
    pub fn bearer_access_token(&self) -> &str {
        self.keys.bearer_access_token()
    }
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
