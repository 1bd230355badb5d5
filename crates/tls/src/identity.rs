use std::fmt;
use std::sync::Arc;

use payment_credentials_core::BuildError;
use rustls::client::ResolvesClientCert;
use rustls::crypto::aws_lc_rs::sign::any_supported_type;
use rustls::server::ParsedCertificate;
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use zeroize::Zeroizing;

/// A client certificate and its key, for a service that asks for them (mutual TLS).
///
/// A certificate chain and the private key of its first certificate. Holding one proves that the
/// two belong together; whether the service trusts them, and whether they have expired, it says
/// itself. A service that doesn't ask sees nothing of it.
///
/// Clones share the key, which `Debug` doesn't show and AWS-LC wipes.
#[derive(Clone)]
pub struct ClientIdentity(Arc<CertifiedKey>);

impl ClientIdentity {
    /// Reads certificates and one private key from a PEM file, in any order of the two.
    ///
    /// The identity's own certificate comes first, then what vouches for it, up to but without the
    /// root. The key is PKCS#8, PKCS#1 or SEC 1, and not encrypted. The file isn't wiped,
    /// nor is the text of it that the PEM parser copies; [`new`](Self::new) leaves no such copy.
    ///
    /// # Errors
    ///
    /// [`BuildError`] where a certificate or the key is missing or broken, there are several keys,
    /// or the key isn't that of the first certificate.
    pub fn from_pem(file: &[u8]) -> Result<Self, BuildError> {
        // What the parser has to say could repeat a line of the file.
        let broken = |_unsaid| refused("holds PEM that is broken; copy it again, line breaks too");
        let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(file).collect();
        let chain = chain.map_err(broken)?;
        let mut keys = PrivateKeyDer::pem_slice_iter(file).map(|key| key.map(Zeroizing::new));
        let key = keys
            .next()
            .ok_or_else(|| without_key(file))?
            .map_err(broken)?;
        if keys.next().is_some() {
            return Err(refused(
                "holds more than one private key; keep the one of its certificate",
            ));
        }
        Self::of(chain, &key)
    }

    /// Joins certificates in DER, the identity's own first, and its private key in PKCS#8.
    ///
    /// For what is kept elsewhere than in a PEM file, such as in a PKCS#12 keystore. The given key
    /// isn't wiped.
    ///
    /// # Errors
    ///
    /// [`BuildError`] where there is no certificate, one of them or the key is broken, or the key
    /// isn't that of the first certificate.
    pub fn new(chain: impl IntoIterator<Item = Vec<u8>>, pkcs8: &[u8]) -> Result<Self, BuildError> {
        let chain = chain.into_iter().map(CertificateDer::from).collect();
        Self::of(chain, &PrivatePkcs8KeyDer::from(pkcs8).into())
    }

    fn of(
        chain: Vec<CertificateDer<'static>>,
        key: &PrivateKeyDer<'_>,
    ) -> Result<Self, BuildError> {
        if chain.is_empty() {
            return Err(refused("holds no certificate; add the one of its key"));
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
            refused("holds a private key that isn't of the first certificate; put its own first")
                .with_source(source)
        })?;
        Ok(Self(Arc::new(identity)))
    }

    /// Answers every service that asks.
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

fn without_key(file: &[u8]) -> BuildError {
    let encrypted = b"BEGIN ENCRYPTED PRIVATE KEY";
    if file.windows(encrypted.len()).any(|text| text == encrypted) {
        return refused(
            "holds an encrypted private key; decrypt it with `openssl pkcs8 -in key.pem -out \
             decrypted.pem`",
        );
    }
    refused("holds no private key; add the one of its certificate")
}

fn refused(rule: &'static str) -> BuildError {
    BuildError::new("client identity", rule)
}

#[cfg(test)]
mod tests {
    use rcgen::{CertifiedKey as Made, generate_simple_self_signed};

    use super::*;

    fn made() -> Made<rcgen::KeyPair> {
        generate_simple_self_signed(["client.example".to_owned()]).expect("a certificate")
    }

    #[track_caller]
    fn refuses(identity: Result<ClientIdentity, BuildError>, rule: &str) {
        let error = identity.expect_err("refused").to_string();
        assert!(error.starts_with("client identity holds "), "{error}");
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

    #[test]
    fn says_what_is_missing_or_does_not_belong_together() {
        let (ours, other) = (made(), made());
        let (leaf, key) = (ours.cert.pem(), ours.signing_key.serialize_pem());
        let from_pem = |file: String| ClientIdentity::from_pem(file.as_bytes());
        refuses(from_pem(String::new()), "no private key");
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
        let encrypted = key.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY");
        refuses(from_pem(format!("{leaf}{encrypted}")), "openssl pkcs8");

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
