use std::fmt;
use std::sync::Arc;

use payment_credentials_core::BuildError;
use payment_credentials_core::secret::Password;
use payment_credentials_keys::{ClientKeys, KeystoreError};
use rustls::client::ResolvesClientCert;
use rustls::crypto::aws_lc_rs::sign::any_supported_type;
use rustls::server::ParsedCertificate;
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

/// A client certificate and its private key, for a service that requires mutual TLS.
///
/// It holds a certificate chain and the private key of the chain's first certificate. A value exists
/// only if the key and that certificate belong together. Whether the service trusts the certificates,
/// and whether they have expired, is checked by the service alone. A service that doesn't request a
/// client certificate receives none.
///
/// Clones share the key. `Debug` doesn't show the key, and AWS-LC wipes it from memory.
#[derive(Clone)]
pub struct ClientIdentity(Arc<CertifiedKey>);

impl ClientIdentity {
    /// Reads certificates and one private key from a PEM file.
    ///
    /// The key may stand before or behind the certificates. The first certificate must be the identity's
    /// own; its issuers follow, up to the root, which is left out. The key must be in PKCS#8, PKCS#1 or
    /// SEC 1, and not encrypted; [`read`](Self::read) accepts encrypted keys and keystores. The decoded bytes
    /// are wiped; wiping `file` is up to the caller.
    ///
    /// # Errors
    ///
    /// [`BuildError`] if a certificate or the key is missing or broken, if there are several keys, or if
    /// the key doesn't belong to the first certificate.
    pub fn from_pem(file: impl AsRef<[u8]>) -> Result<Self, BuildError> {
        Self::read(file, None)
    }

    /// Reads certificates and one private key from a PEM file or a PKCS#12 keystore.
    ///
    /// `password` decrypts the keystore or the encrypted key, in PKCS#8 or in OpenSSL's own format; other files
    /// need none. In a keystore, the key's own certificate can be at any position; in a PEM file, it must be the
    /// first.
    ///
    /// # Errors
    ///
    /// As for [`from_pem`](Self::from_pem), and [`BuildError`] if the password is missing or wrong; the
    /// error's cause distinguishes the two. Of a file of another kind, the error says what it is.
    pub fn read(file: impl AsRef<[u8]>, password: Option<&Password>) -> Result<Self, BuildError> {
        let keys = ClientKeys::read(file, password).map_err(unreadable)?;
        Self::from_keys(&keys, &keys)
    }

    /// Reads certificates and a private key that has a password of its own, as Java's tools can make them.
    ///
    /// `password` is the file's, if it has one.
    ///
    /// # Errors
    ///
    /// As for [`read`](Self::read).
    pub fn read_with_key_password(
        file: impl AsRef<[u8]>,
        password: Option<&Password>,
        key_password: &Password,
    ) -> Result<Self, BuildError> {
        let keys = ClientKeys::read_with_key_password(file, password, key_password);
        let keys = keys.map_err(unreadable)?;
        Self::from_keys(&keys, &keys)
    }

    /// Reads certificates from one file and their private key from another.
    ///
    /// `password` decrypts either of them, if it is encrypted.
    ///
    /// # Errors
    ///
    /// As for [`read`](Self::read).
    pub fn read_with_key_file(
        certificates: impl AsRef<[u8]>,
        key: impl AsRef<[u8]>,
        password: Option<&Password>,
    ) -> Result<Self, BuildError> {
        let certificates = ClientKeys::read(certificates, password).map_err(unreadable)?;
        let key = ClientKeys::read(key, password).map_err(unreadable)?;
        Self::from_keys(&certificates, &key)
    }

    /// Joins the certificates of one file and the private key of another, or of the same.
    ///
    /// # Errors
    ///
    /// [`BuildError`] if a certificate or the key is missing or broken, if there are several keys, or if
    /// the key doesn't belong to the first certificate.
    pub fn from_keys(certificates: &ClientKeys, key: &ClientKeys) -> Result<Self, BuildError> {
        let key = match key.private_keys() {
            [] => {
                return Err(refused(
                    "holds no private key; add the private key of its certificate",
                ));
            }
            [key] => key,
            _ => {
                return Err(refused(
                    "holds more than one private key; keep only the key of its certificate",
                ));
            }
        };
        let key = PrivateKeyDer::try_from(key.as_slice()).map_err(refused_key)?;
        let mut chain = certificates.certificates().to_vec();
        if certificates.is_pkcs12() {
            put_own_first(&mut chain, &key);
        }
        Self::of(chain.into_iter().map(CertificateDer::from).collect(), &key)
    }

