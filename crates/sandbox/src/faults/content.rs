//! Faults inside a sound response: in the JWE, and in its plaintext.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "`Fault::occurs_in` lists the faults that get here; a test checks that each changes something"
)]

use aws_lc_rs::error::Unspecified;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use serde_json::{Value, json};

use crate::sealer::Sealer;

use super::error_body::errors;
use super::rule::{Fault, FaultPhase, FaultRule};
use super::seeded::Seeded;

/// Bytes of a JWE that is longer than a client should accept.
const OVERSIZE: usize = 70 * 1024;
/// Bytes of a value that is longer than a client should accept. A JWE that a client accepts has room for
/// a few such values.
const OVERSIZE_VALUE: usize = 6 * 1024;

/// The content of a response.
pub(crate) enum Content {
    Clear(String),
    Jwe(String),
}

/// Seals a plaintext, and breaks the result if there is a rule.
pub(crate) fn seal<'a>(
    rule: Option<&FaultRule>,
    sealer: &'a Sealer,
    stranger: impl FnOnce() -> Result<&'a Sealer, Unspecified>,
    plaintext: &str,
) -> Result<Content, Unspecified> {
    let Some(rule) = rule else {
        return sealer.seal(plaintext).map(Content::Jwe);
    };
    let seeded = &mut Seeded::new(rule.seed);
    let jwe = match (rule.phase, rule.fault) {
        (FaultPhase::Parse, fault) => sealer.seal(&other_plaintext(fault, seeded, plaintext))?,
        (_, Fault::Unencrypted) => return Ok(Content::Clear(plaintext.to_owned())),
        (_, Fault::WrongIdentity) => stranger()?.seal(plaintext)?,
        (_, Fault::WrongKey) => {
            let (ours, theirs) = (sealer.seal(plaintext)?, stranger()?.seal(plaintext)?);
            with_part(&theirs, 0, part(&ours, 0))
        }
        (_, fault) => other_jwe(fault, seeded, &sealer.seal(plaintext)?),
    };
    Ok(Content::Jwe(jwe))
}

fn other_jwe(fault: Fault, seeded: &mut Seeded, jwe: &str) -> String {
    match fault {
        Fault::Cut => cut(jwe, seeded.within(1, jwe.len())),
        Fault::CutAt(at) => cut(jwe, at),
        Fault::Garbage => {
            let parts: [String; 5] = std::array::from_fn(|_| letters(seeded));
            parts.join(".")
        }
        Fault::FlipBit => {
            // The header stays: another key id or algorithm would be a different fault.
            let at = seeded.within(1, 5);
            let mut bytes = BASE64URL.decode(part(jwe, at)).unwrap_or_default();
            seeded.flip(&mut bytes);
            with_part(jwe, at, &BASE64URL.encode(bytes))
        }
        Fault::Oversize => with_part(jwe, 3, &"A".repeat(OVERSIZE)),
        Fault::Contradiction => with_header(jwe, |header| {
            header.replacen('{', r#"{"alg":"RSA-OAEP-256","#, 1)
        }),
        Fault::OldVersion => with_header(jwe, |header| header.replace("RSA-OAEP-256", "RSA1_5")),
        _ => jwe.to_owned(),
    }
}

fn other_plaintext(fault: Fault, seeded: &mut Seeded, plaintext: &str) -> String {
    match fault {
        Fault::Cut => cut(plaintext, seeded.within(1, plaintext.len())),
        Fault::CutAt(at) => cut(plaintext, at),
        Fault::Garbage => letters(seeded),
        Fault::Oversize => inflated(plaintext),
        Fault::Contradiction => twin(plaintext),
        Fault::OldVersion => plaintext.replacen('{', r#"{"sandboxVersion":{"number":1},"#, 1),
        Fault::ErrorBody => errors(201),
        _ => plaintext.to_owned(),
    }
}

fn cut(text: &str, at: usize) -> String {
    text.get(..at).unwrap_or(text).to_owned()
}

fn letters(seeded: &mut Seeded) -> String {
    let letter = |_| char::from(b'a' + seeded.byte() % 26);
    (0..32).map(letter).collect()
}

fn part(jwe: &str, at: usize) -> &str {
    jwe.split('.').nth(at).unwrap_or_default()
}

fn with_part(jwe: &str, at: usize, part: &str) -> String {
    jwe.split('.')
        .enumerate()
        .map(|(nth, kept)| if nth == at { part } else { kept })
        .collect::<Vec<&str>>()
        .join(".")
}

fn with_header(jwe: &str, change: impl FnOnce(String) -> String) -> String {
    let header = BASE64URL.decode(part(jwe, 0)).unwrap_or_default();
    let header = change(String::from_utf8_lossy(&header).into_owned());
    with_part(jwe, 0, &BASE64URL.encode(header))
}

/// The same object with its first member twice.
fn twin(object: &str) -> String {
    let members: Value = serde_json::from_str(object).unwrap_or_default();
    let first = members
        .as_object()
        .and_then(|members| members.iter().next());
    match first {
        Some((name, value)) => object.replacen('{', &format!("{{{}:{value},", json!(name)), 1),
        None => object.to_owned(),
    }
}

/// The same credentials with numbers and proofs that are far too long.
fn inflated(object: &str) -> String {
    fn inflate(value: &mut Value) {
        match value {
            Value::String(text) => *text = text.repeat(OVERSIZE_VALUE.div_ceil(text.len().max(1))),
            Value::Array(items) => items.iter_mut().for_each(inflate),
            Value::Object(members) => {
                let wanted = ["cryptogram", "securityCode", "number"];
                let all = members.iter_mut();
                all.filter(|(name, value)| !value.is_string() || wanted.contains(&name.as_str()))
                    .for_each(|(_, value)| inflate(value));
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
    let mut value: Value = serde_json::from_str(object).unwrap_or_default();
    inflate(&mut value);
    value.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A JWE with a header and four more parts.
    fn jwe() -> String {
        let header = BASE64URL.encode(r#"{"kid":"1","alg":"RSA-OAEP-256"}"#);
        format!("{header}.AAAA.BBBB.CCCC.DDDD")
    }

    #[test]
    fn every_fault_of_content_changes_it() {
        let faults = [
            Fault::Contradiction,
            Fault::Cut,
            Fault::CutAt(1),
            Fault::FlipBit,
            Fault::Garbage,
            Fault::OldVersion,
            Fault::Oversize,
        ];
        for fault in faults {
            assert!(fault.occurs_in(FaultPhase::Decrypt));
            let broken = other_jwe(fault, &mut Seeded::new(1), &jwe());
            assert_ne!(broken, jwe(), "{fault:?}");
        }
        let plaintext = r#"{"id":"7E57","card":{"number":"1"}}"#;
        let of_plaintexts = faults.into_iter().chain([Fault::ErrorBody]);
        for fault in of_plaintexts.filter(|fault| fault.occurs_in(FaultPhase::Parse)) {
            let broken = other_plaintext(fault, &mut Seeded::new(1), plaintext);
            assert_ne!(broken, plaintext, "{fault:?}");
        }
    }

    #[test]
    fn a_twin_has_the_first_member_twice() {
        assert_eq!(twin(r#"{"a":1,"b":2}"#), r#"{"a":1,"a":1,"b":2}"#);
    }

    #[test]
    fn a_flipped_bit_leaves_the_header_alone() {
        for seed in 0..32 {
            let broken = other_jwe(Fault::FlipBit, &mut Seeded::new(seed), &jwe());
            assert_eq!(part(&broken, 0), part(&jwe(), 0));
            assert_eq!(broken.len(), jwe().len());
        }
    }
}
