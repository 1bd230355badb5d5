//! What became of a key file that a tool rewrote, encoded, encrypted or replaced.

use crate::found::Found;
use crate::pem;

/// How the pointer begins that Git keeps in place of a large file.
const GIT_LFS: &[u8] = b"version https://git-lfs.github.com/spec/";

/// Where a tar archive has its mark.
const TAR_AT: usize = 257;

/// What the file is, if it is neither PEM nor DER; none, if nothing is noticed.
pub(crate) fn found(file: &[u8]) -> Option<Found> {
    let text = pem::without_mark(file).trim_ascii();
    let begins = |with: &[u8]| text.starts_with(with);
    if begins(GIT_LFS) {
        return Some(Found::GitLfs);
    }
    if begins(b"$ANSIBLE_VAULT;") {
        return Some(Found::AnsibleVault);
    }
    if is_sops(text) {
        return Some(Found::Sops);
    }
    if begins(b"age-encryption.org/") {
        return Some(Found::Age);
    }
    if begins(b"Salted__") || begins(b"U2FsdGVkX1") {
        return Some(Found::OpensslEnc);
    }
    if begins(&[0x1f, 0x8b, 8]) {
        return Some(Found::Gzip);
    }
    if file
        .get(TAR_AT..)
        .is_some_and(|rest| rest.starts_with(b"ustar"))
    {
        return Some(Found::Tar);
    }
    if file.starts_with(&[0, 5, 0x16, 7]) {
        return Some(Found::AppleDouble);
    }
    if begins(b"data:") && pem::holds(text, b";base64,") {
        return Some(Found::DataAddress);
    }
    if begins(b"Content-") || begins(b"MIME-Version:") {
        return Some(Found::Mail);
    }
    if begins(b"apiVersion:") || (begins(b"---") && pem::holds(text, b"\napiVersion:")) {
        return Some(Found::Manifest);
    }
    if is_printed(text) {
        return Some(Found::Printed);
    }
    if is_rewritten(file) {
        return Some(Found::Rewritten);
    }
    if is_pgp_message(file) {
        return Some(Found::PgpMessage);
    }
    if is_hexadecimal(text) {
        return Some(Found::Hexadecimal);
    }
    if is_base64_for_addresses(text) {
        return Some(Found::Base64Url);
    }
    has_other_marks(text).then_some(Found::PemMarks)
}

/// Whether sops encrypted the file's values.
pub(crate) fn is_sops(text: &[u8]) -> bool {
    pem::holds(text, b"ENC[AES256_GCM,")
}

/// Whether bytes were printed: by Node as JSON, or by Python.
pub(crate) fn is_printed(text: &[u8]) -> bool {
    let of_node = pem::holds(text, b"\"Buffer\"") && pem::holds(text, b"\"data\"");
    let of_python = text.starts_with(b"b'0\\x82") || text.starts_with(b"b\"0\\x82");
    (text.starts_with(b"{") && of_node) || of_python
}

/// Whether binary was read as text and written as UTF-8. DER of over 127 bytes begins with 0x30 0x82, and the second
/// byte became the replacement character (as Maven's filter does), its character in Latin-1 or Windows-1252, or a
/// question mark.
fn is_rewritten(file: &[u8]) -> bool {
    let Some(rest) = file.strip_prefix(&[0x30]) else {
        return false;
    };
    let of_text: [&[u8]; 5] = [
        b"\xef\xbf\xbd",
        b"\xc2\x80",
        b"\xc2\x82",
        b"\xe2\x80\x9a",
        b"?\x06",
    ];
    let is_ascii = rest.starts_with(b"?") && rest.split(|byte| *byte == b'?').nth(9).is_some();
    let has_control = rest.iter().any(|byte| matches!(byte, 1..=8));
    of_text.iter().any(|begin| rest.starts_with(begin)) || (is_ascii && has_control)
}

/// Whether a file begins as a binary message or key of PGP (RFC 9580 §4.2, §5.1, §5.3): the packet of a session key, or
/// of a public or secret key, with its length of one or two bytes, and its version.
fn is_pgp_message(file: &[u8]) -> bool {
    const LEAST_BYTES: usize = 64;
    let begins = matches!(
        file,
        [0x84, _, 3, ..]
            | [0x85, _, _, 3, ..]
            | [0x8c, _, 4, ..]
            | [0x95 | 0x99, _, _, 3 | 4, ..]
            | [0xc1, 0..=0xbf, 3 | 6, ..]
            | [0xc1, 0xc0..=0xdf, _, 3 | 6, ..]
            | [0xc3, 0..=0xbf, 4..=6, ..]
            | [0xc5 | 0xc6, 0xc0..=0xdf, _, 4 | 6, ..]
    );
    begins && file.len() > LEAST_BYTES
}

/// Whether a text is DER or PEM in hexadecimal, alone, behind `0x` or `\x`, or as `xxd` writes it.
fn is_hexadecimal(text: &[u8]) -> bool {
    const BEGINNINGS: [&[u8]; 2] = [b"308", b"2d2d2d2d2d"];
    let digits = |text: &[u8]| -> Vec<u8> {
        let digits = text.iter().filter(|byte| !matches!(byte, b' ' | b':'));
        digits.take(10).map(u8::to_ascii_lowercase).collect()
    };
    let begins = |text: &[u8]| {
        let digits = digits(text);
        BEGINNINGS.iter().any(|begin| digits.starts_with(begin))
    };
    let bare = text
        .strip_prefix(b"0x")
        .or_else(|| text.strip_prefix(b"\\x"))
        .unwrap_or(text);
    let is_digit = |byte: &u8| {
        byte.is_ascii_hexdigit() || byte.is_ascii_whitespace() || matches!(byte, b':' | b',')
    };
    let of_xxd = text
        .strip_prefix(b"00000000: ")
        .or_else(|| text.strip_prefix(b"00000000  "));
    of_xxd.is_some_and(begins) || (begins(bare) && bare.iter().all(is_digit))
}

/// Whether a text is base64 of DER in the alphabet for addresses (RFC 4648 §5).
fn is_base64_for_addresses(text: &[u8]) -> bool {
    let is_digit = |byte: &u8| {
        byte.is_ascii_alphanumeric()
            || byte.is_ascii_whitespace()
            || matches!(byte, b'-' | b'_' | b'=')
    };
    text.starts_with(b"MI")
        && text.iter().all(is_digit)
        && text.iter().any(|it| matches!(it, b'-' | b'_'))
}

/// Whether a text is PEM whose hyphens are others, or not five, as word processors change them.
fn has_other_marks(text: &[u8]) -> bool {
    let labels: [&[u8]; 2] = [b"PRIVATE KEY", b"CERTIFICATE"];
    let has_label = labels.iter().any(|label| pem::holds(text, label));
    has_label && pem::holds(text, b"BEGIN ") && pem::holds(text, b"END ")
}
