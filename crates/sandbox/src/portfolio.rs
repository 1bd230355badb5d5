use std::fmt;
use std::sync::Arc;

use crate::api_keys::{ApiKeys, KeystoreError};
use crate::merchant;

/// The portfolio id, the same at every start.
pub(crate) const ID: &str = "sandbox_portfolio";

/// The merchants that the portfolio may act for.
pub(crate) const MERCHANT_IDS: [&str; 2] = [merchant::ID, "sandbox_merchant_2"];

/// The one portfolio that the sandbox knows, whose keys are good for its merchants (`MetaKey`).
///
/// Made and wiped as those of the [`Merchant`](crate::Merchant) are.
pub struct Portfolio {
    keys: Arc<ApiKeys>,
}

impl Portfolio {
    pub(crate) const fn new(keys: Arc<ApiKeys>) -> Self {
        Self { keys }
    }

    pub(crate) const fn keys(&self) -> &Arc<ApiKeys> {
        &self.keys
    }

    /// The portfolio id.
    #[must_use]
    pub const fn id(&self) -> &str {
        ID
    }

    /// The merchants it may act for; the first is the sandbox's merchant.
    #[must_use]
    pub const fn merchant_ids(&self) -> &[&str] {
        &MERCHANT_IDS
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

    /// A PKCS#12 file as [`Merchant::keystore`](crate::Merchant::keystore) has it; the subject's
    /// common name is the portfolio id.
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

impl fmt::Debug for Portfolio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Portfolio")
            .field("keys", &self.keys)
            .finish_non_exhaustive()
    }
}
