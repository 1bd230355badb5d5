//! Responses, with the headers that all of them have.

use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http::header::{ALLOW, CONTENT_TYPE, DATE, RETRY_AFTER};
use http::{HeaderValue, Response, StatusCode};
use http_body_util::Full;
use payment_credentials_core::header::{CORRELATION_ID, UNIQUE_TRANSACTION_ID};
use tokio::time::Duration;

use crate::dice;
use crate::error_response::ErrorResponse;

pub(crate) const JOSE: &str = "application/jose;charset=utf-8";
pub(crate) const JSON: &str = "application/json;charset=utf-8";

/// A refusal with this body, which is JSON, encrypted or not.
pub(crate) fn refused(
    refusal: &ErrorResponse,
    body: String,
    now: SystemTime,
) -> Response<Full<Bytes>> {
    let mut response = respond(refusal.status, JSON, body, now);
    let headers = response.headers_mut();
    if let Some(allow) = refusal.allow {
        headers.insert(ALLOW, HeaderValue::from_static(allow));
    }
    if let Some(seconds) = refusal.retry_after {
        headers.insert(RETRY_AFTER, HeaderValue::from(u16::from(seconds)));
    }
    response
}

/// A response with the date, and with the two ids that the vendor documents for every status.
pub(crate) fn respond(
    status: u16,
    content_type: &'static str,
    body: String,
    now: SystemTime,
) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() =
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    if let Some(date) = date(now) {
        headers.insert(DATE, date);
    }
    // The ids are for support tickets: a response without them is better than no response.
    if let Some(id) = dice::digits::<22>().ok().and_then(|id| id.parse().ok()) {
        headers.insert(CORRELATION_ID, id);
    }
    if let Ok(id) = uuid::Uuid::new_v4().to_string().parse() {
        headers.insert(UNIQUE_TRANSACTION_ID, id);
    }
    response
}

/// The time as a header; `None` outside of the years that have one, 1970 to 9999.
fn date(now: SystemTime) -> Option<HeaderValue> {
    const YEAR_10000: Duration = Duration::from_secs(253_402_300_800);
    let since = now.duration_since(UNIX_EPOCH).ok()?;
    let date = (since < YEAR_10000).then(|| httpdate::fmt_http_date(now))?;
    date.parse().ok()
}
