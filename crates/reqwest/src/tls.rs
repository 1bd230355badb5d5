//! TLS 1.2 and 1.3 by rustls, configured here rather than by reqwest.
//!
//! reqwest's own configuration reads `SSL_CERT_FILE` on Unix, and takes whichever provider the
//! process has for its default.

use std::sync::Arc;

use payment_credentials_core::BuildError;
use rustls::ClientConfig;
use rustls::crypto::aws_lc_rs;
use rustls_pki_types::CertificateDer;

use crate::roots::{self, Roots};

/// The configuration of every connection: one named provider, no key log, no early data.
pub(crate) fn client_config(
    roots: Roots,
    extra: Vec<CertificateDer<'static>>,
) -> Result<ClientConfig, BuildError> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
        .map_err(|source| roots::refused("can't be used for TLS").with_source(source))?;
    #[cfg(any(windows, target_vendor = "apple"))]
    if roots == Roots::Platform {
        let verifier = rustls_platform_verifier::Verifier::new_with_extra_roots(extra, provider)
            .map_err(|source| {
                roots::refused("of the platform can't be used").with_source(source)
            })?;
        let config = builder
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_no_client_auth();
        return Ok(over_http1(config));
    }
    let config = builder
        .with_root_certificates(roots::store(roots, extra)?)
        .with_no_client_auth();
    Ok(over_http1(config))
}

fn over_http1(mut config: ClientConfig) -> ClientConfig {
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    config
}
