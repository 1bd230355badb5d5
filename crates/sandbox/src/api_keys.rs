use std::error::Error;
use std::fmt;
use std::sync::{Arc, OnceLock};

use aws_lc_rs::error::Unspecified;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD as BASE64URL};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::dice;
use crate::keystore::Keystore;
use crate::keystore_authority::{Authority, BoxError};

/// What somebody needs to authenticate, in each of the ways there are.
///
/// Made at each start; wiped with the last who holds it.
pub(crate) struct ApiKeys {
    owner: &'static str,
    key_id: String,
    shared_secret: Zeroizing<String>,
    bearer_access_token: Zeroizing<String>,
    certificate_key_id: String,
    response_key_id: String,
    keystore_password: Zeroizing<String>,
    authority: Arc<Authority>,
    // Made when they are first asked for: RSA keys take their time.
    keystore: OnceLock<Keystore>,
    response_keystore: OnceLock<Keystore>,
}

impl ApiKeys {
    pub(crate) fn generate(
        owner: &'static str,
        authority: Arc<Authority>,
    ) -> Result<Self, Unspecified> {
        Ok(Self {
            owner,
            key_id: Uuid::new_v4().to_string(),
            shared_secret: secret(|bytes| STANDARD.encode(bytes))?,
            bearer_access_token: secret(|bytes| BASE64URL.encode(bytes))?,
            certificate_key_id: dice::digits::<22>()?,
            response_key_id: dice::digits::<22>()?,
            keystore_password: secret(|bytes| BASE64URL.encode(bytes))?,
            authority,
            keystore: OnceLock::new(),
            response_keystore: OnceLock::new(),
        })
    }

    pub(crate) const fn owner(&self) -> &'static str {
        self.owner
    }

    pub(crate) fn key_id(&self) -> &str {
        &self.key_id
    }

    pub(crate) fn shared_secret(&self) -> &str {
        &self.shared_secret
    }

    pub(crate) fn bearer_access_token(&self) -> &str {
        &self.bearer_access_token
    }

    pub(crate) fn certificate_key_id(&self) -> &str {
        &self.certificate_key_id
    }

    pub(crate) fn keystore_password(&self) -> &str {
        &self.keystore_password
    }

    pub(crate) fn response_key_id(&self) -> &str {
        &self.response_key_id
    }

    /// The PKCS#12 file.
    pub(crate) fn keystore(&self) -> Result<&[u8], KeystoreError> {
        let keystore = self.made(&self.keystore, &self.certificate_key_id)?;
        Ok(&keystore.pkcs12)
    }

    /// What opens encrypted responses.
    pub(crate) fn response_keystore(&self) -> Result<&Keystore, KeystoreError> {
        self.made(&self.response_keystore, &self.response_key_id)
    }

    fn made<'a>(
        &self,
        place: &'a OnceLock<Keystore>,
        digits: &str,
    ) -> Result<&'a Keystore, KeystoreError> {
        if let Some(keystore) = place.get() {
            return Ok(keystore);
        }
        let password = &self.keystore_password;
        let keystore = Keystore::generate(self.owner, digits, password, &self.authority)
            .map_err(KeystoreError::new)?;
        Ok(place.get_or_init(|| keystore))
    }

    /// The public half of the keystore's key; nobody has the other one until it was asked for.
    pub(crate) fn public_key(&self) -> Option<&[u8]> {
        self.keystore
            .get()
            .map(|keystore| keystore.public_key.as_slice())
    }

    /// What the shared secret stands for.
    pub(crate) fn secret_bytes(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(STANDARD.decode(self.shared_secret()).unwrap_or_default())
    }
}

/// 32 random bytes as text.
fn secret(encode: impl Fn(&[u8]) -> String) -> Result<Zeroizing<String>, Unspecified> {
    let bytes = Zeroizing::new(dice::bytes::<32>()?);
    Ok(Zeroizing::new(encode(bytes.as_slice())))
}

impl fmt::Debug for ApiKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiKeys")
            .field("owner", &self.owner)
            .field("key_id", &self.key_id)
            .field("certificate_key_id", &self.certificate_key_id)
            .field("response_key_id", &self.response_key_id)
            .finish_non_exhaustive()
    }
}

/// Why a keystore or a certificate could not be made: the operating system had no randomness to give.
#[derive(Debug)]
pub struct KeystoreError(BoxError);

impl KeystoreError {
    pub(crate) const fn new(cause: BoxError) -> Self {
        Self(cause)
    }
}

impl fmt::Display for KeystoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the keystore or certificate could not be made")
    }
}

impl Error for KeystoreError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(self.0.as_ref())
    }
}
