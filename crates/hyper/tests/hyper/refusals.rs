//! Refusals over the wire: the status decides, and the body only adds details.

use std::error::Error;
use std::time::{Duration, UNIX_EPOCH};

use payment_credentials_core::{
    Delivery, PortError, PortErrorKind, Refusal, Repeatability, RetryAfter, UnexpectedResponse,
};

use crate::peer::Peer;

async fn answered(status: u16, headers: &str, body: &str) -> PortError {
    let length = body.len();
    let answer =
        format!("HTTP/1.1 {status} Odd\r\n{headers}content-length: {length}\r\n\r\n{body}");
    let error = Peer::answering(answer).call().await.expect_err("refused");
    assert_eq!(error.status(), Some(status));
    error
}

async fn refused(status: u16, body: &str) -> PortError {
    answered(status, "v-c-correlation-id: 6612345\r\n", body).await
}

#[track_caller]
fn check(error: &PortError, refusal: Refusal, delivery: Delivery, repeatability: Repeatability) {
    assert_eq!(error.kind(), PortErrorKind::Refused(refusal));
    assert_eq!(
        (error.delivery(), error.repeatability()),
        (delivery, repeatability)
    );
    assert_eq!(error.correlation_id().expect("an id").as_str(), "6612345");
}

/// Returns the complete text of an error, including its causes.
fn said(error: &PortError) -> String {
    let mut said = vec![format!("{error} {error:?} {error:#?}")];
    let mut cause = error.source();
    while let Some(error) = cause {
        said.push(format!("{error} {error:?}"));
        cause = error.source();
    }
    said.concat()
}

/// The service's own body of a 503.
const UNAVAILABLE: &str = r#"{"errors":[{"type":"serviceUnavailable"}]}"#;

