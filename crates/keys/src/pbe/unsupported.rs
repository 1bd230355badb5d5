//! The texts for what isn't read: each names what it is, and what to use instead of that alone.

/// A text: what the file does, and the remedy.
macro_rules! text {
    ($what:expr, $instead:literal) => {
        concat!(
            "is not usable: it ",
            $what,
            ", which isn't supported; ",
            $instead
        )
    };
}

/// A text about encryption.
macro_rules! encrypted {
    ($how:literal) => {
        text!(
            concat!("is encrypted with ", $how),
            "encrypt it again with AES-256, as `openssl pkcs12 -legacy -in keystore.p12 -out new.pem` does for a \
             keystore, and `openssl pkcs8 -provider legacy -provider default -topk8 -in key.pem -out new.pem` for \
             a key"
        )
    };
}

/// A text about the derivation of a key.
macro_rules! derived {
    ($how:literal) => {
        text!(
            concat!("derives its key with ", $how),
            "encrypt it again with PBKDF2, as `openssl pkcs8 -topk8 -in key.pem -out new.pem` does"
        )
    };
}

const DES: &str = encrypted!("single DES");
const RC2: &str = encrypted!("RC2 by PBES1 or PBES2");
const RC4: &str = encrypted!("RC4");
const CIPHER: &str = encrypted!("another cipher than AES, 3DES or RC2 in CBC mode");
const SCRYPT: &str = derived!("scrypt");
const DERIVATION: &str = derived!("something other than PBKDF2");
pub(crate) const HASH: &str = text!(
    "derives its key with PBKDF2 over another hash than SHA-1, SHA-256, SHA-384 or SHA-512",
    "encrypt it again with PBKDF2 over SHA-256"
);
const MAC_MD5: &str = text!("has a MAC of MD5", "export it again with a MAC of SHA-256");
const MAC: &str = text!(
    "has a MAC of another hash than SHA-1, SHA-224, SHA-256, SHA-384 or SHA-512",
    "export it again with a MAC of SHA-256"
);
pub(crate) const SEALED: &str = text!(
    "is sealed for a public key instead of a password",
    "export it again with a password"
);

const MD5: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x02, 0x05];
const SCRYPT_ID: &[u8] = &[0x2b, 0x06, 0x01, 0x04, 0x01, 0xda, 0x47, 0x04, 0x0b];
/// Single DES, as PBES2 names it.
const DES_CBC: &[u8] = &[0x2b, 0x0e, 0x03, 0x02, 0x07];
/// RC2 and RC4, as PBES2 names them, differ in the last byte.
const RSA_CIPHER: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x03];
/// The schemes of PBES1 differ in their last byte.
const PBES1: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05];
/// So do those of PKCS#12.
const PKCS12_PBE: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x0c, 0x01];

/// The text for a cipher of this name, or for a scheme with a cipher in its name.
pub(crate) fn cipher(name: &[u8]) -> &'static str {
    let last = |family| name.strip_prefix(family);
    match (last(PBES1), last(PKCS12_PBE), last(RSA_CIPHER)) {
        (Some([1 | 3 | 10]), ..) => DES,
        (Some([4 | 6 | 11]), ..) | (_, _, Some([2])) => RC2,
        (_, Some([1 | 2]), _) | (_, _, Some([4])) => RC4,
        _ if name == DES_CBC => DES,
        _ => CIPHER,
    }
}

/// The text for a key derivation of this name.
pub(crate) fn derivation(name: &[u8]) -> &'static str {
    if name == SCRYPT_ID {
        SCRYPT
    } else {
        DERIVATION
    }
}

/// The text for a MAC over the hash of this name.
pub(crate) fn mac(name: &[u8]) -> &'static str {
    if name == MD5 { MAC_MD5 } else { MAC }
}
