//! Takes a file apart by what it holds, whatever its name says.

use zeroize::Zeroizing;

use crate::ber::{self, BIT_STRING, CONTEXT_0, INTEGER, OBJECT_IDENTIFIER, OCTET_STRING, SEQUENCE};
use crate::part::{
    BASE64, BROKEN_DER, BROKEN_PEM, EMPTY, JAVA, JSON, NO_KEY, PKCS7, PUBLIC_KEY, Part, SSH,
    TOO_LONG, UNKNOWN,
};
use crate::pem;

/// A key file has 2 to 7 KB, a keystore some more.
pub(crate) const MAX_LEN: usize = 1024 * 1024;

/// What a file holds: at least one part.
pub(crate) fn parts(file: &[u8]) -> Vec<Part> {
    if file.len() > MAX_LEN {
        return vec![Part::NoKey(TOO_LONG)];
    }
    let sections: Vec<Part> = pem::sections(file).map(pem::Section::part).collect();
    if sections.is_empty() {
        return vec![binary(file)];
    }
    sections
}

/// What a file without PEM holds, by its tags.
pub(crate) fn binary(file: &[u8]) -> Part {
    match ber::tags(file).as_deref() {
        Some([INTEGER, SEQUENCE, OCTET_STRING, ..] | [INTEGER, INTEGER, INTEGER, ..]) => {
            Part::Key(Zeroizing::new(file.to_vec()))
        }
        Some([INTEGER, SEQUENCE] | [INTEGER, SEQUENCE, SEQUENCE]) => {
            Part::Pkcs12(Zeroizing::new(file.to_vec()))
        }
        Some([SEQUENCE, OCTET_STRING]) => Part::EncryptedKey(file.to_vec()),
        Some([SEQUENCE, SEQUENCE, BIT_STRING]) => Part::Certificate(file.to_vec()),
        Some([INTEGER, OCTET_STRING, ..]) => Part::EcKey(Zeroizing::new(file.to_vec())),
        Some([SEQUENCE, BIT_STRING] | [INTEGER, INTEGER]) => Part::NoKey(PUBLIC_KEY),
        Some([OBJECT_IDENTIFIER, CONTEXT_0]) => Part::NoKey(PKCS7),
        Some(_) => Part::NoKey(NO_KEY),
        None => Part::NoKey(unreadable(file)),
    }
}

/// The text of the error for a file that is neither PEM nor DER.
fn unreadable(file: &[u8]) -> &'static str {
    match pem::without_mark(file).trim_ascii() {
        [] => EMPTY,
        [SEQUENCE, 0x80..=0x84, ..] => BROKEN_DER,
        [0xfe, 0xed, 0xfe, 0xed, ..] | [0xce, 0xce, 0xce, 0xce, ..] => JAVA,
        [b'{', ..] => JSON,
        text if text.starts_with(b"ssh-") => SSH,
        text if text.starts_with(b"MII") => BASE64,
        text if pem::begins_somewhere(text) => BROKEN_PEM,
        _ => UNKNOWN,
    }
}
