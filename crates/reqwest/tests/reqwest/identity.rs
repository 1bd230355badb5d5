//! Mutual TLS: the transport's identity towards a service that requests a certificate.

use std::error::Error as _;
use std::sync::Arc;

use payment_credentials_core::seam::Transport as _;
use payment_credentials_core::{TransportError, TransportErrorKind};
use payment_credentials_reqwest::{ClientIdentity, ReqwestTransportBuilder};
use rcgen::{CertifiedKey, KeyPair, generate_simple_self_signed};
use rustls::crypto::aws_lc_rs;
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use rustls_pki_types::PrivatePkcs8KeyDer;
use tokio_rustls::TlsAcceptor;

use crate::peer::{Peer, answer_all, builder, detour};

fn made(name: &str) -> CertifiedKey<KeyPair> {
    generate_simple_self_signed([name.to_owned()]).expect("a certificate")
}

/// A service that accepts only this client.
async fn service(own: &CertifiedKey<KeyPair>, client: &CertifiedKey<KeyPair>) -> Peer {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let mut roots = RootCertStore::empty();
    roots.add(client.cert.der().clone()).expect("a root");
    let verifier = WebPkiClientVerifier::builder_with_provider(roots.into(), Arc::clone(&provider));
    let key = PrivatePkcs8KeyDer::from(own.signing_key.serialize_der());
    let config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS12])
        .expect("a version")
        .with_client_cert_verifier(verifier.build().expect("a verifier"))
        .with_single_cert(vec![own.cert.der().clone()], key.into());
    let acceptor = TlsAcceptor::from(Arc::new(config.expect("a configuration")));
    Peer::new(move |_, stream| {
        let acceptor = acceptor.clone();
        async move {
            if let Ok(stream) = acceptor.accept(stream).await {
                answer_all(stream).await;
            }
        }
    })
    .await
}

async fn call(transport: ReqwestTransportBuilder, peer: &Peer) -> Result<(), TransportError> {
    let transport = transport.build().expect("a transport");
    let outgoing = detour("https://localhost", peer.address());
    transport.send(outgoing).await.map(drop)
}

#[tokio::test]
async fn a_service_that_wants_a_certificate_is_shown_the_configured_one_alone() {
    let (own, client) = (made("localhost"), made("client.example"));
    let peer = service(&own, &client).await;
    let trusting = || builder().extra_root(own.cert.der().to_vec());

    let key = client.signing_key.serialize_der();
    let identity = ClientIdentity::new([client.cert.der().to_vec()], &key).expect("an identity");
    let answer = call(trusting().client_identity(identity), &peer).await;
    answer.expect("a response");

    let error = call(trusting(), &peer).await.expect_err("refused");
    assert_eq!(error.kind(), TransportErrorKind::Tls);
    let source = error.source().expect("a cause").to_string();
    assert!(source.contains("requires a client certificate"), "{source}");
}
