//! Finds the one RSA private key of a PEM file, or says what the file holds instead.

use payment_credentials_core::BuildError;
use rustls_pki_types::PrivateKeyDer;
use rustls_pki_types::pem::PemObject as _;
use zeroize::Zeroizing;

use crate::der;

/// A key file has 2 to 7 KB, some more with certificates beside the key.
const MAX_LEN: usize = 1024 * 1024;

const BEGIN: &[u8] = b"-----BEGIN ";

/// What a section of a PEM file holds.
enum Section {
    /// An RSA private key, or a PKCS#8 key of any kind.
    Key,
    /// Something beside a key, or in place of it; and what to say of it.
    NoKey(&'static str),
    /// A private key that can't be read; and what to say of it.
    OtherKey(&'static str),
}

impl Section {
    fn of(label: &[u8]) -> Self {
        match label {
            // The whole file on one line.
            label if holds(label, b"--") => Self::NoKey(BROKEN),
            b"PRIVATE KEY" | b"RSA PRIVATE KEY" => Self::Key,
            b"EC PRIVATE KEY" => Self::OtherKey(EC),
            b"ENCRYPTED PRIVATE KEY" => Self::OtherKey(ENCRYPTED),
            b"OPENSSH PRIVATE KEY" | b"SSH2 ENCRYPTED PRIVATE KEY" => Self::OtherKey(SSH),
            label if label.ends_with(b"PRIVATE KEY") => Self::OtherKey(OTHER_KEY),
            b"CERTIFICATE" | b"TRUSTED CERTIFICATE" | b"X509 CERTIFICATE" => {
                Self::NoKey(CERTIFICATE)
            }
            b"PUBLIC KEY" | b"RSA PUBLIC KEY" => Self::NoKey(PUBLIC_KEY),
            b"SSH2 PUBLIC KEY" => Self::NoKey(SSH),
            _ => Self::NoKey(OTHER),
        }
    }
}

const BROKEN: &str = "is not usable: this file holds PEM that is broken; copy it again, with its \
                      line breaks";
const CERTIFICATE: &str = "is not usable: this file holds a certificate; give the private key \
                           that belongs to it";
const DER: &str = "is not usable: this file holds DER; convert it to PEM with `openssl pkey -inform \
                   DER -in key.der -out key.pem`";
pub(crate) const EC: &str = "is not usable: this file holds an EC key; the service seals for RSA \
                             keys only";
const EMPTY: &str = "is not usable: this file holds nothing";
const ENCRYPTED: &str = "is not usable: this file holds an encrypted private key; decrypt it with \
                         `openssl pkcs8 -in key.pem -out decrypted.pem`";
const ENCRYPTED_PKCS1: &str = "is not usable: this file holds an encrypted private key; decrypt it \
                               with `openssl rsa -in key.pem -out decrypted.pem`";
const JSON: &str = "is not usable: this file holds JSON; convert a JWK to PEM";
const OTHER: &str = "is not usable: this file holds no private key";
const OTHER_KEY: &str = "is not usable: this file holds a private key that is not RSA; the service \
                         seals for RSA keys only";
const PKCS12: &str = "is not usable: this file holds PKCS#12; take the key out of it with `openssl \
                      pkcs12 -in file.p12 -nocerts -nodes -out key.pem`";
const PUBLIC_KEY: &str = "is not usable: this file holds a public key; give the private key that \
                          belongs to it";
const SEVERAL: &str = "is not usable: this file holds more than one private key; give each a file \
                       of its own";
const SSH: &str = "is not usable: this file holds an SSH key; give the RSA key whose public half \
                   the service has";
const TOO_LONG: &str = "is not usable: this file holds over 1 MiB; no key is that long";
const UNKNOWN: &str = "is not usable: this file holds no PEM; it should begin with `-----BEGIN \
                       PRIVATE KEY-----` or `-----BEGIN RSA PRIVATE KEY-----`";

/// The private key of a file.
pub(crate) fn private_key(file: &[u8]) -> Result<Zeroizing<PrivateKeyDer<'static>>, BuildError> {
    if file.len() > MAX_LEN {
        return Err(unusable(TOO_LONG));
    }
    // Some editors put a byte order mark first.
    let file = file.strip_prefix(b"\xef\xbb\xbf").unwrap_or(file);
    let (mut keys, mut other_key, mut no_key) = (0, None, None);
    for section in sections(file) {
        match section {
            Section::Key => keys += 1,
            Section::NoKey(rule) => no_key = no_key.or(Some(rule)),
            Section::OtherKey(rule) => {
                keys += 1;
                other_key = Some(rule);
            }
        }
    }
    match (keys, other_key) {
        (0, _) => Err(unusable(no_key.unwrap_or_else(|| without_pem(file)))),
        (1, Some(rule)) => Err(unusable(rule)),
        (1, None) if holds(file, b"4,ENCRYPTED") => Err(unusable(ENCRYPTED_PKCS1)),
        (1, None) => match PrivateKeyDer::from_pem_slice(file) {
            Ok(key) => Ok(Zeroizing::new(key)),
            // The cause could repeat a line of the file.
            Err(_) => Err(unusable(BROKEN)),
        },
        _ => Err(unusable(SEVERAL)),
    }
}

pub(crate) fn unusable(rule: &'static str) -> BuildError {
    BuildError::new("private key", rule)
}

fn sections(file: &[u8]) -> impl Iterator<Item = Section> {
    let lines = file.split(|byte| matches!(byte, b'\n' | b'\r'));
    let labels = lines.filter_map(|line| {
        line.strip_prefix(BEGIN)?
            .trim_ascii_end()
            .strip_suffix(b"-----")
    });
    labels.map(Section::of)
}

fn without_pem(file: &[u8]) -> &'static str {
    match file.trim_ascii() {
        [] => EMPTY,
        _ if der::is_pkcs12(file) => PKCS12,
        _ if der::is_sequence(file) => DER,
        [b'{', ..] => JSON,
        text if text.starts_with(b"ssh-") => SSH,
        text if holds(text, BEGIN) => BROKEN,
        _ => UNKNOWN,
    }
}

fn holds(file: &[u8], wanted: &[u8]) -> bool {
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

    proptest! {
        #[test]
        fn never_panics_and_never_repeats_the_file(file in proptest::collection::vec(any::<u8>(), 0..200)) {
            let error = private_key(&file).expect_err("no key").to_string();
            prop_assert!(error.starts_with("private key is not usable: this file holds "));
            let text = String::from_utf8_lossy(&file);
            prop_assert!(text.len() < 20 || !error.contains(&*text));
        }

        #[test]
        fn a_damaged_key_is_a_key_or_a_rule(at in 0..KEY.len(), to: u8, cut in 0..KEY.len()) {
            let mut damaged = KEY.as_bytes().to_vec();
            damaged[at] = to;
            for file in [&damaged, &damaged[..cut], &damaged[cut..]] {
                if let Err(error) = private_key(file) {
                    prop_assert!(error.to_string().starts_with("private key is not usable: "));
                }
            }
        }
    }
}
