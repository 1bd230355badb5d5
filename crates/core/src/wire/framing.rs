use http::{HeaderMap, HeaderValue, StatusCode, header};

use crate::{Delivery, Phase, Repeatability, TransportError, TransportErrorKind};

/// Requires that the head of a response defines where its body ends: by its length, or by `chunked` alone.
///
/// HTTP/1.1 reads a body with any other transfer coding until the connection closes (RFC 9112 §6.3), so a
/// truncated body would look complete. A transport asks this before it reads a body.
///
/// # Errors
///
/// [`Framing`](TransportErrorKind::Framing) and [`Unknown`](Delivery::Unknown), in the phase of the body.
///
/// ```
/// use http::{HeaderMap, HeaderValue, header::TRANSFER_ENCODING};
/// use payment_credentials_core::wire::require_plain_framing;
///
/// let mut headers = HeaderMap::new();
/// assert!(require_plain_framing(&headers).is_ok());
/// headers.insert(TRANSFER_ENCODING, HeaderValue::from_static("chunked"));
/// assert!(require_plain_framing(&headers).is_ok());
/// headers.insert(TRANSFER_ENCODING, HeaderValue::from_static("gzip, chunked"));
/// assert!(require_plain_framing(&headers).is_err());
/// ```
pub fn require_plain_framing(headers: &HeaderMap) -> Result<(), TransportError> {
    let mut codings = headers.get_all(header::TRANSFER_ENCODING).iter();
    let is_chunked = |coding: &HeaderValue| coding.as_bytes().eq_ignore_ascii_case(b"chunked");
    if codings.next().is_none_or(is_chunked) && codings.next().is_none() {
        return Ok(());
    }
    Err(not_a_response(OTHER_CODING, Phase::Body))
}

/// Requires that a response doesn't switch protocols, since no request asks for that.
///
/// # Errors
///
/// For a 101, [`Framing`](TransportErrorKind::Framing) and [`Unknown`](Delivery::Unknown), in the phase of
/// the headers.
pub fn require_no_switch(status: StatusCode) -> Result<(), TransportError> {
    if status != StatusCode::SWITCHING_PROTOCOLS {
        return Ok(());
    }
    Err(not_a_response(SWITCHED, Phase::Headers))
}

fn not_a_response(why: &'static str, phase: Phase) -> TransportError {
    let (kind, delivery) = (TransportErrorKind::Framing, Delivery::Unknown);
    TransportError::new(kind, delivery, phase, Repeatability::Never).with_source(why)
}

const SWITCHED: &str = "the response is 101 (Switching Protocols), but the request had no Upgrade \
                        header; check which server the endpoint's address leads to";

const OTHER_CODING: &str = "the body has a transfer coding other than chunked, so a truncated body would \
                            look complete; check for a proxy that adds it";
