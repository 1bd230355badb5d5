//! Test certificates for both ends of a connection.

use std::sync::Arc;

use payment_credentials_hyper::ClientIdentity;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair,
};
use rustls::crypto::aws_lc_rs;
use rustls::crypto::aws_lc_rs::sign::any_supported_type;
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::ClientCertVerifier;
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{RootCertStore, ServerConfig, SupportedProtocolVersion};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::TlsAcceptor;

/// Whether a server requests a client certificate.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Asks {
    Never,
    ButTakesNone,
    AndNeedsOne,
}

/// A certificate authority, which signs certificates.
pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub(crate) fn new(name: &str) -> Self {
        Self::with(issuing(name))
    }

    pub(crate) fn with(params: CertificateParams) -> Self {
        let key = KeyPair::generate().expect("a key");
        Self(CertifiedIssuer::self_signed(params, key).expect("a root"))
    }

    /// Returns an intermediate authority, whose certificate this authority signs.
    pub(crate) fn below(&self, name: &str) -> Self {
        let key = KeyPair::generate().expect("a key");
        Self(CertifiedIssuer::signed_by(issuing(name), key, &self.0).expect("an authority"))
    }

    pub(crate) fn root(&self) -> Vec<u8> {
        self.0.der().to_vec()
    }

    /// Returns a client's certificate and the identity with its key.
    pub(crate) fn client(&self) -> (CertificateDer<'static>, ClientIdentity) {
        let (certificate, key) = self.certify(&naming(
            ["client.example"],
            ExtendedKeyUsagePurpose::ClientAuth,
        ));
        let chain = [certificate.to_vec()];
        let identity = ClientIdentity::new(chain, &key.serialize_der());
        (certificate, identity.expect("an identity"))
    }

    /// Returns the TLS acceptor of a server with this name, which accepts clients whose certificate
    /// this authority signed.
    pub(crate) fn server(
        &self,
        name: &str,
        asks: Asks,
        version: &'static SupportedProtocolVersion,
    ) -> TlsAcceptor {
        let (certificate, key) = self.certify(&serving([name]));
        let key = PrivatePkcs8KeyDer::from(key.serialize_der());
        let provider = Arc::new(aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&[version])
            .expect("a version")
            .with_client_cert_verifier(self.verifier(asks))
            .with_single_cert(vec![certificate], key.into());
        TlsAcceptor::from(Arc::new(config.expect("a configuration")))
    }

    fn verifier(&self, asks: Asks) -> Arc<dyn ClientCertVerifier> {
        let mut roots = RootCertStore::empty();
        roots.add(self.0.der().clone()).expect("a root");
        let provider = Arc::new(aws_lc_rs::default_provider());
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
        let verifier = match asks {
            Asks::Never => return WebPkiClientVerifier::no_client_auth(),
            Asks::ButTakesNone => verifier.allow_unauthenticated(),
            Asks::AndNeedsOne => verifier,
        };
        verifier.build().expect("a verifier")
    }

    pub(crate) fn certify(&self, params: &CertificateParams) -> (CertificateDer<'static>, KeyPair) {
        let key = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, &self.0).expect("a certificate");
        (certificate.der().clone(), key)
    }
}

/// Returns the parameters for the certificate of an authority with this name.
pub(crate) fn issuing(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params
}

/// Returns the parameters for the certificate of a server with these names.
pub(crate) fn serving<const N: usize>(names: [&str; N]) -> CertificateParams {
    naming(names, ExtendedKeyUsagePurpose::ServerAuth)
}

fn naming<const N: usize>(names: [&str; N], purpose: ExtendedKeyUsagePurpose) -> CertificateParams {
    let mut params = CertificateParams::new(names.map(str::to_owned)).expect("names");
    params.extended_key_usages = vec![purpose];
    params
}

/// Returns a TLS configuration of a server that presents these certificates and resumes sessions.
/// Whether the key belongs to the certificates is left for the client to verify.
pub(crate) fn showing(
    chain: Vec<CertificateDer<'static>>,
    key: &PrivateKeyDer<'_>,
    version: &'static SupportedProtocolVersion,
) -> ServerConfig {
    let key = any_supported_type(key).expect("a key");
    let shown = SingleCertAndKey::from(CertifiedKey::new(chain, key));
    let provider = Arc::new(aws_lc_rs::default_provider());
    ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[version])
        .expect("a version")
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(shown))
}
