//! Determines whether a refusal shows that the service itself sent it.
//!
//! A status alone doesn't show that. Meshes and load balancers refuse requests in the service's place, and
//! some do so after the service received the request: Envoy sends 503 when the upstream connection breaks,
//! however far the request got.

use serde_json::value::RawValue;

use crate::json_depth;
use crate::json_members::{members, objects};
use crate::response_head::ResponseHead;

use super::envelope::Envelope;
use super::response_body::MAX_RESPONSE_BODY;

/// Whether a body is one that the service writes with a refusal: a list `errors` whose first member has a
/// text `type`, the gateway's `response.rmsg`, or an `encryptedResponse`.
///
/// The vendor's servers have been seen to send this JSON inside a JSON string.
pub(crate) fn is_the_services(body: &[u8]) -> bool {
    if body.len() > MAX_RESPONSE_BODY || !json_depth::is_within_json_depth(body) {
        return false;
    }
    let Some(text) = str::from_utf8(body).ok().map(str::trim_ascii) else {
        return false;
    };
    if !text.starts_with('"') {
        return is_an_error_body(text);
    }
    let inner: Option<String> = serde_json::from_str(text).ok();
    inner.is_some_and(|inner| {
        json_depth::is_within_json_depth(inner.as_bytes()) && is_an_error_body(&inner)
    })
}

fn is_an_error_body(json: &str) -> bool {
    if let Envelope::Encrypted(_) = Envelope::of(json.as_bytes()) {
        return true;
    }
    let Some([errors, response]) = members(json, ["errors", "response"]) else {
        return false;
    };
    let typed = errors
        .and_then(|errors| objects(errors.get(), 1))
        .and_then(|errors| has_text(errors.first()?, "type"));
    let said = response.and_then(|response| has_text(response.get(), "rmsg"));
    typed.or(said).is_some()
}

fn has_text(json: &str, name: &str) -> Option<()> {
    let [value] = members(json, [name])?;
    is_text(value?).then_some(())
}

/// A JSON string that isn't empty.
fn is_text(value: &RawValue) -> bool {
    value.get().starts_with('"') && value.get() != "\"\""
}

/// Whether a head names the call by one of the service's ids.
pub(super) fn names_the_call(head: &ResponseHead) -> bool {
    head.correlation_id().is_some() || head.unique_transaction_id().is_some()
}

/// Whether a head is one that the service writes when it refuses for now: it has `Retry-After`, and names
/// the call by one of the service's ids.
pub(super) fn declines(head: &ResponseHead) -> bool {
    names_the_call(head) && head.retry_after().is_some()
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::{HeaderMap, StatusCode};

    use super::*;
    use crate::error::{Delivery, PortErrorKind, Refusal, Repeatability};
    use crate::wire::{ResponseBody, decode};

    #[test]
    fn the_services_bodies_are_told_from_everybody_elses() {
        for body in [
            r#"{"errors":[{"type":"serviceUnavailable"}]}"#,
            r#" {"submitTimeUtc":"x","errors":[{"message":"m","type":"t"},{}]} "#,
            r#"{"response":{"rmsg":"Authentication Failed"}}"#,
            r#""{\"response\":{\"rmsg\":\"Authentication Failed\"}}""#,
            r#"{"encryptedResponse":"eyJ9.a.b.c.d"}"#,
        ] {
            assert!(is_the_services(body.as_bytes()), "{body}");
        }
        let deep = "[".repeat(1_000);
        for body in [
            "",
            "no healthy upstream",
            "<html>",
            "{}",
            r#"{"message":"Service Unavailable"}"#,
            r#"{"reason":"overflow","status":"503"}"#,
            r#"{"errors":[]}"#,
            r#"{"errors":[{}]}"#,
            r#"{"errors":[{"type":7}]}"#,
            r#"{"errors":[{"type":""}]}"#,
            r#"{"errors":[{"message":"m"},{"type":"t"}]}"#,
            r#"{"errors":{"type":"t"}}"#,
            r#"{"response":{"rmsg":null}}"#,
            r#"{"encryptedResponse":{}}"#,
            r#""no healthy upstream""#,
            &deep,
        ] {
            assert!(!is_the_services(body.as_bytes()), "{body}");
        }
    }

    #[track_caller]
    fn declines(headers: &[(&'static str, &'static str)], body: &str, delivery: Delivery) {
        let header = |(name, value): &(&'static str, &'static str)| {
            let name = http::HeaderName::from_static(name);
            (name, http::HeaderValue::from_static(value))
        };
        let kept = headers.iter().map(header).collect();
        let received = ResponseBody::Received(Bytes::copy_from_slice(body.as_bytes()));
        let error = decode(StatusCode::SERVICE_UNAVAILABLE, &kept, received).expect_err("refused");
        let repeatability = match delivery {
            Delivery::Answered => Repeatability::Safe,
            Delivery::NotSent | Delivery::Unknown => Repeatability::MayRepeat,
        };
        let reported = (error.kind(), error.delivery(), error.repeatability());
        let kind = PortErrorKind::Refused(Refusal::Unavailable);
        assert_eq!(
            reported,
            (kind, delivery, repeatability),
            "{headers:?} {body}"
        );
    }

    /// Row C27: a service mesh also sends 503, perhaps after the service has received the request.
    #[test]
    fn a_503_is_the_services_own_where_it_shows_that() {
        let body = r#"{"errors":[{"type":"serviceUnavailable"}]}"#;
        let wait = ("retry-after", "2");
        let id = ("v-c-correlation-id", "6612345");
        let other_id = ("uniquetransactionid", "77");
        declines(&[], body, Delivery::Answered);
        declines(
            &[],
            r#"{"encryptedResponse":"eyJ9.a.b.c.d"}"#,
            Delivery::Answered,
        );
        declines(&[wait, id], "", Delivery::Answered);
        declines(&[wait, other_id], "<html>", Delivery::Answered);
        let envoy = "upstream connect error or disconnect/reset before headers";
        for unproved in ["", envoy, r#"{"message":"no healthy upstream"}"#] {
            declines(&[], unproved, Delivery::Unknown);
            declines(&[wait], unproved, Delivery::Unknown);
            declines(&[id, other_id], unproved, Delivery::Unknown);
            declines(
                &[wait, ("v-c-correlation-id", "")],
                unproved,
                Delivery::Unknown,
            );
            declines(&[("retry-after", "soon"), id], unproved, Delivery::Unknown);
        }
    }

    /// An error body of the service with a 408 or a 502 doesn't prove that the service did not
    /// process the request.
    #[test]
    fn no_words_make_another_open_outcome_safe() {
        for status in [408, 500, 502, 504] {
            let status = StatusCode::from_u16(status).expect("a status");
            let body = ResponseBody::Received(r#"{"errors":[{"type":"t"}]}"#.into());
            let error = decode(status, &HeaderMap::new(), body).expect_err("refused");
            let reported = (error.delivery(), error.repeatability());
            assert_eq!(
                reported,
                (Delivery::Unknown, Repeatability::MayRepeat),
                "{status}"
            );
        }
    }
}
