//! The sections of a PEM file: what each is, by its label.

use rustls_pki_types::PrivatePkcs8KeyDer;
use rustls_pki_types::pem::PemObject as _;
use zeroize::Zeroizing;

use crate::key_file::{BROKEN_PEM, CERTIFICATE, EC, NO_KEY, PUBLIC_KEY, Part, SSH};

const BEGIN: &[u8] = b"-----BEGIN ";
const END: &[u8] = b"-----END ";

const ENCRYPTED_PKCS1: &str = "is not usable: this file holds a private key in an encryption of \
                               OpenSSL's own; decrypt it with `openssl rsa -in key.pem -out \
                               decrypted.pem`";
const OTHER_KEY: &str = "is not usable: this file holds a private key that is not RSA; the service \
                         takes RSA keys only";

/// One section: its label, and its lines as far as it is ended.
pub(crate) struct Section<'a> {
    label: &'a [u8],
    body: Option<&'a [u8]>,
}

/// The sections of a file; none, if it isn't PEM.
pub(crate) fn sections(file: &[u8]) -> impl Iterator<Item = Section<'_>> {
    let mut rest = file;
    std::iter::from_fn(move || {
        let label = loop {
            let line = next_line(&mut rest)?;
            if let Some(label) = marker(BEGIN, line) {
                break label;
            }
        };
        Some(Section {
            label,
            body: body(label, &mut rest),
        })
    })
}

/// Whether a section begins anywhere, such as on an indented line.
pub(crate) fn begins_somewhere(file: &[u8]) -> bool {
    holds(file, BEGIN)
}

impl Section<'_> {
    /// What it holds.
    pub(crate) fn part(self) -> Part {
        match self.label {
            // The whole file on one line.
            label if holds(label, b"--") => Part::NoKey(BROKEN_PEM),
            b"PRIVATE KEY" | b"RSA PRIVATE KEY" => self.key(),
            b"ENCRYPTED PRIVATE KEY" => match self.decode() {
                Some(der) => Part::EncryptedKey(der.to_vec()),
                None => Part::OtherKey(BROKEN_PEM),
            },
            b"CERTIFICATE" | b"TRUSTED CERTIFICATE" | b"X509 CERTIFICATE" => match self.decode() {
                Some(der) => Part::Certificate(der.to_vec()),
                None => Part::NoKey(CERTIFICATE),
            },
            b"EC PRIVATE KEY" => Part::OtherKey(EC),
            b"OPENSSH PRIVATE KEY" | b"SSH2 ENCRYPTED PRIVATE KEY" => Part::OtherKey(SSH),
            label if label.ends_with(b"PRIVATE KEY") => Part::OtherKey(OTHER_KEY),
            b"PUBLIC KEY" | b"RSA PUBLIC KEY" => Part::NoKey(PUBLIC_KEY),
            b"SSH2 PUBLIC KEY" => Part::NoKey(SSH),
            _ => Part::NoKey(NO_KEY),
        }
    }

    fn key(&self) -> Part {
        let is_encrypted = |body| holds(body, b"4,ENCRYPTED");
        match self.decode() {
            _ if self.body.is_some_and(is_encrypted) => Part::OtherKey(ENCRYPTED_PKCS1),
            Some(der) => Part::Key(der),
            None => Part::OtherKey(BROKEN_PEM),
        }
    }

    /// The bytes that the lines stand for.
    fn decode(&self) -> Option<Zeroizing<Vec<u8>>> {
        // The decoder, whose time doesn't tell the content, knows few labels; lines are the same
        // under all.
        let (head, tail) = (
            &b"-----BEGIN PRIVATE KEY-----\n"[..],
            &b"\n-----END PRIVATE KEY-----\n"[..],
        );
        let framed = Zeroizing::new([head, self.body?, tail].concat());
        let mut der = PrivatePkcs8KeyDer::from_pem_slice(&framed).ok()?;
        let bytes = Zeroizing::new(der.secret_pkcs8_der().to_vec());
        zeroize::Zeroize::zeroize(&mut der);
        Some(bytes)
    }
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

fn holds(file: &[u8], wanted: &[u8]) -> bool {
    file.windows(wanted.len()).any(|window| window == wanted)
}
