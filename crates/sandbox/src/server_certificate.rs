//! The sandbox's own authority, and the certificate that names every host that the sandbox serves.

use std::fmt;
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::version::{TLS12, TLS13};

use crate::error::{StartError, Step};
use crate::hosts::{ELSEWHERE, HOSTS};

/// The root certificate, for the caller's trust store.
pub(crate) struct Root {
    pub(crate) der: Vec<u8>,
    pub(crate) pem: String,
}

impl fmt::Debug for Root {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Root").finish_non_exhaustive()
    }
}

/// The certificates that the server may present.
pub(crate) struct Identities {
    pub(crate) own: Arc<ServerConfig>,
    /// A certificate for another host, under the same root.
    pub(crate) elsewhere: Arc<ServerConfig>,
}

/// Makes a root, certificates under it, and the TLS settings that serve them.
///
/// The root's key is gone when this returns, so it can't certify anything else.
pub(crate) fn generate() -> Result<(Root, Identities), StartError> {
    let (root, own, elsewhere) =
        certify().map_err(|cause| StartError::new(Step::Certificate, cause))?;
    let identities = Identities {
        own: serving(own)?,
        elsewhere: serving(elsewhere)?,
    };
    Ok((root, identities))
}

fn serving((leaf, key): Leaf) -> Result<Arc<ServerConfig>, StartError> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&TLS13, &TLS12])
        .map(rustls::ConfigBuilder::<ServerConfig, _>::with_no_client_auth)
        .and_then(|builder| builder.with_single_cert(vec![leaf], key))
        .map_err(|cause| StartError::new(Step::Tls, cause))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

type Leaf = (CertificateDer<'static>, PrivateKeyDer<'static>);

fn certify() -> Result<(Root, Leaf, Leaf), rcgen::Error> {
    let mut authority = params(Vec::new(), "payment-credentials sandbox root")?;
    authority.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let authority_key = KeyPair::generate()?;
    let root = authority.self_signed(&authority_key)?;
    let issuer = Issuer::new(authority, authority_key);

    let own = leaf(&HOSTS, &issuer)?;
    let elsewhere = leaf(&[ELSEWHERE], &issuer)?;
    let root = Root {
        der: root.der().to_vec(),
        pem: root.pem(),
    };
    Ok((root, own, elsewhere))
}

fn leaf(names: &[&str], issuer: &Issuer<'_, KeyPair>) -> Result<Leaf, rcgen::Error> {
    let names = names.iter().copied().map(str::to_owned).collect();
    let mut server = params(names, "payment-credentials sandbox")?;
    server.use_authority_key_identifier_extension = true;
    server.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    server.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let server_key = KeyPair::generate()?;
    let leaf = server.signed_by(&server_key, issuer)?;
    let key = PrivatePkcs8KeyDer::from(server_key.serialize_der());
    Ok((leaf.der().clone(), key.into()))
}

fn params(names: Vec<String>, common_name: &str) -> Result<CertificateParams, rcgen::Error> {
    let mut params = CertificateParams::new(names)?;
    params
        .distinguished_name
        .push(DnType::CommonName, common_name);
    // The certificate is valid at any date that a test may set its clock to.
    params.not_before = date_time_ymd(2000, 1, 1);
    params.not_after = date_time_ymd(2100, 1, 1);
    Ok(params)
}
