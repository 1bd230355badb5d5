use std::sync::Arc;

use payment_credentials_core::BuildError;
use rustls::ClientConfig;
use rustls::crypto::aws_lc_rs;
use rustls_pki_types::CertificateDer;

use crate::identity::ClientIdentity;
use crate::roots::{self, Roots};

/// The configuration of a transport's connections: TLS 1.2 and 1.3, HTTP/1.1 by ALPN.
///
/// `extra` are further roots to trust, in DER. The identity, if any, is shown to a server that asks
/// for one. The provider is named, AWS-LC: a process in which two
/// are linked has no default one, and rustls would panic. There is no key log and no early data.
///
/// # Errors
///
/// [`BuildError`] where there is no root to trust, or an extra one isn't a certificate.
pub fn client_config(
    roots: Roots,
    extra: &[CertificateDer<'static>],
    identity: Option<&ClientIdentity>,
) -> Result<ClientConfig, BuildError> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
        .map_err(|source| roots::refused("can't be used for TLS").with_source(source))?;
    #[cfg(any(windows, target_vendor = "apple"))]
    if roots == Roots::Platform {
        let verifier =
            rustls_platform_verifier::Verifier::new_with_extra_roots(extra.to_vec(), provider)
                .map_err(|source| {
                    roots::refused("of the platform can't be used").with_source(source)
                })?;
        let config = builder
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_no_client_auth();
        return Ok(completed(config, identity));
    }
    let config = builder
        .with_root_certificates(roots::store(roots, extra)?)
        .with_no_client_auth();
    Ok(completed(config, identity))
}

fn completed(mut config: ClientConfig, identity: Option<&ClientIdentity>) -> ClientConfig {
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    if let Some(identity) = identity {
        config.client_auth_cert_resolver = identity.resolver();
    }
    config
}
