//! The sections of a PEM file: what each is, by its label.

use zeroize::Zeroizing;

use crate::base64_lines;
use crate::ber;
use crate::der;
use crate::found::Found;
use crate::openssl_key::OpensslKey;
use crate::part::Part;

const BEGIN: &[u8] = b"-----BEGIN ";
const END: &[u8] = b"-----END ";

/// One section: its label, its lines if it is ended, and else what there is of them, if nothing else follows.
pub(crate) struct Section<'a> {
    label: &'a [u8],
    body: Option<&'a [u8]>,
    begun: Option<&'a [u8]>,
    /// Whether the next marker is the end of something else.
    ends_otherwise: bool,
}

/// The sections of a file; none, if it isn't PEM.
pub(crate) fn sections(file: &[u8]) -> impl Iterator<Item = Section<'_>> {
    let mut rest = without_mark(file);
    std::iter::from_fn(move || {
        let label = loop {
            let line = next_line(&mut rest)?;
            if let Some(label) = marker(BEGIN, line) {
                break label;
            }
        };
        let body = body(label, &mut rest);
        let ends_otherwise = body.is_none() && next_marker_ends(rest);
        Some(Section {
            label,
            body,
            begun: body.is_none().then(|| begun(rest)).flatten(),
            ends_otherwise,
        })
    })
}

/// The file without the byte order mark that some editors put first.
pub(crate) fn without_mark(file: &[u8]) -> &[u8] {
    file.strip_prefix(b"\xef\xbb\xbf").unwrap_or(file)
}

/// Whether a section begins anywhere, such as on an indented line.
pub(crate) fn begins_somewhere(file: &[u8]) -> bool {
    holds(file, BEGIN)
}

impl Section<'_> {
    /// What it holds.
    pub(crate) fn part(self) -> Part {
        if let Some(cut) = self.begun.and_then(|begun| cut(self.label, begun)) {
            return cut;
        }
        if self.ends_otherwise && self.label.ends_with(b"PRIVATE KEY") {
            return Part::OtherKey(Found::PemLabels);
        }
        if self.ends_otherwise && self.label.ends_with(b"CERTIFICATE") {
            return Part::Other(Found::PemLabels);
        }
        match self.label {
            // The whole file on one line.
            label if holds(label, b"--") => Part::Other(Found::BrokenPem),
            b"PRIVATE KEY" | b"RSA PRIVATE KEY" => self.key(Part::Key),
            b"ENCRYPTED PRIVATE KEY" => match self.decode() {
                Some(der) => Part::EncryptedKey(der.to_vec()),
                None => Part::OtherKey(Found::BrokenPem),
            },
            b"CERTIFICATE" | b"TRUSTED CERTIFICATE" | b"X509 CERTIFICATE" => {
                // One that can't be decoded is a certificate all the same, and a broken one.
                Part::Certificate(self.decode().unwrap_or_default().to_vec())
            }
            b"EC PRIVATE KEY" => self.key(Part::EcKey),
            b"OPENSSH PRIVATE KEY" => Part::OtherKey(Found::Openssh),
            b"SSH2 ENCRYPTED PRIVATE KEY" => Part::OtherKey(Found::Ssh),
            label if label.ends_with(b"PRIVATE KEY") => Part::OtherKey(Found::OtherKey),
            b"PUBLIC KEY" | b"RSA PUBLIC KEY" => Part::Other(Found::PublicKey),
            b"SSH2 PUBLIC KEY" => Part::Other(Found::Ssh),
            b"PKCS7" | b"PKCS #7 SIGNED DATA" | b"CMS" => match self.decode() {
                Some(der) => Part::Pkcs7(der.to_vec()),
                None => Part::Other(Found::BrokenPem),
            },
            label if label.ends_with(b"CERTIFICATE REQUEST") => Part::Other(Found::Csr),
            b"X509 CRL" => Part::Other(Found::Crl),
            b"AGE ENCRYPTED FILE" => Part::Other(Found::Age),
            b"PGP MESSAGE" => Part::Other(Found::PgpMessage),
            b"PGP PRIVATE KEY BLOCK" => Part::OtherKey(Found::Pgp),
            b"PGP PUBLIC KEY BLOCK" => Part::Other(Found::Pgp),
            _ => Part::Other(Found::OtherPem),
        }
    }

    fn key(&self, part: fn(Zeroizing<Vec<u8>>) -> Part) -> Part {
        if self.body.is_some_and(OpensslKey::is_in) {
            let key = self.body.and_then(OpensslKey::read);
            return key.map_or(Part::OtherKey(Found::BrokenPem), Part::OpensslKey);
        }
        match self.decode() {
            None => Part::OtherKey(Found::BrokenPem),
            Some(der) if is_no_key(&der) => Part::OtherKey(Found::PemContent),
            Some(der) => part(der),
        }
    }

    /// The bytes that the lines stand for.
    fn decode(&self) -> Option<Zeroizing<Vec<u8>>> {
        base64_lines::decode(self.body?)
    }
}

/// Whether what is labelled as a key is certainly something else, such as a key that is encrypted.
fn is_no_key(der: &[u8]) -> bool {
    matches!(
        der::part(der),
        Some(Part::Certificate(_) | Part::EncryptedKey(_) | Part::Pkcs12(_) | Part::Pkcs7(_))
    )
}

