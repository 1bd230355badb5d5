//! JWTs of version 1, which the vendor's older SDKs send. The key is that of a certificate in the header.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::super::check::AuthenticationCheck;
use super::super::examination::{Examination, reported};
use super::super::outcome::fail;
use super::super::{MAX_SKEW, date};
use super::{Jwt, Members, claims, same};
use crate::reading::Tolerated;

/// Whether a header is one of version 1: with a certificate, and without a key id.
pub(super) fn is_meant(header: &Members) -> bool {
    let is_empty = |key_id: &Value| key_id.as_str() == Some("");
    header.contains_key("x5c") && header.get("kid").is_none_or(is_empty)
}

/// Validates a JWT of version 1, by the same rules as its signature: nothing is wrong with it but its version.
///
/// Such a JWT names neither path nor host, and has no `jti`. So it is valid for its body, for as long as a date is.
pub(super) fn validate(jwt: &Jwt, at: &mut Examination<'_>) {
    let failure = fail(
        AuthenticationCheck::JwtVersion,
        r#"a JWT of version 2: kid in its header, v-c-jwt-version "2" among its claims"#,
        "this is a JWT of version 1: x5c in its header, and no kid",
    );
    at.tolerate(Tolerated::JwtVersion1, failure);
    let owner = verify(jwt, at);
    validate_merchant(&jwt.header, owner.as_deref(), at);
    claims::validate_digest(&jwt.claims, at);
    claims::validate_response_key(&jwt.claims, at);
    validate_time(&jwt.claims, at);
}

fn validate_merchant(header: &Members, owner: Option<&str>, at: &mut Examination<'_>) {
    let value = header.get("v-c-merchant-id");
    if let Some(merchant_id) = value.and_then(Value::as_str) {
        return at.transacting(owner, merchant_id);
    }
    let expected = "v-c-merchant-id in the JWT's header, as text";
    at.object(fail(
        AuthenticationCheck::MerchantId,
        expected,
        reported(value),
    ));
}

/// Verifies the signature, and returns the owner of the certificate, which must be an enrolled one, byte for byte.
/// No chain is built: the vendor's certificates have no extensions, and what is enrolled is trusted.
fn verify(jwt: &Jwt, at: &mut Examination<'_>) -> Option<String> {
    let certificate = leaf(&jwt.header);
    let directory = at.directory;
    let found = certificate.and_then(|der| directory.certificate(&der));
    let expected = "an enrolled certificate first in x5c, as base64 of its DER";
    let Some((owner, key_id, key)) = found else {
        let got = "none, or another certificate";
        at.object(fail(AuthenticationCheck::KeyId, expected, got));
        return None;
    };
    at.pass(
        AuthenticationCheck::KeyId,
        expected,
        "an enrolled certificate",
    );
    at.outcome.key_id = Some(key_id.to_owned());
    at.outcome.key_owner = Some(owner.to_owned());
    if jwt.header.contains_key("typ") {
        same(&jwt.header, "typ", "JWT", AuthenticationCheck::JwtType, at);
    }
    jwt.check_signature(owner, key, at);
    Some(owner.to_owned())
}

/// The first certificate of `x5c`. The PHP SDK leaves the line breaks of PEM in the text.
fn leaf(header: &Members) -> Option<Vec<u8>> {
    let text = header.get("x5c")?.as_array()?.first()?.as_str()?;
    let text: String = text.chars().filter(|c| !matches!(c, '\r' | '\n')).collect();
    STANDARD.decode(text).ok()
}

/// The time of issue: a date as text (PHP SDK), seconds (Ruby SDK), or seconds as text (the guide to security keys).
fn validate_time(claims: &Members, at: &mut Examination<'_>) {
    let check = AuthenticationCheck::IssuedAt;
    let value = claims.get("iat");
    let text = value.and_then(Value::as_str);
    let dated = |text| date::prescribed(text).or_else(|| date::unpadded(text));
    let written = text.and_then(|text| {
        dated(text)
            .map(date::seconds)
            .or_else(|| claims::seconds(text))
    });
    let Some(issued) = value.and_then(Value::as_i64).or(written) else {
        let expected = "iat as a date, or as seconds";
        return at.object(fail(check, expected, reported(value)));
    };
    let expected = format!("iat within {MAX_SKEW} s of {}", at.now);
    let is_near = issued.abs_diff(at.now) <= MAX_SKEW.unsigned_abs();
    at.require(is_near, fail(check, expected, reported(value)));
}
