//! HTTP Signature, as the guide "Getting Started with REST" specifies it.

use std::collections::HashSet;
use std::time::UNIX_EPOCH;

use aws_lc_rs::digest::{self, SHA256};
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::check::{AuthenticationCheck, AuthenticationScheme};
use super::date;
use super::directory::VerifyingKey;
use super::examination::{Examination, Examined};
use super::outcome::{AuthenticationFailure, fail};
use crate::masking::{quoted, shown, shown_key_id};
use crate::open_headers::is_open;
use crate::reading::Tolerated;

/// Seconds by which a date may be off, either way.
const MAX_SKEW: i64 = 300;

/// The parameters of the header `Signature`.
#[derive(Debug, Eq, PartialEq)]
pub(super) struct Parameters<'a> {
    pub(super) key_id: &'a str,
    algorithm: &'a str,
    headers: Vec<&'a str>,
    signature: &'a str,
}

/// Validates a request by the value of its header `Signature`.
pub(super) fn validate(signature: &str, at: &mut Examination<'_>) -> Examined {
    at.outcome.scheme = Some(AuthenticationScheme::HttpSignature);
    let parameters = parse(signature).ok_or_else(|| {
        let expected = r#"keyid="…", algorithm="…", headers="…", signature="…", each once"#;
        fail(AuthenticationCheck::Format, expected, "something else")
    })?;
    let Some((owner, key)) = at.directory.key(parameters.key_id) else {
        let got = shown_key_id(parameters.key_id);
        return Err(fail(
            AuthenticationCheck::KeyId,
            "the keyid of an enrolled key",
            got,
        ));
    };
    at.outcome.key_id = Some(parameters.key_id.to_owned());
    at.outcome.key_owner = Some(owner.to_owned());
    let VerifyingKey::Secret(key) = key else {
        let got = "the key of a certificate";
        return Err(fail(
            AuthenticationCheck::Algorithm,
            "the keyid of a shared secret",
            got,
        ));
    };
    if parameters.algorithm != "HmacSHA256" {
        let got = shown(parameters.algorithm);
        return Err(fail(
            AuthenticationCheck::Algorithm,
            "algorithm HmacSHA256",
            got,
        ));
    }
    let merchant_id = at.header("v-c-merchant-id").unwrap_or_default().to_owned();
    at.transacting(owner, &merchant_id)?;
    validate_headers(&parameters.headers, at)?;
    validate_date(&parameters.headers, at)?;
    validate_digest(at)?;
    let tag = STANDARD.decode(parameters.signature).unwrap_or_default();
    let is_signed = |text: &str| hmac::verify(key, text.as_bytes(), &tag).is_ok();
    let text = string_to_sign(&parameters.headers, owner, &at.host(), at)?;
    if is_signed(&text) {
        return Ok(());
    }
    if let Some(host) = at.host_with_port()
        && is_signed(&string_to_sign(&parameters.headers, owner, &host, at)?)
    {
        let got = "a signature over the host with its port";
        return at.tolerate(
            Tolerated::HostWithPort,
            fail(AuthenticationCheck::Signature, text, got),
        );
    }
    let got = "a signature over another text, or by another secret";
    Err(fail(AuthenticationCheck::Signature, text, got))
}

/// Reads `name="value"` pairs, divided by commas.
pub(super) fn parse(header: &str) -> Option<Parameters<'_>> {
    let names = ["keyid", "algorithm", "headers", "signature"];
    let mut values = [None; 4];
    for pair in header.split(',') {
        let (name, value) = pair.trim().split_once('=')?;
        let value = value.strip_prefix('"')?.strip_suffix('"')?;
        let place = names.iter().position(|known| *known == name);
        // Unknown parameters are ignored.
        if let Some(slot) = place.and_then(|place| values.get_mut(place))
            && slot.replace(value).is_some()
        {
            return None;
        }
    }
    let [key_id, algorithm, headers, signature] = values;
    Some(Parameters {
        key_id: key_id?,
        algorithm: algorithm?,
        headers: headers?.split(' ').collect(),
        signature: signature?,
    })
}

