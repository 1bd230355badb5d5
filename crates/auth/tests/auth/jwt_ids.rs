//! Each attempt is signed anew (reliability E7), and never without randomness (B21).

use std::collections::BTreeSet;
use std::sync::Arc;

use http::HeaderMap;
use payment_credentials_auth::{HttpSignatureAuthenticator, JwtId, JwtIds, SystemJwtIds};
use payment_credentials_core::{AuthError, Delivery, PortError, PortErrorKind, Repeatability};

use crate::fixtures::{NOW, at, claims, jwt, secret_key, sign, unsigned};

/// Row E7.
#[test]
fn three_attempts_have_three_times_and_three_nonces() {
    let authenticator = jwt();
    let sign = |attempt: u64| sign(&authenticator, &unsigned(), at(NOW + 200 * attempt));
    let attempts: Vec<_> = (0..3)
        .map(|nth| claims(&sign(nth).expect("headers")))
        .collect();
    for (nth, claims) in (0u64..).zip(&attempts) {
        assert_eq!(claims["iat"], NOW - 5 + 200 * nth);
        assert_eq!(claims["exp"], NOW + 115 + 200 * nth);
    }
    let jwt_ids: BTreeSet<_> = attempts
        .iter()
        .map(|claims| claims["jti"].to_string())
        .collect();
    assert_eq!(jwt_ids.len(), 3);
}

/// Row E7.
#[test]
fn three_attempts_have_three_dates_and_three_signatures() {
    let authenticator = HttpSignatureAuthenticator::new(secret_key());
    let sign = |attempt: u64| sign(&authenticator, &unsigned(), at(NOW + 200 * attempt));
    let attempts: Vec<HeaderMap> = (0..3).map(|nth| sign(nth).expect("headers")).collect();
    for name in ["date", "signature"] {
        let values: BTreeSet<_> = attempts.iter().map(|headers| &headers[name]).collect();
        assert_eq!(values.len(), 3, "{name}");
    }
}

#[test]
fn the_systems_nonces_are_uuids_of_version_4_and_differ() {
    let jwt_ids: BTreeSet<String> = (0..1000)
        .map(|_| SystemJwtIds.draw().expect("randomness").to_string())
        .collect();
    assert_eq!(jwt_ids.len(), 1000);
    for jwt_id in jwt_ids {
        let uuid: uuid::Uuid = jwt_id.parse().expect("a UUID");
        assert_eq!(uuid.get_version_num(), 4);
        assert_eq!(uuid.get_variant(), uuid::Variant::RFC4122);
        assert_eq!(uuid.hyphenated().to_string(), jwt_id);
    }
}

#[derive(Debug)]
struct NoRandomness;

impl JwtIds for NoRandomness {
    fn draw(&self) -> Result<JwtId, AuthError> {
        Err(AuthError::new(
            Repeatability::Safe,
            "the system has no randomness",
        ))
    }
}

/// Row B21.
#[test]
fn b21_without_randomness_nothing_is_signed() {
    let authenticator = jwt().jwt_ids(Arc::new(NoRandomness));
    let error = sign(&authenticator, &unsigned(), at(NOW)).expect_err("no JWT ID");
    let error = PortError::from(error);
    assert_eq!(error.kind(), PortErrorKind::KeyService);
    assert_eq!(error.delivery(), Delivery::NotSent);
    assert_eq!(error.repeatability(), Repeatability::Safe);
}
