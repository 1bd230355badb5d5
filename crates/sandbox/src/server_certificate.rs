//! The sandbox's own authority, and the certificate that names every host that the sandbox serves.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, CidrSubnet, DnType, ExtendedKeyUsagePurpose,
    GeneralSubtree, IsCa, Issuer, KeyPair, KeyUsagePurpose, NameConstraints, date_time_ymd,
};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use rustls::version::{TLS12, TLS13};
use zeroize::Zeroizing;

use crate::error::{StartError, Step};
use crate::hosts::{ELSEWHERE, ELSEWHERE_AMONG_TEST_HOSTS, HOSTS, TEST_HOSTS};
use crate::pem;

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

/// The hosts that the root is good for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Reach {
    AllHosts,
    /// By a constraint in the root: for one that outlives the process.
    TestHosts,
}

/// The root's certificate and the server's, in DER.
///
/// The root's key is gone once they are made, so it can't certify anything else.
pub(crate) struct Certified {
    pub(crate) root: Vec<u8>,
    pub(crate) own: Leaf,
    pub(crate) elsewhere: Leaf,
}

/// A certificate, and its key as PKCS#8.
pub(crate) struct Leaf {
    pub(crate) certificate: Vec<u8>,
    pub(crate) key: Zeroizing<Vec<u8>>,
}

impl Certified {
    /// The root for the caller, and the TLS settings that serve the certificates.
    pub(crate) fn serving(&self) -> Result<(Root, Identities), StartError> {
        let root = Root {
            der: self.root.clone(),
            pem: pem::certificate(&self.root),
        };
        let identities = Identities {
            own: serving(&self.own)?,
            elsewhere: serving(&self.elsewhere)?,
        };
        Ok((root, identities))
    }
}

fn serving(leaf: &Leaf) -> Result<Arc<ServerConfig>, StartError> {
    let certificate = CertificateDer::from(leaf.certificate.clone());
    let key = PrivatePkcs8KeyDer::from(leaf.key.to_vec());
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&TLS13, &TLS12])
        .map(rustls::ConfigBuilder::<ServerConfig, _>::with_no_client_auth)
        .and_then(|builder| builder.with_single_cert(vec![certificate], key.into()))
        .map_err(|cause| StartError::new(Step::Tls, cause))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// Makes a root, and certificates under it.
pub(crate) fn certify(reach: Reach) -> Result<Certified, rcgen::Error> {
    let mut authority = params(Vec::new(), "payment-credentials sandbox root")?;
    authority.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let (names, elsewhere) = match reach {
        Reach::AllHosts => (&HOSTS[..], ELSEWHERE),
        Reach::TestHosts => (&TEST_HOSTS[..], ELSEWHERE_AMONG_TEST_HOSTS),
    };
    if reach == Reach::TestHosts {
        authority.name_constraints = Some(test_hosts_only());
    }
    let authority_key = KeyPair::generate()?;
    let root = authority.self_signed(&authority_key)?.der().to_vec();
    let issuer = Issuer::new(authority, authority_key);
    Ok(Certified {
        root,
        own: leaf(names, &issuer)?,
        elsewhere: leaf(&[elsewhere], &issuer)?,
    })
}

/// RFC 5280 §4.2.1.10.
fn test_hosts_only() -> NameConstraints {
    let is_name = |host: &&&str| host.parse::<IpAddr>().is_err();
    let hosts = TEST_HOSTS.iter().filter(is_name);
    let name = |host: &&str| GeneralSubtree::DnsName((*host).to_owned());
    let loopback = [
        CidrSubnet::V4([127, 0, 0, 0], [255, 0, 0, 0]),
        CidrSubnet::V6(Ipv6Addr::LOCALHOST.octets(), [255; 16]),
    ];
    NameConstraints {
        permitted_subtrees: hosts
            .map(name)
            .chain(loopback.map(GeneralSubtree::IpAddress))
            .collect(),
        excluded_subtrees: Vec::new(),
    }
}

fn leaf(names: &[&str], issuer: &Issuer<'_, KeyPair>) -> Result<Leaf, rcgen::Error> {
    let names = names.iter().copied().map(str::to_owned).collect();
    let mut server = params(names, "payment-credentials sandbox")?;
    server.use_authority_key_identifier_extension = true;
    server.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    server.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let server_key = KeyPair::generate()?;
    let leaf = server.signed_by(&server_key, issuer)?;
    Ok(Leaf {
        certificate: leaf.der().to_vec(),
        key: Zeroizing::new(server_key.serialize_der()),
    })
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
