//! The peer's side of TLS for the contract suite, over rustls.
//!
//! The suite itself depends on no TLS library; its tests and those of the transports share this.
#![expect(clippy::expect_used, reason = "the helpers of a test may fail it")]

use std::io::{self, Read as _, Write as _};
use std::sync::Arc;

use payment_credentials_contract::transport::{Tls, TlsSession};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::crypto::aws_lc_rs;
use rustls::{ProtocolVersion, ServerConfig, ServerConnection, SupportedProtocolVersion};
use rustls_pki_types::PrivatePkcs8KeyDer;

/// TLS of this version for a peer at `localhost`, and the root to trust.
///
/// # Panics
///
/// If there is no randomness to make a certificate of.
#[must_use]
pub fn tls(version: &'static SupportedProtocolVersion) -> (Tls, Vec<u8>) {
    let made = generate_simple_self_signed(["localhost".to_owned()]);
    let CertifiedKey { cert, signing_key } = made.expect("a certificate");
    let key = PrivatePkcs8KeyDer::from(signing_key.serialize_der());
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_protocol_versions(&[version])
        .expect("a version")
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key.into());
    (over(config.expect("a configuration")), cert.der().to_vec())
}

fn over(mut config: ServerConfig) -> Tls {
    // With TLS 1.3 what the peer says unsolicited goes out behind its `Finished`, in the same flight.
    config.send_half_rtt_data = true;
    let config = Arc::new(config);
    Tls::new(move || {
        let session = ServerConnection::new(Arc::clone(&config));
        Box::new(Session(session.expect("a usable configuration")))
    })
}

struct Session(ServerConnection);

impl TlsSession for Session {
    fn decrypt(&mut self, mut records: &[u8]) -> io::Result<Vec<u8>> {
        let mut plain = Vec::new();
        while !records.is_empty() {
            self.0.read_tls(&mut records)?;
            let state = self.0.process_new_packets().map_err(io::Error::other)?;
            let count = state.plaintext_bytes_to_read() as u64;
            self.0.reader().take(count).read_to_end(&mut plain)?;
        }
        Ok(plain)
    }

    fn can_encrypt(&self) -> bool {
        let version = self.0.protocol_version();
        !self.0.is_handshaking() || version == Some(ProtocolVersion::TLSv1_3)
    }

    fn encrypt(&mut self, plain: &[u8]) -> io::Result<()> {
        self.0.writer().write_all(plain)
    }

    fn close_notify(&mut self) {
        self.0.send_close_notify();
    }

    fn update_keys(&mut self) -> io::Result<()> {
        self.0.refresh_traffic_keys().map_err(io::Error::other)
    }

    fn take_records(&mut self) -> io::Result<Vec<u8>> {
        let mut records = Vec::new();
        while self.0.wants_write() {
            self.0.write_tls(&mut records)?;
        }
        Ok(records)
    }
}
