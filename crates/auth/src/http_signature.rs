use std::time::SystemTime;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderName, HeaderValue};
use payment_credentials_core::seam::{RequestAuthenticator, UnsignedRequest};
use payment_credentials_core::{AuthError, ConfiguredKey, MerchantId, Repeatability};

use crate::body_digest::body_digest;
use crate::shared_secret::SharedSecretKey;
use crate::signing_time::http_date;

mod format;
mod lines;

pub use format::{DateHeader, HttpSignatureFormat, RequestTargetLine};
use lines::SignedLines;

static DIGEST: HeaderName = HeaderName::from_static("digest");
static MERCHANT_ID: HeaderName = HeaderName::from_static("v-c-merchant-id");
static SIGNATURE: HeaderName = HeaderName::from_static("signature");

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
        let (date, target) = (http_date(now)?, request_target(unsigned));
        let digest = body_digest(&unsigned.body).as_deref().map(digest_value);
        let lines = self.lines(unsigned, &date, &target, digest.as_deref());
        let mut signature = value(self.signature_header(&lines))?;
        signature.set_sensitive(true);
        let merchant = unsigned.merchant_id.as_ref().unwrap_or(&self.merchant);

        let mut headers = HeaderMap::with_capacity(4);
        headers.insert(self.format.date.header(), value(date)?);
        headers.insert(&MERCHANT_ID, value(merchant.as_str().to_owned())?);
        if let Some(digest) = digest {
            headers.insert(&DIGEST, value(digest)?);
        }
        headers.insert(&SIGNATURE, signature);
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
        let (date, target) = (http_date(now)?, request_target(unsigned));
        let digest = digest.map(digest_value);
        let lines = self.lines(unsigned, &date, &target, digest.as_deref());
        Ok(lines.joined())
    }

    /// The lines that a signature covers, with the digest as its header has it.
    fn lines<'a>(
        &'a self,
        unsigned: &'a UnsignedRequest,
        date: &'a str,
        target: &'a str,
        digest: Option<&'a str>,
    ) -> SignedLines<'a> {
        SignedLines([
            Some(("host", &unsigned.host)),
            Some((self.format.date.header().as_str(), date)),
            Some((self.format.request_target.name(), target)),
            digest.map(|digest| (DIGEST.as_str(), digest)),
            Some((MERCHANT_ID.as_str(), self.key.owner().as_str())),
        ])
    }

    /// The signature of the given lines: their HMAC-SHA256 in base64.
    #[must_use]
    pub fn signature(&self, string_to_sign: &str) -> String {
        STANDARD.encode(self.key.sign(string_to_sign.as_bytes()))
    }

    fn signature_header(&self, lines: &SignedLines<'_>) -> String {
        let mut header = String::with_capacity(256);
        header.push_str("keyid=\"");
        header.push_str(self.key.key_id().as_str());
        header.push_str("\", algorithm=\"HmacSHA256\", headers=\"");
        lines.push_names(&mut header);
        header.push_str("\", signature=\"");
        STANDARD.encode_string(self.key.sign(lines.joined().as_bytes()), &mut header);
        header.push('"');
        header
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

/// Method and path: the method in lower case.
fn request_target(unsigned: &UnsignedRequest) -> String {
    let method = unsigned.method.as_str();
    let mut target = String::with_capacity(method.len() + 1 + unsigned.path.len());
    target.push_str(method);
    target.make_ascii_lowercase();
    target.push(' ');
    target.push_str(&unsigned.path);
    target
}

fn digest_value(digest: &str) -> String {
    ["SHA-256=", digest].concat()
}

fn value(text: String) -> Result<HeaderValue, AuthError> {
    HeaderValue::try_from(text).map_err(|error| AuthError::new(Repeatability::Never, error))
}
