use std::time::SystemTime;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderValue};
use payment_credentials_core::seam::{RequestAuthenticator, UnsignedRequest};
use payment_credentials_core::{AuthError, ConfiguredKey, MerchantId, Repeatability};

use crate::body_digest::body_digest;
use crate::shared_secret::SharedSecretKey;
use crate::signing_time::http_date;

mod format;

pub use format::{DateHeader, HttpSignatureFormat, RequestTargetLine};

/// Signs requests with HTTP Signature, which the vendor retires in March 2027.
///
/// [`JwtAuthenticator::with_shared_secret`](crate::JwtAuthenticator::with_shared_secret) uses the same key.
/// Requests with an HTTP Signature can't carry message-level encryption. A clone shares the key.
#[derive(Clone, Debug)]
pub struct HttpSignatureAuthenticator {
    key: SharedSecretKey,
    merchant: MerchantId,
    format: HttpSignatureFormat,
}

impl HttpSignatureAuthenticator {
    /// Signs with a shared secret, and logs a warning that the vendor retires HTTP Signature.
    #[must_use]
    pub fn new(key: SharedSecretKey) -> Self {
        tracing::warn!(
            key_id = %key.key_id(),
            "CyberSource retires HTTP Signature in March 2027; \
             JwtAuthenticator::with_shared_secret takes the same key"
        );
        Self {
            merchant: key.owner().clone(),
            key,
            format: HttpSignatureFormat::default(),
        }
    }

    /// Sets the merchant to make requests for. With a MetaKey, this is another merchant than the key's
    /// owner.
    #[must_use]
    pub fn for_merchant(mut self, merchant: MerchantId) -> Self {
        self.merchant = merchant;
        self
    }

    /// Sets the names of the signed lines; by default those of the vendor's SDKs.
    #[must_use]
    pub fn format(mut self, format: HttpSignatureFormat) -> Self {
        self.format = format;
        self
    }

    /// Signs a request: a pure function of its arguments.
    ///
    /// # Errors
    ///
    /// [`AuthError`] if `now` is before 1970 or after 9999.
    pub fn headers(
        &self,
        unsigned: &UnsignedRequest,
        now: SystemTime,
    ) -> Result<HeaderMap, AuthError> {
        let digest = body_digest(&unsigned.body);
        let string_to_sign = self.string_to_sign(unsigned, now, digest.as_deref())?;
        let signature = self.signature_header(&string_to_sign);
        let merchant = unsigned.merchant_id.as_ref().unwrap_or(&self.merchant);

        let mut headers = HeaderMap::with_capacity(4);
        let date = self.format.date.name();
        headers.insert(date, value(http_date(now)?)?);
        headers.insert("v-c-merchant-id", value(merchant.as_str().to_owned())?);
        if let Some(digest) = digest {
            headers.insert("digest", value(["SHA-256=", &digest].concat())?);
        }
        let mut signature = value(signature)?;
        signature.set_sensitive(true);
        headers.insert("signature", signature);
        Ok(headers)
    }

    /// The signed lines, to compare with the vendor's tools if the service responds with 401.
    ///
    /// The digest is that of [`body_digest`].
    ///
    /// # Errors
    ///
    /// [`AuthError`] if `now` is before 1970 or after 9999.
    pub fn string_to_sign(
        &self,
        unsigned: &UnsignedRequest,
        now: SystemTime,
        digest: Option<&str>,
    ) -> Result<String, AuthError> {
        let method = unsigned.method.as_str().to_ascii_lowercase();
        let target = [&method, " ", &unsigned.path].concat();
        let digest = digest.map(|digest| ["SHA-256=", digest].concat());
        let lines: Vec<_> = [
            ("host", Some(&*unsigned.host)),
            (self.format.date.name(), Some(&*http_date(now)?)),
            (self.format.request_target.name(), Some(&*target)),
            ("digest", digest.as_deref()),
            ("v-c-merchant-id", Some(self.key.owner().as_str())),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some([name, value?].join(": ")))
        .collect();
        Ok(lines.join("\n"))
    }

    /// The signature of the given lines: their HMAC-SHA256 in base64.
    #[must_use]
    pub fn signature(&self, string_to_sign: &str) -> String {
        STANDARD.encode(self.key.sign(string_to_sign.as_bytes()))
    }

    fn signature_header(&self, string_to_sign: &str) -> String {
        let names: Vec<&str> = string_to_sign
            .lines()
            .filter_map(|line| line.split_once(": "))
            .map(|(name, _)| name)
            .collect();
        format!(
            r#"keyid="{}", algorithm="HmacSHA256", headers="{}", signature="{}""#,
            self.key.key_id().as_str(),
            names.join(" "),
            self.signature(string_to_sign),
        )
    }
}

#[async_trait]
impl RequestAuthenticator for HttpSignatureAuthenticator {
    fn carries_message_encryption(&self) -> bool {
        false
    }

    fn acts_for(&self, merchant_id: &MerchantId) -> bool {
        *merchant_id == self.merchant || self.merchant != *self.key.owner()
    }

    fn merchant_id(&self) -> Option<MerchantId> {
        Some(self.merchant.clone())
    }

    fn configured_keys(&self) -> Vec<ConfiguredKey> {
        vec![self.key.configured_key()]
    }

    async fn authenticate(
        &self,
        unsigned: &UnsignedRequest,
        now: SystemTime,
    ) -> Result<HeaderMap, AuthError> {
        self.headers(unsigned, now)
    }
}

fn value(text: String) -> Result<HeaderValue, AuthError> {
    HeaderValue::try_from(text).map_err(|error| AuthError::new(Repeatability::Never, error))
}
