use std::fmt;
use std::sync::Arc;

use aws_lc_rs::hmac;
use base64::engine::general_purpose::STANDARD;
use base64::{DecodeError, Engine as _};
use payment_credentials_core::{BuildError, ConfiguredKey, KeyId, KeyPurpose, MerchantId};
use zeroize::Zeroizing;

const EMPTY: &str = "is empty; give the text that the vendor's Business Center (its web console) \
                     showed with the key";
const NOT_BASE64: &str = "is not base64; give the text as the vendor's Business Center (its web \
                          console) showed it";
const SHORT: &str = "is shorter than 32 bytes: copy it again, whole; if it is whole, make a new key in the vendor's \
                     Business Center (its web console)";
const UNCANONICAL: &str = "is not canonical base64: characters at its end are missing or changed; \
                           give the text as the vendor's Business Center (its web console) showed it";
const URL_SAFE: &str = "is in the URL-safe alphabet of base64; give the text as the vendor's \
                        Business Center (its web console) showed it, with + and / in it";

/// The secret of a REST shared secret key, for signing.
///
/// The secret can't be read back, and it is wiped on drop.
pub struct SharedSecret(hmac::Key);

impl SharedSecret {
    /// The least length in bytes: that of HMAC-SHA256's output (RFC 7518 §3.2).
    pub const MIN_BYTES: usize = 32;

    /// Parses the secret in the form that the Business Center shows: base64 of 32 bytes.
    ///
    /// Line ends after the text are ignored. The given text isn't wiped; the caller has to wipe it.
    ///
    /// ```
    /// use payment_credentials_auth::SharedSecret;
    ///
    /// let secret = SharedSecret::from_base64("yBJxy6LjM2TmcPGu+GaJrHtkke25fPpUX+UY6/L/1tE=\n")?;
    /// assert_eq!(format!("{secret:?}"), "SharedSecret(redacted)");
    /// # Ok::<(), payment_credentials_core::BuildError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`BuildError`] if the text is empty, isn't canonical base64 of the standard alphabet, or holds fewer
    /// bytes than [`MIN_BYTES`](Self::MIN_BYTES).
    pub fn from_base64(text: &str) -> Result<Self, BuildError> {
        let unusable = |rule| BuildError::new("shared secret", rule);
        let text = text.trim_end_matches(['\r', '\n']);
        if text.is_empty() {
            return Err(unusable(EMPTY));
        }
        // Allocated with its final capacity: a buffer that grows leaves a copy behind.
        let mut secret = Zeroizing::new(Vec::with_capacity(text.len().saturating_add(3)));
        // The decoder's error holds a byte of the secret, so it is dropped.
        STANDARD
            .decode_vec(text, &mut secret)
            .map_err(|error| unusable(broken_rule(text, &error)))?;
        if secret.len() < Self::MIN_BYTES {
            return Err(unusable(SHORT));
        }
        Ok(Self(hmac::Key::new(hmac::HMAC_SHA256, &secret)))
    }

    /// The HMAC-SHA256 of the bytes to sign.
    pub(crate) fn sign(&self, message: &[u8]) -> hmac::Tag {
        hmac::sign(&self.0, message)
    }
}

impl fmt::Debug for SharedSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SharedSecret(redacted)")
    }
}

fn broken_rule(text: &str, error: &DecodeError) -> &'static str {
    if text.contains(['-', '_']) {
        return URL_SAFE;
    }
    match error {
        DecodeError::InvalidByte(..) => NOT_BASE64,
        DecodeError::InvalidLastSymbol { .. }
        | DecodeError::InvalidLength(_)
        | DecodeError::InvalidPadding => UNCANONICAL,
    }
}

/// A REST shared secret key from the Business Center: owner, key id and secret.
///
/// A [`JwtAuthenticator`](crate::JwtAuthenticator) and an
/// [`HttpSignatureAuthenticator`](crate::HttpSignatureAuthenticator) can use the same key. A clone shares
/// the secret.
#[derive(Clone, Debug)]
pub struct SharedSecretKey {
    owner: MerchantId,
    key_id: KeyId,
    secret: Arc<SharedSecret>,
}

impl SharedSecretKey {
    /// Joins the merchant account that owns the key (for a MetaKey the portfolio), key id and secret.
    #[must_use]
    pub fn new(owner: MerchantId, key_id: KeyId, secret: SharedSecret) -> Self {
        Self {
            owner,
            key_id,
            secret: Arc::new(secret),
        }
    }

    /// The merchant account that owns the key: a merchant's, or for a MetaKey the portfolio's.
    #[must_use]
    pub fn owner(&self) -> &MerchantId {
        &self.owner
    }

    /// The key's id.
    #[must_use]
    pub fn key_id(&self) -> &KeyId {
        &self.key_id
    }

    pub(crate) fn sign(&self, message: &[u8]) -> hmac::Tag {
        self.secret.sign(message)
    }

    pub(crate) fn configured_key(&self) -> ConfiguredKey {
        ConfiguredKey::new(KeyPurpose::SignRequests, Some(self.key_id.clone()))
    }
}
