//! Private keys of a JWK (RFC 7517, RFC 7518 §6.3) and of a JWK set, as PKCS#1.

use std::borrow::Cow;

use base64ct::{Base64UrlUnpadded, Encoding as _};
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::ber::{INTEGER, SEQUENCE};
use crate::found::Found;
use crate::part::Part;

/// The members of a JWK or of a set. Those with key material are slices of the file, so that nothing of
/// them is copied into memory that nobody wipes; they have no escapes, since base64url needs none.
#[derive(Deserialize)]
struct Members<'a> {
    #[serde(borrow)]
    kty: Option<Cow<'a, str>>,
    #[serde(borrow)]
    kid: Option<Cow<'a, str>>,
    n: Option<&'a str>,
    e: Option<&'a str>,
    d: Option<&'a str>,
    p: Option<&'a str>,
    q: Option<&'a str>,
    dp: Option<&'a str>,
    dq: Option<&'a str>,
    qi: Option<&'a str>,
    #[serde(borrow)]
    keys: Option<Vec<Self>>,
}

/// What a JSON text holds.
pub(crate) fn parts(json: &[u8]) -> Vec<Part> {
    let Ok(members) = serde_json::from_slice::<Members<'_>>(json) else {
        let is_jwk = json.windows(5).any(|window| window == b"\"kty\"");
        let found = if is_jwk {
            Found::BrokenJwk
        } else {
            Found::Json
        };
        return vec![Part::Other(found)];
    };
    match members.keys {
        Some(keys) if members.kty.is_none() && !keys.is_empty() => {
            keys.iter().map(Members::part).collect()
        }
        _ => vec![members.part()],
    }
}

impl Members<'_> {
    fn part(&self) -> Part {
        match self.kty.as_deref() {
            Some("RSA") => self.rsa(),
            Some("EC" | "OKP") => Part::OtherKey(Found::Ec),
            Some("oct") => Part::OtherKey(Found::SecretJwk),
            Some(_) => Part::OtherKey(Found::OtherKey),
            None => Part::Other(Found::Json),
        }
    }

    fn rsa(&self) -> Part {
        if self.d.is_none() {
            return Part::Other(Found::PublicJwk);
        }
        let members = [
            self.n, self.e, self.d, self.p, self.q, self.dp, self.dq, self.qi,
        ];
        let Some(members) = members.into_iter().collect::<Option<Vec<_>>>() else {
            return Part::OtherKey(Found::JwkWithoutPrimes);
        };
        match pkcs1(&members) {
            Some(der) => Part::Jwk(der, self.kid.as_deref().and_then(|kid| kid.parse().ok())),
            None => Part::OtherKey(Found::BrokenJwk),
        }
    }
}

/// `RSAPrivateKey` (RFC 8017 appendix A.1.2), whose numbers stand in the order of the members.
fn pkcs1(members: &[&str]) -> Option<Zeroizing<Vec<u8>>> {
    // Of the right size at once: what a growing vector leaves behind isn't wiped.
    let longest = members.iter().map(|text| text.len() + 8).sum();
    let mut numbers = Zeroizing::new(Vec::with_capacity(longest));
    put_number(&mut numbers, &[0])?;
    for text in members {
        put_number(&mut numbers, &decoded(text)?)?;
    }
    let mut der = Zeroizing::new(Vec::with_capacity(numbers.len() + 8));
    put_head(&mut der, SEQUENCE, numbers.len())?;
    der.extend_from_slice(&numbers);
    Some(der)
}

fn decoded(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    // RFC 7515 has no padding; some programs write it.
    let text = text.trim_end_matches('=');
    let mut bytes = Zeroizing::new(vec![0; text.len()]);
    let length = Base64UrlUnpadded::decode(text, &mut bytes).ok()?.len();
    bytes.truncate(length);
    Some(bytes)
}

/// A number that isn't negative, without leading zeros.
fn put_number(der: &mut Zeroizing<Vec<u8>>, number: &[u8]) -> Option<()> {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    let digits = number.get(zeros..)?;
    let needs_sign = digits.first().is_none_or(|first| *first >= 0x80);
    put_head(der, INTEGER, digits.len() + usize::from(needs_sign))?;
    if needs_sign {
        der.push(0);
    }
    der.extend_from_slice(digits);
    Some(())
}

fn put_head(der: &mut Zeroizing<Vec<u8>>, tag: u8, length: usize) -> Option<()> {
    der.push(tag);
    let length = u32::try_from(length).ok()?;
    if length < 0x80 {
        der.push(length.to_be_bytes()[3]);
        return Some(());
    }
    let bytes = length.to_be_bytes();
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    let digits = bytes.get(zeros..)?;
    der.push(0x80 | u8::try_from(digits.len()).ok()?);
    der.extend_from_slice(digits);
    Some(())
}