    /// Creates an identity from certificates in DER and a private key in PKCS#8.
    ///
    /// The first certificate of `chain` must be the identity's own. Use this for keys that aren't stored
    /// in a file that [`read`](Self::read) accepts. The bytes in `pkcs8` aren't wiped.
    ///
    /// # Errors
    ///
    /// [`BuildError`] if there is no certificate, if a certificate or the key is broken, or if the key
    /// doesn't belong to the first certificate.
    pub fn new(chain: impl IntoIterator<Item = Vec<u8>>, pkcs8: &[u8]) -> Result<Self, BuildError> {
        let chain = chain.into_iter().map(CertificateDer::from).collect();
        Self::of(chain, &PrivatePkcs8KeyDer::from(pkcs8).into())
    }

    fn of(
        chain: Vec<CertificateDer<'static>>,
        key: &PrivateKeyDer<'_>,
    ) -> Result<Self, BuildError> {
        if chain.is_empty() {
            return Err(refused(
                "holds no certificate; add the one of its private key",
            ));
        }
        for certificate in &chain {
            ParsedCertificate::try_from(certificate).map_err(|source| {
                refused("holds a certificate that can't be read").with_source(source)
            })?;
        }
        let key = any_supported_type(key).map_err(|source| {
            refused("holds a private key that is neither RSA, ECDSA nor Ed25519, or is broken")
                .with_source(source)
        })?;
        let identity = CertifiedKey::new(chain, key);
        identity.keys_match().map_err(|source| {
            refused("holds a private key that isn't the first certificate's; put its own first")
                .with_source(source)
        })?;
        Ok(Self(Arc::new(identity)))
    }

    /// Presents this identity to every service that requests a client certificate.
    pub(crate) fn resolver(&self) -> Arc<dyn ResolvesClientCert> {
        Arc::new(SingleCertAndKey::from(Arc::clone(&self.0)))
    }
}

impl fmt::Debug for ClientIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let certificates = self.0.cert.len();
        write!(
            f,
            "ClientIdentity(certificates: {certificates}, key redacted)"
        )
    }
}

/// Moves the key's own certificate to the front, if the chain has it.
fn put_own_first(chain: &mut [Vec<u8>], key: &PrivateKeyDer<'_>) {
    // Once: a file may hold thousands of certificates, and validating a key takes long.
    let Ok(key) = any_supported_type(key) else {
        return;
    };
    let is_own = |der: &Vec<u8>| {
        let identity = CertifiedKey::new(vec![der.clone().into()], Arc::clone(&key));
        identity.keys_match().is_ok()
    };
    if let Some(own) = chain.iter().position(is_own) {
        chain.get_mut(..=own).unwrap_or_default().rotate_right(1);
    }
}

fn unreadable(error: KeystoreError) -> BuildError {
    let rule = match error {
        KeystoreError::Password(_) => "is encrypted; give its password",
        KeystoreError::KeyPassword(_) => {
            "holds a private key with a password of its own; give that one as well"
        }
        KeystoreError::File(_) | _ => return error.into(),
    };
    refused(rule).with_source(BuildError::from(error))
}

fn refused_key(_unsaid: &'static str) -> BuildError {
    refused("holds a private key that is neither PKCS#8, PKCS#1 nor SEC 1, or is broken")
}

fn refused(rule: &'static str) -> BuildError {
    BuildError::new("client identity", rule)
}

#[cfg(test)]
mod tests {
    use std::error::Error as _;

    use rcgen::{CertifiedKey as Made, generate_simple_self_signed};

    use super::*;

    fn made() -> Made<rcgen::KeyPair> {
        generate_simple_self_signed(["client.example".to_owned()]).expect("a certificate")
    }

    #[track_caller]
    fn refuses(identity: Result<ClientIdentity, BuildError>, rule: &str) {
        let error = identity.expect_err("refused").to_string();
        assert!(error.starts_with("client identity "), "{error}");
        assert!(error.contains(rule), "{error}");
    }

    #[test]
    fn is_read_from_pem_in_any_order_and_from_der() {
        let (ours, other) = (made(), made());
        let (leaf, key) = (ours.cert.pem(), ours.signing_key.serialize_pem());
        for file in [
            format!("{leaf}{}{key}", other.cert.pem()),
            format!("{key}\n{leaf}{}", other.cert.pem()),
            format!(
                "Bag Attributes\n  friendlyName: ours\n{leaf}{}{key}",
                other.cert.pem()
            ),
        ] {
            let identity = ClientIdentity::from_pem(file.as_bytes()).expect("an identity");
            assert_eq!(
                identity.0.cert,
                [ours.cert.der().clone(), other.cert.der().clone()]
            );
        }
        let key = ours.signing_key.serialize_der();
        let identity = ClientIdentity::new([ours.cert.der().to_vec()], &key).expect("an identity");
        assert_eq!(
            format!("{identity:?}"),
            "ClientIdentity(certificates: 1, key redacted)"
        );
    }

    macro_rules! stored {
        ($name:literal) => {
            include_bytes!(concat!(
                env!("CARGO_MANIFEST_DIR"),
                "/../../tests/vectors/keystores/client/",
                $name
            ))
        };
    }

