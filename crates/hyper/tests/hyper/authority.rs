//! Certificates of our own, for both ends of a connection.

use std::sync::Arc;

use payment_credentials_hyper::ClientIdentity;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair,
};
use rustls::crypto::aws_lc_rs;
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::ClientCertVerifier;
use rustls::{RootCertStore, ServerConfig, SupportedProtocolVersion};
use rustls_pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use tokio_rustls::TlsAcceptor;

/// Whether a server asks its clients for a certificate.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Asks {
    Never,
    ButTakesNone,
    AndNeedsOne,
}

/// Vouches for certificates.
pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub(crate) fn new(name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        let key = KeyPair::generate().expect("a key");
        Self(CertifiedIssuer::self_signed(params, key).expect("a root"))
    }

    pub(crate) fn root(&self) -> Vec<u8> {
        self.0.der().to_vec()
    }

    /// A client's certificate and key.
    pub(crate) fn client(&self) -> (CertificateDer<'static>, ClientIdentity) {
        let (certificate, key) =
            self.certify("client.example", ExtendedKeyUsagePurpose::ClientAuth);
        let chain = [certificate.to_vec()];
        let identity = ClientIdentity::new(chain, &key.serialize_der());
        (certificate, identity.expect("an identity"))
    }

    /// The end of a server of this name, for clients that this authority vouches for.
    pub(crate) fn server(
        &self,
        name: &str,
        asks: Asks,
        version: &'static SupportedProtocolVersion,
    ) -> TlsAcceptor {
        let (certificate, key) = self.certify(name, ExtendedKeyUsagePurpose::ServerAuth);
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

    fn certify(
        &self,
        name: &str,
        purpose: ExtendedKeyUsagePurpose,
    ) -> (CertificateDer<'static>, KeyPair) {
        let mut params = CertificateParams::new([name.to_owned()]).expect("a name");
        params.extended_key_usages = vec![purpose];
        let key = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, &self.0).expect("a certificate");
        (certificate.der().clone(), key)
    }
}
