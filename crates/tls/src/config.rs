use std::sync::Arc;

use payment_credentials_core::BuildError;
use rustls::ClientConfig;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls_pki_types::CertificateDer;

use crate::identity::ClientIdentity;
use crate::roots::{self, Roots};
use crate::short_chain::ShortChain;

/// Builds the TLS configuration of a transport: TLS 1.2 and 1.3, HTTP/1.1 by ALPN.
///
/// `extra` holds the content of files with further root certificates to trust: PEM or DER, one or a bundle. If there is an `identity`, the client
/// presents it to each server that requests a client certificate. The configuration has no key log and
/// no early data. A server that sends more than 16 certificates beside its own is rejected.
///
/// The crypto provider is always AWS-LC, set explicitly: a process that links two providers has no
/// default provider, and rustls would panic.
///
/// # Errors
///
/// [`BuildError`] if there is no root to trust, or if an extra root isn't a certificate; it says what the file
/// holds instead.
pub fn client_config(
    roots: Roots,
    extra: &[Vec<u8>],
    identity: Option<&ClientIdentity>,
) -> Result<ClientConfig, BuildError> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let verifier = ShortChain(verifier(roots, &roots::extra(extra)?, &provider)?);
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
        .map_err(|source| roots::refused("can't be used for TLS").with_source(source))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    if let Some(identity) = identity {
        config.client_auth_cert_resolver = identity.resolver();
    }
    Ok(config)
}

/// The verifier of the service's certificates: rustls's own. Only for [`Roots::Platform`] on Windows and
/// Apple's systems, the operating system verifies.
fn verifier(
    roots: Roots,
    extra: &[CertificateDer<'static>],
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<dyn ServerCertVerifier>, BuildError> {
    let provider = Arc::clone(provider);
    #[cfg(any(windows, target_vendor = "apple"))]
    if roots == Roots::Platform {
        let verifier =
            rustls_platform_verifier::Verifier::new_with_extra_roots(extra.to_vec(), provider)
                .map_err(|source| {
                    roots::refused("of the platform can't be used").with_source(source)
                })?;
        return Ok(Arc::new(verifier));
    }
    let store = Arc::new(roots::store(roots, extra)?);
    let verifier = WebPkiServerVerifier::builder_with_provider(store, provider).build();
    Ok(verifier.map_err(|source| roots::refused("can't be used for TLS").with_source(source))?)
}
