//! The cause of a refusal whose body held no readable reason.

use http::{HeaderMap, HeaderName, header};

use crate::error::VendorErrors;
use crate::shown;

/// How many characters of a header's value are shown.
const MAX_VALUE: usize = 64;

/// The body of a refusal that was present but could not be read. Its size and its type help to find it
/// elsewhere, such as in a proxy's log.
#[derive(Debug, Eq, PartialEq, thiserror::Error)]
#[error(
    "the refusal's body ({bytes} bytes) holds no readable reason; media type: {}{}",
    .media_type.as_deref().unwrap_or("none"),
    .coding.as_ref().map_or_else(String::new, |coding| {
        format!("; content coding: {coding}, which is never decoded")
    }),
)]
pub(super) struct Unread {
    bytes: usize,
    media_type: Option<String>,
    coding: Option<String>,
}

impl Unread {
    /// `None` if there is no body, or if its reason was read.
    pub(super) fn of(headers: &HeaderMap, body: &[u8], read: &VendorErrors) -> Option<Self> {
        if body.is_empty() || !read.is_empty() {
            return None;
        }
        Some(Self {
            bytes: body.len(),
            media_type: value(headers, &header::CONTENT_TYPE),
            coding: value(headers, &header::CONTENT_ENCODING),
        })
    }
}

fn value(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let value = String::from_utf8_lossy(headers.get(name)?.as_bytes());
    Some(shown::printable(&value, MAX_VALUE))
}
