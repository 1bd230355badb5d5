//! What DER is, by the tags of its elements.

use zeroize::Zeroizing;

use crate::ber::{
    self, BIT_STRING, CONTEXT_0, GENERALIZED_TIME, INTEGER, OBJECT_IDENTIFIER, OCTET_STRING,
    Reader, SEQUENCE, UTC_TIME,
};
use crate::found::Found;
use crate::part::Part;

/// What DER holds; none, if the file isn't DER.
pub(crate) fn part(file: &[u8]) -> Option<Part> {
    Some(match &*ber::tags(file)? {
        // A DSA key: version, and five numbers.
        [INTEGER, INTEGER, INTEGER, INTEGER, INTEGER, INTEGER] => Part::OtherKey(Found::OtherKey),
        [INTEGER, SEQUENCE, OCTET_STRING, ..] | [INTEGER, INTEGER, INTEGER, ..] => {
            Part::Key(Zeroizing::new(file.to_vec()))
        }
        [INTEGER, SEQUENCE] | [INTEGER, SEQUENCE, SEQUENCE] => {
            Part::Pkcs12(Zeroizing::new(file.to_vec()))
        }
        [SEQUENCE, OCTET_STRING] => Part::EncryptedKey(file.to_vec()),
        [SEQUENCE, SEQUENCE, BIT_STRING] => signed(file),
        [INTEGER, OCTET_STRING, ..] => Part::EcKey(Zeroizing::new(file.to_vec())),
        [SEQUENCE, BIT_STRING] | [INTEGER, INTEGER] => Part::Other(Found::PublicKey),
        [OBJECT_IDENTIFIER, CONTEXT_0] => Part::Pkcs7(file.to_vec()),
        _ => Part::Other(Found::OtherPem),
    })
}

/// What is signed: a certificate, a request for one (RFC 2986 §4: version, subject, key, attributes), or a list of
/// revoked ones (RFC 5280 §5.1, which has a date behind algorithm and issuer).
fn signed(file: &[u8]) -> Part {
    let inner = Reader::new(file).enter(SEQUENCE);
    let signed = inner.and_then(|mut inner| inner.whole(SEQUENCE));
    match signed.and_then(ber::tags).as_deref() {
        Some([INTEGER, SEQUENCE, SEQUENCE] | [INTEGER, SEQUENCE, SEQUENCE, CONTEXT_0]) => {
            Part::Other(Found::Csr)
        }
        Some(
            [INTEGER, SEQUENCE, SEQUENCE, UTC_TIME | GENERALIZED_TIME, ..]
            | [SEQUENCE, SEQUENCE, UTC_TIME | GENERALIZED_TIME, ..],
        ) => Part::Other(Found::Crl),
        _ => Part::Certificate(file.to_vec()),
    }
}
