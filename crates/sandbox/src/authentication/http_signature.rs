//! HTTP Signature, as the guide "Getting Started with REST" specifies it.

use std::collections::HashSet;

use aws_lc_rs::digest::{self, SHA256};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

use super::check::{AuthenticationCheck, AuthenticationScheme};
use super::directory::{SharedSecret, VerifyingKey};
use super::examination::Examination;
use super::outcome::{AuthenticationFailure, fail};
use super::{MAX_SKEW, date, mistakes};
use crate::masking::{masked, quoted, shown, shown_key_id};
use crate::open_headers::is_open;
use crate::reading::Tolerated;

/// The names of the parameters that the header `Signature` must have.
const PARAMETERS: [&str; 4] = ["keyid", "algorithm", "headers", "signature"];

/// The parameters of the header `Signature`.
#[derive(Debug, Eq, PartialEq)]
pub(super) struct Parameters<'a> {
    pub(super) key_id: &'a str,
    algorithm: &'a str,
    headers: Vec<&'a str>,
    signature: &'a str,
}

/// Validates a request by the value of its header `Signature`.
pub(super) fn validate(signature: &str, at: &mut Examination<'_>) {
    at.outcome.scheme = Some(AuthenticationScheme::HttpSignature);
    let expected = r#"keyid="…", algorithm="…", headers="…", signature="…", each once"#;
    let Some(parameters) = parse(signature) else {
        let got = mistakes::parameters(signature, &PARAMETERS);
        return at.object(fail(AuthenticationCheck::Format, expected, got));
    };
    at.pass(AuthenticationCheck::Format, expected, "these");
    let key = validate_key(&parameters, at);
    let expected = "algorithm HmacSHA256";
    let failure = fail(
        AuthenticationCheck::Algorithm,
        expected,
        shown(parameters.algorithm),
    );
    let is_known = at.require(parameters.algorithm == "HmacSHA256", failure);
    let owner = key.map(|(owner, _)| owner);
    let merchant_id = at.header("v-c-merchant-id").unwrap_or_default();
    at.transacting(owner, merchant_id);
    validate_headers(&parameters.headers, at);
    validate_date(&parameters.headers, at);
    validate_digest(at);
    if let Some((owner, Some(key))) = key.filter(|_| is_known) {
        verify(&parameters, owner, key, at);
    }
}

/// The owner of the key, and the key if it is a shared secret.
fn validate_key<'a>(
    parameters: &Parameters<'_>,
    at: &mut Examination<'a>,
) -> Option<(&'a str, Option<&'a SharedSecret>)> {
    let (directory, key_id) = (at.directory, parameters.key_id);
    let expected = "the keyid of an enrolled key";
    let Some((owner, key)) = directory.key(key_id) else {
        let tag = STANDARD.decode(parameters.signature).unwrap_or_default();
        let sent = shown_key_id(key_id);
        let got = match signer(parameters, "", &tag, at) {
            Some(id) => {
                format!("{sent}, and a signature by the key {id}: that is the keyid to send")
            }
            None => sent,
        };
        at.object(fail(AuthenticationCheck::KeyId, expected, got));
        return None;
    };
    at.pass(AuthenticationCheck::KeyId, expected, shown(key_id));
    at.outcome.key_id = Some(key_id.to_owned());
    at.outcome.key_owner = Some(owner.to_owned());
    let VerifyingKey::Secret(key) = key else {
        let expected = "the keyid of a shared secret";
        let got = "the key of a certificate";
        at.object(fail(AuthenticationCheck::Algorithm, expected, got));
        return Some((owner, None));
    };
    Some((owner, Some(key)))
}

fn verify(parameters: &Parameters<'_>, owner: &str, key: &SharedSecret, at: &mut Examination<'_>) {
    let tag = STANDARD.decode(parameters.signature).unwrap_or_default();
    let is_signed = |text: &str| key.verifies(text.as_bytes(), &tag);
    let text = match string_to_sign(&parameters.headers, owner, &at.host(), at) {
        Ok(text) => text,
        Err(failure) => return at.object(failure),
    };
    let check = AuthenticationCheck::Signature;
    let told = told_lines(&text);
    if is_signed(&text) {
        return at.pass(check, told, "their signature");
    }
    let with_port = at.host_with_port();
    let other = with_port.map(|host| string_to_sign(&parameters.headers, owner, &host, at));
    if other.is_some_and(|text| text.is_ok_and(|text| is_signed(&text))) {
        let got = "a signature over the host with its port";
        return at.tolerate(Tolerated::HostWithPort, fail(check, told, got));
    }
    let is_right =
        |tag: Option<Vec<u8>>| tag.is_some_and(|tag| key.verifies(text.as_bytes(), &tag));
    let got = if is_right(hexadecimal(parameters.signature)) {
        "their signature in hexadecimal; it must be in standard base64".to_owned()
    } else if is_right(base64url(parameters.signature)) {
        "their signature in base64url; it must be in standard base64, with padding".to_owned()
    } else if let Some(mistake) = mistake(parameters, owner, key, &tag, at) {
        mistake
    } else {
        "a signature over another text, or by another secret".to_owned()
    };
    at.object(fail(check, told, got));
}

