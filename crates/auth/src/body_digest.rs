use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The SHA-256 of a body's exact bytes in base64, which the signature of a request covers.
///
/// `None` for an empty body, since the vendor requires that no digest is sent then.
///
/// ```
/// use payment_credentials_auth::body_digest;
///
/// let digest = "RBNvo1WzZ4oRRq0W9+hknpT7T8If536DEMBg9hyq/4o=";
/// assert_eq!(body_digest(b"{}").as_deref(), Some(digest));
/// assert_eq!(body_digest(b""), None);
/// ```
#[must_use]
pub fn body_digest(body: &[u8]) -> Option<String> {
    (!body.is_empty()).then(|| STANDARD.encode(digest(&SHA256, body)))
}