/// Row C24: a 401 is recognised in every form that has been seen, and the service's text is kept.
#[tokio::test]
async fn c24_a_401_is_one_whatever_its_body() {
    let words = Some("Authentication Failed");
    for (body, message) in [
        (r#"{"response":{"rmsg":"Authentication Failed"}}"#, words),
        (
            r#""{\"response\":{\"rmsg\":\"Authentication Failed\"}}""#,
            words,
        ),
        (
            r#"{"errors":[{"type":"x","message":"Authentication Failed"}]}"#,
            words,
        ),
        ("<html>Authentication Failed</html>", None),
        ("Authentication Failed", None),
        ("", None),
    ] {
        let error = refused(401, body).await;
        let (refusal, answered) = (Refusal::Authentication, Delivery::Answered);
        check(&error, refusal, answered, Repeatability::Never);
        let said = error.vendor_errors().iter().next();
        assert_eq!(said.and_then(|said| said.message.as_deref()), message);
    }
}

/// Row C25: an intermediary may repeat everything that was sent; our errors don't.
#[tokio::test]
async fn c25_a_403_from_in_front_of_the_service_is_not_repeated() {
    let page = "<!DOCTYPE html><html><body>Access denied: POST /tms/v3/tokens/7010000000016241111\
        /payment-credentials Authorization: Bearer hunter2 4111111111111111</body></html>";
    let error = answered(403, "content-type: text/html\r\n", page).await;
    let not_the_service = PortErrorKind::Unexpected(UnexpectedResponse::NotTheService);
    assert_eq!(
        (error.kind(), error.delivery(), error.repeatability()),
        (not_the_service, Delivery::Unknown, Repeatability::Never)
    );
    assert_eq!(error.suspected_refusal(), Some(Refusal::Forbidden));
    for secret in [
        "hunter2",
        "4111111111111111",
        "7010000000016241111",
        "Access denied",
    ] {
        assert!(!said(&error).contains(secret), "{secret}");
    }
}

/// Row C26: each status has a kind of its own. A body adds detail, but the kind doesn't depend on
/// it.
#[tokio::test]
async fn c26_each_refusal_has_its_kind_with_any_body() {
    let vendors = r#"{"errors":[{"type":"notFound","message":"Token not found"}]}"#;
    for (status, refusal) in [
        (400, Refusal::Invalid),
        (404, Refusal::NotFound),
        (409, Refusal::Conflict),
        (410, Refusal::Gone),
        (412, Refusal::Precondition),
        (424, Refusal::Dependency),
    ] {
        for (body, reason) in [(vendors, Some("notFound")), ("", None), ("<html>", None)] {
            let error = refused(status, body).await;
            check(&error, refusal, Delivery::Answered, Repeatability::Never);
            assert_eq!(error.reason(), reason);
        }
    }
}

/// Row C27: the delay that the service requests is read in each format; if there are two, the first
/// counts.
#[tokio::test]
async fn c27_a_wish_to_wait_is_read_or_ignored() {
    let seconds = |seconds| Some(RetryAfter::Delay(Duration::from_secs(seconds)));
    let at = |seconds| Some(RetryAfter::At(UNIX_EPOCH + Duration::from_secs(seconds)));
    for (wish, read) in [
        ("retry-after: 0\r\n", seconds(0)),
        ("retry-after: 2\r\n", seconds(2)),
        ("retry-after: 86400\r\n", seconds(86_400)),
        ("retry-after: 2\r\nretry-after: 9\r\n", seconds(2)),
        (
            "retry-after: Sun, 06 Nov 1994 08:49:37 GMT\r\n",
            at(784_111_777),
        ),
        (
            "retry-after: Fri, 31 Dec 9999 23:59:59 GMT\r\n",
            at(253_402_300_799),
        ),
        ("retry-after: -1\r\n", None),
        ("retry-after: soon\r\n", None),
        ("retry-after:\r\n", None),
        ("", None),
    ] {
        for (status, refusal) in [(429, Refusal::Throttled), (503, Refusal::Unavailable)] {
            let error = answered(status, wish, UNAVAILABLE).await;
            assert_eq!(error.kind(), PortErrorKind::Refused(refusal));
            assert_eq!(error.repeatability(), Repeatability::Safe);
            assert_eq!(error.retry_after(), read, "{wish}");
        }
    }
}

/// Row C27: a service mesh also sends a 503 when it breaks off after the service has received the
/// request.
#[tokio::test]
async fn a_503_is_safe_where_it_is_the_services_own() {
    let wish = "retry-after: 1\r\n";
    let named = "retry-after: 1\r\nv-c-correlation-id: 6612345\r\n";
    for (headers, body, is_safe) in [
        ("", UNAVAILABLE, true),
        ("", "upstream connect error", false),
        (named, "", true),
        (wish, "", false),
        (wish, "{\"message\":\"busy\"}", false),
    ] {
        let error = answered(503, headers, body).await;
        let expected = if is_safe {
            (Delivery::Answered, Repeatability::Safe)
        } else {
            (Delivery::Unknown, Repeatability::MayRepeat)
        };
        assert_eq!(
            (error.delivery(), error.repeatability()),
            expected,
            "{headers}{body}"
        );
    }
}

/// Row C28: the service or an intermediary failed, so the outcome is unknown.
#[tokio::test]
async fn c28_a_failure_of_the_service_leaves_the_outcome_open() {
    for status in [500, 501, 502, 504, 520, 599] {
        for (body, reason) in [
            (
                r#"{"errors":[{"type":"internalError"}]}"#,
                Some("internalError"),
            ),
            (r#"{"errors":[{"type":"neverSeen"}]}"#, Some("neverSeen")),
            ("<html>", None),
            ("", None),
        ] {
            let error = refused(status, body).await;
            let (upstream, unknown) = (Refusal::Upstream, Delivery::Unknown);
            check(&error, upstream, unknown, Repeatability::MayRepeat);
            assert_eq!(error.reason(), reason);
        }
    }
}

/// Row C29: of an error's body, a limited part is kept, and no card number.
#[tokio::test]
async fn c29_an_error_body_is_read_in_bounds() {
    let error = r#"{"type":"t","message":"no such card: 4111111111111111"}"#;
    let many = format!(r#"{{"errors":[{}]}}"#, vec![error; 4_000].join(","));
    let kept = refused(404, &many).await;
    assert_eq!(kept.vendor_errors().iter().count(), 16);
    assert!(!said(&kept).contains("4111111111111111"));
    assert!(said(&kept).contains("411111XXXXXX1111"));

    let small = vec![r#"{"type":"t"}"#; 10_000].join(",");
    let kept = refused(404, &format!(r#"{{"errors":[{small}]}}"#)).await;
    assert_eq!(kept.vendor_errors().iter().count(), 16);

    let long = "m".repeat(200 * 1024);
    let long = format!(r#"{{"errors":[{{"message":"{long}"}}]}}"#);
    let kept = refused(404, &long).await;
    let message = kept.vendor_errors().iter().next().expect("an error");
    assert_eq!(message.message.as_deref().map(str::len), Some(256));

    let too_long = format!(
        r#"{{"errors":[{{"message":"{}"}}]}}"#,
        "m".repeat(1024 * 1024)
    );
    let nested = |depth| "[".repeat(depth) + &"]".repeat(depth);
    let with = |depth| format!(r#"{{"errors":[{{"type":"t"}}],"x":{}}}"#, nested(depth));
    assert_eq!(refused(404, &with(15)).await.reason(), Some("t"));
    for unread in [too_long, with(16), with(10_000)] {
        let error = refused(404, &unread).await;
        let (not_found, answered) = (Refusal::NotFound, Delivery::Answered);
        check(&error, not_found, answered, Repeatability::Never);
        assert!(error.vendor_errors().is_empty());
    }
}

/// Row C31: an error body counts as an error even with a success status.
#[tokio::test]
async fn c31_an_error_under_a_successful_status_is_unexpected() {
    for (status, body, reason) in [
        (
            201,
            r#"{"errors":[{"type":"invalidFields"}]}"#,
            "invalidFields",
        ),
        (200, r#"{"status":"INVALID_REQUEST"}"#, "INVALID_REQUEST"),
        (
            201,
            r#"{"reason":"SERVER_ERROR","message":"4111111111111111"}"#,
            "SERVER_ERROR",
        ),
    ] {
        let error = refused(status, body).await;
        assert_eq!(
            (error.kind(), error.delivery()),
            (
                PortErrorKind::Unexpected(UnexpectedResponse::ErrorBody),
                Delivery::Answered
            )
        );
        assert_eq!(error.reason(), Some(reason));
        assert!(!said(&error).contains("4111111111111111"));
    }
}