/// The string to sign as it may be told. The path keeps all its digits, since it has to be compared; in the other
/// lines, which are as the client sent them, a card number is masked.
fn told_lines(text: &str) -> String {
    let lines = text.lines().map(|line| {
        let has_path = line.trim_start_matches('(').starts_with("request-target");
        if has_path {
            line.to_owned()
        } else {
            masked(line)
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// What was signed instead, or by which other key; none if nothing fits.
fn mistake(
    parameters: &Parameters<'_>,
    owner: &str,
    key: &SharedSecret,
    tag: &[u8],
    at: &Examination<'_>,
) -> Option<String> {
    let lines = lines(&parameters.headers, owner, &at.host(), at).ok()?;
    if let Some(mistake) = mistakes::signature(key, &lines, tag, at) {
        return Some(mistake);
    }
    let id = signer(parameters, owner, tag, at)?;
    Some(format!(
        "a signature by the key {id}, which isn't the one of keyid"
    ))
}

/// The id of the enrolled key that made the signature, for its owner or for the transacting merchant.
fn signer(
    parameters: &Parameters<'_>,
    owner: &str,
    tag: &[u8],
    at: &Examination<'_>,
) -> Option<String> {
    let merchant_id = at.header("v-c-merchant-id").unwrap_or_default();
    let id = [owner, merchant_id].into_iter().find_map(|owner| {
        let text = string_to_sign(&parameters.headers, owner, &at.host(), at).ok()?;
        mistakes::signer(at.directory, text.as_bytes(), tag)
    });
    id.map(shown_key_id)
}

fn hexadecimal(text: &str) -> Option<Vec<u8>> {
    let pairs = (0..text.len()).step_by(2);
    let bytes = pairs.map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok());
    bytes.collect()
}

fn base64url(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).ok()
}

/// Reads `name="value"` pairs, divided by commas.
pub(super) fn parse(header: &str) -> Option<Parameters<'_>> {
    let mut values = [None; 4];
    for pair in header.split(',') {
        let (name, value) = pair.trim().split_once('=')?;
        let value = value.strip_prefix('"')?.strip_suffix('"')?;
        let place = PARAMETERS.iter().position(|known| *known == name);
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
fn validate_headers(headers: &[&str], at: &mut Examination<'_>) {
    let lists = |name: &str| headers.contains(&name);
    let list = quoted(&headers.join(" "));
    let failure = |expected: &str| {
        let expected = format!("{expected} among the signed headers");
        fail(AuthenticationCheck::SignedHeaders, expected, list.as_str())
    };
    for name in ["host", "digest", "v-c-merchant-id"] {
        at.require(lists(name), failure(name));
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
            (false, true) => at.tolerate(tolerated, failure(name)),
            (is_listed, is_other_listed) => {
                at.require(
                    is_listed && !is_other_listed,
                    failure(&format!("{name} alone")),
                );
            }
        }
    }
    let names: HashSet<&&str> = headers.iter().collect();
    at.require(names.len() == headers.len(), failure("each name once"));
}

fn validate_date(headers: &[&str], at: &mut Examination<'_>) {
    let name = if headers.contains(&"v-c-date") && !headers.contains(&"date") {
        "v-c-date"
    } else {
        "date"
    };
    let check = AuthenticationCheck::Date;
    let text = at.header(name);
    let got = text.map_or_else(|| "nothing".to_owned(), shown);
    let expected = format!("{name} as in Sun, 06 Nov 1994 08:49:37 GMT");
    let failure = fail(check, expected, got);
    let prescribed = text.and_then(date::prescribed);
    let date = match (prescribed, text.and_then(date::tolerated)) {
        (Some(date), _) => date,
        (None, Some((date, form))) => {
            at.tolerate(form, failure);
            date
        }
        (None, None) => return at.object(failure),
    };
    let ahead = date::seconds(date).saturating_sub(at.now);
    let expected = format!("{name} within {MAX_SKEW} s of the service's clock");
    let failure = fail(check, expected, format!("{ahead} s ahead of it"));
    at.require(ahead.saturating_abs() <= MAX_SKEW, failure);
}

fn validate_digest(at: &mut Examination<'_>) {
    let Some(body) = at.body else {
        return;
    };
    let wanted = STANDARD.encode(digest::digest(&SHA256, body));
    let got = at.header("digest").unwrap_or_default();
    let expected = format!("Digest SHA-256={wanted}");
    let (algorithm, value) = got.split_once('=').unwrap_or_default();
    let failure = fail(
        AuthenticationCheck::Digest,
        expected,
        told_digest(body, got, &wanted),
    );
    if value == wanted && algorithm == "sha-256" {
        return at.tolerate(Tolerated::DigestAlgorithmCase, failure);
    }
    at.require(value == wanted && algorithm == "SHA-256", failure);
}

/// A digest that was received, and what it is of, if that is known.
fn told_digest(body: &[u8], got: &str, wanted: &str) -> String {
    let value = got.strip_prefix("SHA-256=").unwrap_or(got);
    let mistake = if got == wanted {
        Some("without SHA-256= before it")
    } else if value == wanted {
        None
    } else {
        mistakes::digest(body, value)
    };
    match mistake {
        Some(mistake) => format!("{}, {mistake}", shown(got)),
        None => shown(got),
    }
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
    let lines = lines(headers, owner, host, at)?;
    let lines = lines.iter().map(|(name, value)| format!("{name}: {value}"));
    Ok(lines.collect::<Vec<_>>().join("\n"))
}

fn lines(
    headers: &[&str],
    owner: &str,
    host: &str,
    at: &Examination<'_>,
) -> Result<Vec<mistakes::Line>, AuthenticationFailure> {
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
        lines.push(((*name).to_owned(), value));
    }
    Ok(lines)
}