/// Checks that the signature covers every required header, and each once.
fn validate_headers(headers: &[&str], at: &mut Examination<'_>) -> Examined {
    let lists = |name: &str| headers.contains(&name);
    let failure = |expected: &str| {
        let expected = format!("{expected} among the signed headers");
        fail(
            AuthenticationCheck::SignedHeaders,
            expected,
            quoted(&headers.join(" ")),
        )
    };
    for name in ["host", "digest", "v-c-merchant-id"] {
        if !lists(name) {
            return Err(failure(name));
        }
    }
    for (name, other, tolerated) in [
        ("date", "v-c-date", Tolerated::VcDate),
        (
            "request-target",
            "(request-target)",
            Tolerated::ParenthesisedTarget,
        ),
    ] {
        match (lists(name), lists(other)) {
            (true, false) => {}
            (false, true) => at.tolerate(tolerated, failure(name))?,
            (true, true) | (false, false) => return Err(failure(&format!("{name} alone"))),
        }
    }
    let names: HashSet<&&str> = headers.iter().collect();
    if names.len() < headers.len() {
        return Err(failure("each name once"));
    }
    Ok(())
}

fn validate_date(headers: &[&str], at: &mut Examination<'_>) -> Examined {
    let name = if headers.contains(&"date") {
        "date"
    } else {
        "v-c-date"
    };
    let text = at.header(name);
    let got = text.map_or_else(|| "nothing".to_owned(), shown);
    let expected = format!("{name} as in Sun, 06 Nov 1994 08:49:37 GMT");
    let failure = fail(AuthenticationCheck::Date, expected, got);
    let date = match (
        text.and_then(date::prescribed),
        text.and_then(date::tolerated),
    ) {
        (Some(date), _) => date,
        (None, Some((date, form))) => {
            at.tolerate(form, failure)?;
            date
        }
        (None, None) => return Err(failure),
    };
    let date = date
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_secs();
    let date = i64::try_from(date).unwrap_or(i64::MAX);
    let ahead = date.saturating_sub(at.now);
    if ahead.saturating_abs() > MAX_SKEW {
        let expected = format!("{name} within {MAX_SKEW} s of the service's clock");
        let got = format!("{ahead} s ahead of it");
        return Err(fail(AuthenticationCheck::Date, expected, got));
    }
    Ok(())
}

fn validate_digest(at: &mut Examination<'_>) -> Examined {
    let wanted = STANDARD.encode(digest::digest(&SHA256, at.body));
    let got = at.header("digest").unwrap_or_default();
    let (algorithm, value) = got.split_once('=').unwrap_or_default();
    let failure = fail(
        AuthenticationCheck::Digest,
        format!("Digest SHA-256={wanted}"),
        shown(got),
    );
    if value != wanted || !algorithm.eq_ignore_ascii_case("SHA-256") {
        return Err(failure);
    }
    if algorithm == "SHA-256" {
        return Ok(());
    }
    at.tolerate(Tolerated::DigestAlgorithmCase, failure)
}

/// The lines that the headers name, from the request as it was received.
///
/// The merchant's line holds the owner of the key. For a portfolio that isn't the transacting merchant,
/// which the header names.
pub(super) fn string_to_sign(
    headers: &[&str],
    owner: &str,
    host: &str,
    at: &Examination<'_>,
) -> Result<String, AuthenticationFailure> {
    let mut lines = Vec::with_capacity(headers.len());
    for name in headers {
        let value = match *name {
            "host" => host.to_owned(),
            "request-target" | "(request-target)" => format!("{} {}", at.method(), at.path()),
            "v-c-merchant-id" => owner.to_owned(),
            name => {
                // An explanation may show the text, so it must not hold a secret header.
                let open = is_open(name).then(|| at.header(name)).flatten();
                open.map(str::to_owned).ok_or_else(|| {
                    let expected = "names of headers that are sent and aren't secret";
                    fail(AuthenticationCheck::SignedHeaders, expected, shown(name))
                })?
            }
        };
        lines.push(format!("{name}: {value}"));
    }
    Ok(lines.join("\n"))
}