    /// Row G16.
    #[test]
    fn is_read_from_keystores_and_from_encrypted_pem_with_a_password() {
        let password = Password::from("testpass");
        let identity = |file: &[u8]| ClientIdentity::read(file, Some(&password)).expect("one");
        let keystore = identity(stored!("client.p12"));
        let pem = identity(stored!("client-encrypted.pem"));
        let openssl = identity(stored!("client-openssl.pem"));
        assert_eq!(keystore.0.cert, pem.0.cert);
        assert_eq!(keystore.0.cert, openssl.0.cert);
        assert_eq!(keystore.0.cert.len(), 2);
        // Certificates and key may come from two files, of whatever format.
        let (p12, pem) = (stored!("client.p12"), stored!("client-openssl.pem"));
        for (certificates, key) in [(&p12[..], &pem[..]), (&pem[..], &p12[..])] {
            let both = ClientIdentity::read_with_key_file(certificates, key, Some(&password));
            assert_eq!(both.expect("an identity").0.cert, keystore.0.cert);
        }

        for file in [
            &stored!("client.p12")[..],
            stored!("client-encrypted.pem"),
            stored!("client-openssl.pem"),
        ] {
            refuses(
                ClientIdentity::from_pem(file),
                "is encrypted; give its password",
            );
            let wrong = ClientIdentity::read(file, Some(&Password::from("another")));
            let source = wrong
                .expect_err("refused")
                .source()
                .map(ToString::to_string);
            assert!(source.is_some_and(|source| source.starts_with("password is wrong")));
        }
    }

    #[test]
    fn g16_a_key_with_a_password_of_its_own_is_read_with_both() {
        let file = stored!("client-two-passwords.p12");
        let (store, key) = (Password::from("testpass"), Password::from("another"));
        let both = ClientIdentity::read_with_key_password(file, Some(&store), &key);
        let one = ClientIdentity::read(stored!("client.p12"), Some(&store));
        assert_eq!(both.expect("both").0.cert, one.expect("one").0.cert);
        let missing = "holds a private key with a password of its own; give that one as well";
        refuses(ClientIdentity::read(file, Some(&store)), missing);
        let wrong = Password::from("wrong-7");
        let read = ClientIdentity::read_with_key_password(file, Some(&store), &wrong);
        refuses(read, missing);
        let read = ClientIdentity::read_with_key_password(file, None, &key);
        refuses(read, "is encrypted; give its password");
    }

    #[test]
    fn g14_a_java_keystore_is_named_with_the_command_that_converts_it() {
        let file = include_bytes!(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../tests/vectors/keystores/refused/java.jks"
        ));
        let expected = "holds a Java keystore; convert it with `keytool -importkeystore -srckeystore keystore.jks \
                        -destkeystore keystore.p12 -deststoretype pkcs12`";
        refuses(ClientIdentity::from_pem(file), expected);
    }

    #[test]
    fn the_certificate_of_the_key_is_put_first() {
        let (ours, authority, other) = (made(), made(), made());
        let key = PrivatePkcs8KeyDer::from(ours.signing_key.serialize_der()).into();
        let der = |made: &Made<rcgen::KeyPair>| made.cert.der().to_vec();
        let mut chain = [der(&authority), der(&other), der(&ours)];
        put_own_first(&mut chain, &key);
        assert_eq!(chain, [der(&ours), der(&authority), der(&other)]);
        let mut strangers = [der(&authority), der(&other)];
        put_own_first(&mut strangers, &key);
        assert_eq!(strangers, [der(&authority), der(&other)]);
    }

    #[test]
    fn says_what_is_missing_or_does_not_belong_together() {
        let (ours, other) = (made(), made());
        let (leaf, key) = (ours.cert.pem(), ours.signing_key.serialize_pem());
        let from_pem = |file: String| ClientIdentity::from_pem(file.as_bytes());
        refuses(from_pem(String::new()), "holds nothing; check the path");
        refuses(from_pem(leaf.clone()), "no private key");
        refuses(from_pem(key.clone()), "no certificate");
        refuses(from_pem(format!("{leaf}{key}{key}")), "more than one");
        refuses(
            from_pem(format!("{}{leaf}{key}", other.cert.pem())),
            "its own first",
        );
        refuses(
            from_pem(format!("{leaf}{}", key.replacen('M', "?", 1))),
            "broken",
        );

        let key = ours.signing_key.serialize_der();
        let leaf = ours.cert.der().to_vec();
        refuses(ClientIdentity::new([], &key), "no certificate");
        refuses(ClientIdentity::new([vec![1]], &key), "can't be read");
        refuses(
            ClientIdentity::new([leaf.clone(), vec![1]], &key),
            "can't be read",
        );
        refuses(ClientIdentity::new([leaf.clone()], &[1]), "neither RSA");
        refuses(
            ClientIdentity::new([leaf], &other.signing_key.serialize_der()),
            "its own first",
        );
    }
}
