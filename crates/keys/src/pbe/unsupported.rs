//! The texts for what isn't read: each names what it is, and what to use instead of that alone.

/// A text: what the file does, and the remedy.
macro_rules! text {
    ($what:literal, $instead:literal) => {
        concat!(
            "is not usable: it ",
            $what,
            ", which isn't supported; ",
            $instead
        )
    };
}

const DES: &str = text!(
    "is encrypted with single DES",
    "encrypt it again with AES-256"
);
const RC2: &str = text!(
    "is encrypted with RC2 in a way that no keystore does",
    "encrypt it again with AES-256"
);
const RC4: &str = text!("is encrypted with RC4", "encrypt it again with AES-256");
const CIPHER: &str = text!(
    "is encrypted with another cipher than AES, 3DES or RC2",
    "encrypt it again with AES-256"
);
const SCRYPT: &str = text!(
    "derives its key with scrypt",
    "encrypt it again with PBKDF2, as `openssl pkcs8 -topk8 -in key.pem -out new.pem` does"
);
const DERIVATION: &str = text!(
    "derives its key with something other than PBKDF2",
    "encrypt it again with PBKDF2, as `openssl pkcs8 -topk8 -in key.pem -out new.pem` does"
);
pub(crate) const HASH: &str = text!(
    "derives its key with PBKDF2 over another hash than SHA-1, SHA-256, SHA-384 or SHA-512",
    "encrypt it again with PBKDF2 over SHA-256"
);
const MAC_MD5: &str = text!("has a MAC of MD5", "export it again with a MAC of SHA-256");
const MAC: &str = text!(
    "has a MAC of another hash than SHA-1 or SHA-2",
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