/// What a section that isn't ended is the beginning of; none, if what it is matters more than where it ends.
fn cut(label: &[u8], begun: &[u8]) -> Option<Part> {
    let lengths = base64_lines::decode_begun(begun)
        .and_then(|der| ber::cut(&der).map(|(lengths, _)| lengths))
        .flatten();
    match label {
        b"PRIVATE KEY" | b"RSA PRIVATE KEY" | b"EC PRIVATE KEY" | b"ENCRYPTED PRIVATE KEY" => {
            Some(Part::OtherKey(Found::CutKey(lengths)))
        }
        b"CERTIFICATE" | b"TRUSTED CERTIFICATE" | b"X509 CERTIFICATE" => {
            Some(Part::Other(Found::CutCertificate(lengths)))
        }
        b"PKCS7" | b"PKCS #7 SIGNED DATA" | b"CMS" => Some(Part::Other(Found::CutPkcs7(lengths))),
        _ => None,
    }
}

/// Whether the next line that begins or ends a section ends one.
fn next_marker_ends(rest: &[u8]) -> bool {
    let mut lines = rest;
    while let Some(line) = next_line(&mut lines) {
        if marker(END, line).is_some() {
            return true;
        }
        if marker(BEGIN, line).is_some() {
            return false;
        }
    }
    false
}

/// The rest of a file in which a section isn't ended; none, if another marker follows in it.
fn begun(rest: &[u8]) -> Option<&[u8]> {
    let mut lines = rest;
    while let Some(line) = next_line(&mut lines) {
        if marker(BEGIN, line).is_some() || marker(END, line).is_some() {
            return None;
        }
    }
    Some(rest)
}

/// The lines up to a section's end, if it has one before the next begins.
fn body<'a>(label: &[u8], rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let start = *rest;
    let mut ahead = start;
    loop {
        let before = ahead;
        let line = next_line(&mut ahead)?;
        if marker(BEGIN, line).is_some() {
            return None;
        }
        if marker(END, line) == Some(label) {
            *rest = ahead;
            return start.get(..start.len() - before.len());
        }
    }
}

/// The label on a line that begins or ends a section.
fn marker<'a>(kind: &[u8], line: &'a [u8]) -> Option<&'a [u8]> {
    let label = line.strip_prefix(kind)?;
    label.trim_ascii_end().strip_suffix(b"-----")
}

/// Takes a line without its end; none at the end of the file.
fn next_line<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    if rest.is_empty() {
        return None;
    }
    let mut lines = rest.splitn(2, |byte| matches!(byte, b'\n' | b'\r'));
    let line = lines.next()?;
    *rest = lines.next().unwrap_or_default();
    Some(line)
}

/// Whether a file holds these bytes.
pub(crate) fn holds(file: &[u8], wanted: &[u8]) -> bool {
    file.windows(wanted.len()).any(|window| window == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const KEY: &str = include_str!(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../tests/vectors/jwe/keys/merchant.pkcs8.pem"
    ));

    #[test]
    fn a_section_ends_at_its_own_end_or_not_at_all() {
        let bodies = |file: &'static str| {
            let sections = sections(file.as_bytes());
            sections.map(|section| section.body).collect::<Vec<_>>()
        };
        let a = "-----BEGIN A-----\nYQ==\n-----END A-----\n";
        assert_eq!(bodies(a), [Some(&b"YQ==\n"[..])]);
        let other_end = "-----BEGIN A-----\nYQ==\n-----END B-----\n";
        assert_eq!(bodies(other_end), [None]);
        let next_begins = "-----BEGIN A-----\n-----BEGIN B-----\r\n-----END B-----";
        assert_eq!(bodies(next_begins), [None, Some(&b"\n"[..])]);
        let begins_twice = "-----BEGIN A-----\n-----BEGIN A-----\nYQ==\n-----END A-----";
        assert_eq!(bodies(begins_twice), [None, Some(&b"YQ==\n"[..])]);
    }

    proptest! {
        #[test]
        fn a_damaged_key_is_a_key_or_a_rule(at in 0..KEY.len(), to: u8, cut in 0..KEY.len()) {
            let mut damaged = KEY.as_bytes().to_vec();
            damaged[at] = to;
            for file in [&damaged, &damaged[..cut], &damaged[cut..]] {
                for part in sections(file).map(Section::part) {
                    prop_assert!(!matches!(part, Part::Pkcs12(_)));
                }
                if let Err(error) = crate::PrivateKey::from_pem(file) {
                    prop_assert!(error.to_string().starts_with("private key is not usable: "));
                }
            }
        }

        #[test]
        fn never_panics_and_never_repeats_the_file(file in proptest::collection::vec(any::<u8>(), 0..200)) {
            let error = crate::PrivateKey::from_pem(&file).expect_err("no key").to_string();
            prop_assert!(error.starts_with("private key is not usable: this file holds "));
            let text = String::from_utf8_lossy(&file);
            prop_assert!(text.len() < 20 || !error.contains(&*text));
        }
    }
}
