//! Whatever time the clock has, signing returns headers or an error (reliability B20).

use std::time::{Duration, SystemTime};

use payment_credentials_auth::HttpSignatureAuthenticator;
use payment_credentials_core::{PortError, PortErrorKind, Repeatability};
use proptest::prelude::*;

use crate::fixtures::{NOW, at, claims, jwt, jwt_id, secret_key, unsigned};

/// The last second of the year 9999.
const LAST: u64 = 253_402_300_799;

/// Row B20.
#[test]
fn b20_signs_from_1970_to_9999() {
    let http_signature = HttpSignatureAuthenticator::new(secret_key());
    // Unsigned 32-bit seconds end in 2106, signed ones in 2038.
    for (seconds, date) in [
        (5, "Thu, 01 Jan 1970 00:00:05 GMT"),
        (1 << 31, "Tue, 19 Jan 2038 03:14:08 GMT"),
        (1 << 32, "Sun, 07 Feb 2106 06:28:16 GMT"),
        (LAST, "Fri, 31 Dec 9999 23:59:59 GMT"),
    ] {
        let headers = http_signature.headers(&unsigned(), at(seconds));
        assert_eq!(headers.expect("headers")["date"], date);
        let headers = jwt().headers(&unsigned(), at(seconds), jwt_id());
        let claims = claims(&headers.expect("headers"));
        assert_eq!(claims["iat"], seconds - 5);
        assert_eq!(claims["exp"], seconds + 115);
    }
}

/// Row B20.
#[test]
fn signs_at_no_other_time() {
    let http_signature = HttpSignatureAuthenticator::new(secret_key());
    let before = SystemTime::UNIX_EPOCH - Duration::from_nanos(1);
    let (after, end) = (at(LAST + 1), at(i64::MAX as u64));
    for now in [before, after, end] {
        let failures = [
            http_signature.headers(&unsigned(), now),
            http_signature
                .string_to_sign(&unsigned(), now, None)
                .map(|_| http::HeaderMap::new()),
            jwt()
                .backdating(Duration::ZERO)
                .expect("short")
                .headers(&unsigned(), now, jwt_id()),
        ];
        for failure in failures {
            let error = PortError::from(failure.expect_err("no time to sign at"));
            assert_eq!(error.kind(), PortErrorKind::KeyService);
            assert_eq!(error.repeatability(), Repeatability::Never);
            let cause = std::error::Error::source(&error)
                .expect("a cause")
                .to_string();
            assert_eq!(
                cause,
                "the clock is before 1970 or after 9999; correct the clock"
            );
        }
    }
    // The JWT would be dated back to a time in 1969.
    assert!(jwt().headers(&unsigned(), at(4), jwt_id()).is_err());
}

#[test]
fn is_dated_back_by_a_minute_at_most() {
    let exact = jwt().backdating(Duration::ZERO).expect("no backdating");
    let headers = exact.headers(&unsigned(), at(NOW), jwt_id());
    let claims = claims(&headers.expect("headers"));
    assert_eq!(
        (&claims["iat"], &claims["exp"]),
        (&NOW.into(), &(NOW + 120).into())
    );
    assert!(jwt().backdating(Duration::from_secs(60)).is_ok());
    let error = jwt()
        .backdating(Duration::from_millis(60_001))
        .expect_err("too long");
    assert_eq!(
        error.to_string(),
        "backdating of the JWT is over 60 s, half of the JWT's lifetime; correct the clock instead"
    );
}

proptest! {
    #[test]
    fn any_time_and_body_make_headers_or_an_error(
        seconds in any::<i64>(),
        body in proptest::collection::vec(any::<u8>(), 0..300),
        path in ".{0,60}",
        host in ".{0,60}",
    ) {
        let span = Duration::from_secs(seconds.unsigned_abs());
        let now = if seconds < 0 {
            SystemTime::UNIX_EPOCH.checked_sub(span)
        } else {
            SystemTime::UNIX_EPOCH.checked_add(span)
        };
        let mut request = unsigned();
        request.body = body.into();
        request.path = path.into();
        request.host = host.into();
        let http_signature = HttpSignatureAuthenticator::new(secret_key());
        for now in now.into_iter().chain([at(NOW)]) {
            let signed = jwt().headers(&request, now, jwt_id());
            let second = now.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs());
            prop_assert_eq!(signed.is_ok(), (5..=LAST + 5).contains(&second));
            if let Ok(headers) = signed {
                let claims = claims(&headers);
                prop_assert_eq!(claims["request-host"].as_str(), Some(&*request.host));
                prop_assert_eq!(claims["request-resource-path"].as_str(), Some(&*request.path));
                prop_assert_eq!(claims.get("digest").is_some(), !request.body.is_empty());
            }
            let _ = http_signature.headers(&request, now);
        }
    }
}
