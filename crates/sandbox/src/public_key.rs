//! Reads the public key of a certificate. Nothing else of the certificate is read.

use aws_lc_rs::signature::{ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// An X.509 certificate with an RSA key.
#[derive(Clone)]
pub(crate) struct Certificate {
    /// The whole certificate.
    pub(crate) der: Vec<u8>,
    /// `SubjectPublicKeyInfo` in DER.
    pub(crate) public_key: Vec<u8>,
}

impl Certificate {
    /// Reads DER or PEM; none unless there is an RSA key of 2048 to 8192 bits.
    pub(crate) fn read(certificate: &[u8]) -> Option<Self> {
        let unarmoured = unarmoured(certificate);
        let der = element(unarmoured.as_deref().unwrap_or(certificate))?.whole;
        let public_key = subject_public_key_info(der)?;
        let parsed = ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, public_key);
        parsed.is_ok().then(|| Self {
            der: der.to_vec(),
            public_key: public_key.to_vec(),
        })
    }
}

/// RFC 7468 §5.1.
fn unarmoured(pem: &[u8]) -> Option<Vec<u8>> {
    let pem = std::str::from_utf8(pem).ok()?;
    let (_, rest) = pem.split_once("-----BEGIN CERTIFICATE-----")?;
    let (body, _) = rest.split_once("-----END CERTIFICATE-----")?;
    let text: String = body.split_ascii_whitespace().collect();
    STANDARD.decode(text).ok()
}

/// RFC 5280 §4.1; the fields before the key are skipped.
fn subject_public_key_info(certificate: &[u8]) -> Option<&[u8]> {
    let certificate = element(certificate)?;
    let signed = element(certificate.content)?;
    let mut rest = signed.content;
    // Certificates of version 1 have no version field.
    let first = element(rest)?;
    if first.tag == VERSION {
        rest = first.rest;
    }
    for _ in [
        "serial number",
        "signature",
        "issuer",
        "validity",
        "subject",
    ] {
        rest = element(rest)?.rest;
    }
    Some(element(rest)?.whole)
}

/// `[0]`, constructed.
const VERSION: u8 = 0xa0;

/// One element of DER, and what follows it.
struct Element<'a> {
    tag: u8,
    content: &'a [u8],
    whole: &'a [u8],
    rest: &'a [u8],
}

fn element(der: &[u8]) -> Option<Element<'_>> {
    let (&[tag, first], after) = der.split_first_chunk()?;
    let (length, after) = match first {
        0..0x80 => (usize::from(first), after),
        // No certificate has more than 16 MiB.
        0x81..=0x83 => {
            let (digits, after) = after.split_at_checked(usize::from(first & 0x0f))?;
            let length = digits
                .iter()
                .fold(0, |sum, digit| sum << 8 | usize::from(*digit));
            (length, after)
        }
        0x80 | 0x84..=0xff => return None,
    };
    let (content, rest) = after.split_at_checked(length)?;
    let whole = der.get(..der.len() - rest.len())?;
    Some(Element {
        tag,
        content,
        whole,
        rest,
    })
}
