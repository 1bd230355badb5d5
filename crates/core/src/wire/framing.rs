use http::{HeaderMap, HeaderValue, header};

/// Whether the head of a response defines where its body ends: by its length, or by `chunked` alone.
///
/// HTTP/1.1 reads a body with any other transfer coding until the connection closes (RFC 9112 §6.3), so a
/// truncated body would look complete. A transport reports such a response as
/// [`Framing`](crate::TransportErrorKind::Framing).
///
/// ```
/// use http::{HeaderMap, HeaderValue, header::TRANSFER_ENCODING};
/// use payment_credentials_core::wire::is_plainly_framed;
///
/// let mut headers = HeaderMap::new();
/// assert!(is_plainly_framed(&headers));
/// headers.insert(TRANSFER_ENCODING, HeaderValue::from_static("chunked"));
/// assert!(is_plainly_framed(&headers));
/// headers.insert(TRANSFER_ENCODING, HeaderValue::from_static("gzip, chunked"));
/// assert!(!is_plainly_framed(&headers));
/// ```
#[must_use]
pub fn is_plainly_framed(headers: &HeaderMap) -> bool {
    let mut codings = headers.get_all(header::TRANSFER_ENCODING).iter();
    let is_chunked = |coding: &HeaderValue| coding.as_bytes().eq_ignore_ascii_case(b"chunked");
    codings.next().is_none_or(is_chunked) && codings.next().is_none()
}
