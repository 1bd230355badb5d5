//! The service's identity: certificates that don't prove it, and resumed sessions.

use std::error::Error as _;
use std::sync::{Arc, Mutex};

use payment_credentials_core::seam::Unauthenticated;
use payment_credentials_core::{
    Delivery, Endpoint, Gateway, PaymentCredentialsPort, Phase, PortError, PortErrorKind,
    Repeatability, SealedCredentials,
};
use payment_credentials_hyper::{HyperPort, HyperTransport, Roots, pipe};
use payment_credentials_tls::objection;
use rcgen::{
    CertificateParams, DistinguishedName, DnType, GeneralSubtree, Issuer, KeyPair, NameConstraints,
    SanType, date_time_ymd,
};
use rustls::version::{TLS12, TLS13};
use rustls::{HandshakeKind, ServerConfig, SupportedProtocolVersion};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::TlsAcceptor;

use crate::authority::{Authority, issuing, serving, showing};
use crate::peer::{GOOD, Peer, answer_all, call, request};

/// The host name of the service.
const HOST: &str = "api.payments.example";

/// The certificate chain and the key that a server presents.
type Shown = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

fn shown(chain: Vec<CertificateDer<'static>>, key: &KeyPair) -> Shown {
    (chain, PrivatePkcs8KeyDer::from(key.serialize_der()).into())
}

/// Calls a service that presents this chain to a client that trusts that root. Also returns whether
/// the service received anything from the client after the TLS handshake.
async fn call_one(
    root: &[u8],
    (chain, key): &Shown,
    version: &'static SupportedProtocolVersion,
) -> (Result<SealedCredentials, PortError>, bool) {
    let (dialer, mut listener) = pipe();
    let acceptor = TlsAcceptor::from(Arc::new(showing(chain.clone(), key, version)));
    let service = tokio::spawn(async move {
        let stream = listener.accept().await.expect("dialled");
        let Ok(mut stream) = acceptor.accept(stream).await else {
            return false;
        };
        let heard = stream.read_u8().await.is_ok();
        // The client has closed the connection if it rejects the certificate.
        let _ = stream.write_all(GOOD.as_bytes()).await;
        heard
    });
    let endpoint = Endpoint::custom(format!("https://{HOST}").parse().expect("an address"));
    let port = HyperPort::builder(endpoint, Arc::new(Unauthenticated))
        .roots(Roots::ExtraOnly)
        .extra_root(root)
        .dialer(Arc::new(dialer));
    let answer = call(&port.build().expect("a port")).await;
    (answer, service.await.expect("the service ends"))
}

async fn accepts(root: Vec<u8>, shown: Shown) {
    for version in [&TLS12, &TLS13] {
        let (answer, heard) = call_one(&root, &shown, version).await;
        answer.expect("credentials");
        assert!(heard);
    }
}

/// Checks that the call ends for this reason before a byte of the request is sent.
async fn refuses(root: Vec<u8>, shown: Shown, why: &str) {
    for version in [&TLS12, &TLS13] {
        let (answer, heard) = call_one(&root, &shown, version).await;
        check(&answer.expect_err(why), why);
        assert!(!heard, "{why}");
    }
}

#[track_caller]
fn check(error: &PortError, why: &str) {
    assert_eq!(
        (error.kind(), error.phase()),
        (PortErrorKind::Tls, Phase::Tls),
        "{why}"
    );
    assert_eq!(
        (error.delivery(), error.repeatability()),
        (Delivery::NotSent, Repeatability::Never)
    );
    let objection = objection(error).expect("an objection").to_string();
    assert!(objection.contains(why), "{why}: {objection}");
}

/// Row D1: a certificate must contain the host among its alternative names and be valid now.
#[tokio::test]
async fn d1_a_certificate_is_for_this_host_and_for_now() {
    let authority = Authority::new("payments root");
    let show = |params| {
        let (certificate, key) = authority.certify(&params);
        shown(vec![certificate], &key)
    };
    for good in [HOST, "*.payments.example"] {
        accepts(authority.root(), show(serving([good]))).await;
    }

    let mut expired = serving([HOST]);
    expired.not_after = date_time_ymd(2001, 1, 1);
    refuses(authority.root(), show(expired), "expired").await;
    let mut early = serving([HOST]);
    early.not_before = date_time_ymd(3000, 1, 1);
    refuses(authority.root(), show(early), "not valid yet").await;

    let mut common_name = serving([]);
    let mut subject = DistinguishedName::new();
    subject.push(DnType::CommonName, HOST);
    common_name.distinguished_name = subject;
    refuses(authority.root(), show(common_name), "not valid for name").await;
    for name in [
        "payments.example",
        "other.payments.example",
        "api.payments.example.evil.example",
        "*.example",
        "*.*.example",
        "*",
        "a*.payments.example",
        "api.payments.example\0",
        "api.payments.example\0.evil.example",
    ] {
        let mut params = serving([]);
        let name = name.try_into().expect("ASCII");
        params.subject_alt_names = vec![SanType::DnsName(name)];
        refuses(authority.root(), show(params), "not valid for name").await;
    }
}

#[tokio::test]
async fn g18_a_root_that_is_not_trusted_is_told_with_the_setting_that_helps() {
    let (certificate, key) = Authority::new("a stranger").certify(&serving([HOST]));
    let stranger = shown(vec![certificate], &key);
    let root = Authority::new("payments root").root();
    let (answer, _) = call_one(&root, &stranger, &TLS13).await;
    let error = answer.expect_err("not trusted");
    let cause = error.source().expect("a cause").to_string();
    assert!(cause.contains("`extra_root`"), "{cause}");
    assert!(
        cause.contains("`ssl_ca_cert` in a configuration"),
        "{cause}"
    );
}

/// Row D2: a trusted authority must have signed the certificate, with a strong algorithm and within
/// the authority's own constraints.
#[tokio::test]
async fn d2_a_certificate_is_vouched_for() {
    let authority = Authority::new("payments root");
    let key = KeyPair::generate().expect("a key");
    let own = serving([HOST]).self_signed(&key).expect("a certificate");
    let own = shown(vec![own.der().clone()], &key);
    refuses(authority.root(), own, "UnknownIssuer").await;
    // Another authority with the same name but another key.
    let (certificate, key) = Authority::new("payments root").certify(&serving([HOST]));
    let stranger = shown(vec![certificate], &key);
    refuses(authority.root(), stranger, "BadSignature").await;
    let (certificate, key) = Authority::new("a stranger").certify(&serving([HOST]));
    let stranger = shown(vec![certificate], &key);
    refuses(authority.root(), stranger, "UnknownIssuer").await;
}

/// Row D2: anyone can present the service's certificate, but only the service has its key.
#[tokio::test]
async fn a_certificate_without_its_key_proves_nothing() {
    let authority = Authority::new("payments root");
    let (certificate, _) = authority.certify(&serving([HOST]));
    let other = KeyPair::generate().expect("a key");
    let stolen = shown(vec![certificate], &other);
    refuses(authority.root(), stolen, "BadSignature").await;
}

/// A certificate of `tests/vectors/certificates`, and the root that signed it.
fn stored(root: &[u8], certificate: &[u8]) -> (Vec<u8>, Shown) {
    let key = include_bytes!("../../../../tests/vectors/certificates/leaf.key.pem");
    let der = |pem| CertificateDer::from_pem_slice(pem).expect("a certificate");
    let key = PrivateKeyDer::from_pem_slice(key).expect("a key");
    (der(root).to_vec(), (vec![der(certificate)], key))
}

/// Row D2: signatures with a weak algorithm are rejected, even those of a trusted authority.
#[tokio::test]
async fn d2_a_weak_signature_vouches_for_nothing() {
    let strong = include_bytes!("../../../../tests/vectors/certificates/rsa2048.root.pem");
    let good = include_bytes!("../../../../tests/vectors/certificates/rsa2048-sha256.pem");
    let (root, good) = stored(strong, good);
    accepts(root, good).await;

    let weak = include_bytes!("../../../../tests/vectors/certificates/rsa1024.root.pem");
    let by_weak = include_bytes!("../../../../tests/vectors/certificates/rsa1024-sha256.pem");
    let (root, by_weak) = stored(weak, by_weak);
    refuses(root, by_weak, "BadSignature").await;

    let sha1 = include_bytes!("../../../../tests/vectors/certificates/rsa2048-sha1.pem");
    let (root, sha1) = stored(strong, sha1);
    refuses(root, sha1, "UnsupportedSignatureAlgorithm").await;
}

/// Row D2: an authority with name constraints can sign for no other name, and a wildcard counts as
/// many names.
#[tokio::test]
async fn the_bounds_of_an_authority_hold() {
    let bounded = |permitted: &str, excluded: &[&str]| {
        let subtree = |name: &str| GeneralSubtree::DnsName(name.to_owned());
        let mut params = issuing("a bounded root");
        params.name_constraints = Some(NameConstraints {
            permitted_subtrees: vec![subtree(permitted)],
            excluded_subtrees: excluded.iter().copied().map(subtree).collect(),
        });
        Authority::with(params)
    };
    let show = |authority: &Authority, name: &str| {
        let (certificate, key) = authority.certify(&serving([name]));
        (authority.root(), shown(vec![certificate], &key))
    };
    let (root, shown) = show(&bounded("payments.example", &[]), HOST);
    accepts(root, shown).await;
    for (permitted, excluded, name) in [
        ("other.example", &[][..], HOST),
        ("payments.example", &[HOST][..], HOST),
        ("accept.payments.example", &[], "*.payments.example"),
        (
            "example",
            &["secret.payments.example"],
            "*.payments.example",
        ),
    ] {
        let (root, shown) = show(&bounded(permitted, excluded), name);
        refuses(root, shown, "NameConstraintViolation").await;
    }
}

/// Row D5: the chain's length is limited, and so is the number of further certificates.
#[tokio::test]
async fn a_chain_is_short_and_little_comes_with_it() {
    let root = Authority::new("payments root");
    let mut authorities = vec![root.below("1")];
    for nth in 2..=100 {
        let last = authorities.last().expect("one");
        authorities.push(last.below(&nth.to_string()));
    }
    let certificates = |authorities: &[Authority]| -> Vec<CertificateDer<'static>> {
        let upwards = authorities.iter().rev();
        upwards.map(|authority| authority.root().into()).collect()
    };
    let show = |below: &[Authority], beside: &[Authority]| {
        let issuer = below.last().unwrap_or(&root);
        let (certificate, key) = issuer.certify(&serving([HOST]));
        let chain = [vec![certificate], certificates(below), certificates(beside)];
        shown(chain.concat(), &key)
    };
    for (below, beside) in [(1, 0), (4, 0), (0, 16), (4, 12)] {
        let shown = show(&authorities[..below], &authorities[50..50 + beside]);
        accepts(root.root(), shown).await;
    }
    let long = show(&authorities[..16], &[]);
    refuses(root.root(), long, "MaximumPathDepthExceeded").await;
    for (below, beside) in [(100, 0), (0, 17), (4, 13)] {
        let shown = show(&authorities[..below], &authorities[50..50 + beside]);
        refuses(root.root(), shown, "more than 16 certificates").await;
    }
}

/// Row D5: the number of paths to a root that are tried is limited (RUSTSEC-2023-0053).
#[tokio::test]
async fn d5_a_maze_of_certificates_is_left_alone() {
    let root = Authority::new("payments root");
    for (levels, alike, why) in [(5, 3, "UnknownIssuer"), (5, 20, "more than 16")] {
        let (chain, key) = maze(levels, alike);
        refuses(root.root(), shown(chain, &key), why).await;
    }
}

/// Returns a server's chain with this many levels, and at each level this many certificates that
/// all fit.
fn maze(levels: usize, alike: usize) -> (Vec<CertificateDer<'static>>, KeyPair) {
    let key = || KeyPair::generate().expect("a key");
    let mut issuer = Issuer::new(issuing("nobody"), key());
    let mut chain = Vec::new();
    for level in 0..levels {
        let (params, key) = (issuing(&level.to_string()), key());
        for _ in 0..alike {
            let certificate = params.signed_by(&key, &issuer).expect("a certificate");
            chain.push(certificate.der().clone());
        }
        issuer = Issuer::new(params, key);
    }
    let key = key();
    let certificate = serving([HOST]).signed_by(&key, &issuer);
    chain.push(certificate.expect("a certificate").der().clone());
    chain.reverse();
    (chain, key)
}

/// The handshakes that a service saw: the kind of each, and whether the client sent early data.
type Handshakes = Arc<Mutex<Vec<(Option<HandshakeKind>, bool)>>>;

/// Starts a service that serves its connections with these configurations in turn, and all later
/// ones with the last.
fn remembering(configs: impl IntoIterator<Item = ServerConfig>) -> (Peer, Handshakes) {
    let configs: Vec<_> = configs.into_iter().map(Arc::new).collect();
    let handshakes = Handshakes::default();
    let seen = Arc::clone(&handshakes);
    let peer = Peer::new(move |nth, stream| {
        let config = configs.get(nth).or_else(|| configs.last()).expect("one");
        let acceptor = TlsAcceptor::from(Arc::clone(config));
        let seen = Arc::clone(&seen);
        async move {
            let Ok(mut stream) = acceptor.accept(stream).await else {
                return;
            };
            let tls = stream.get_mut().1;
            let saw = (tls.handshake_kind(), tls.early_data().is_some());
            seen.lock().expect("unpoisoned").push(saw);
            answer_all(stream).await;
        }
    });
    (peer, handshakes)
}

/// Returns the configuration of a server that resumes sessions and would accept early data.
fn config(
    authority: &Authority,
    params: &CertificateParams,
    version: &'static SupportedProtocolVersion,
) -> ServerConfig {
    let (certificate, key) = authority.certify(params);
    let (chain, key) = shown(vec![certificate], &key);
    let mut config = showing(chain, &key, version);
    config.max_early_data_size = 16 * 1024;
    config
}

/// Returns a transport that keeps no connection, so that each call performs a handshake.
fn transport(authority: &Authority, peer: &Peer) -> HyperTransport {
    let transport = HyperTransport::builder()
        .roots(Roots::ExtraOnly)
        .extra_root(authority.root())
        .max_idle_connections(0)
        .dialer(peer.dialer());
    transport.build().expect("a transport")
}

async fn call_at(transport: &HyperTransport, host: &str) -> Result<SealedCredentials, PortError> {
    let endpoint = Endpoint::custom(format!("https://{host}").parse().expect("an address"));
    let transport = Arc::new(transport.clone());
    let gateway = Gateway::builder(endpoint, Arc::new(Unauthenticated));
    gateway
        .build(transport)
        .expect("a gateway")
        .generate(&request())
        .await
}

/// Row D7: a session with one host name is never resumed for another.
#[tokio::test]
async fn d7_a_session_is_taken_up_again_for_its_own_name_alone() {
    let authority = Authority::new("payments root");
    for version in [&TLS12, &TLS13] {
        let config = config(&authority, &serving([HOST]), version);
        let (peer, handshakes) = remembering([config]);
        let transport = transport(&authority, &peer);
        for _ in 0..2 {
            call_at(&transport, HOST).await.expect("credentials");
        }
        let error = call_at(&transport, "other.example").await;
        check(&error.expect_err("another name"), "not valid for name");
        let handshakes = handshakes.lock().expect("unpoisoned").clone();
        let [(first, _), (second, early)] = handshakes[..] else {
            panic!("two handshakes")
        };
        assert_eq!(first, Some(HandshakeKind::Full));
        assert_eq!(second, Some(HandshakeKind::Resumed));
        assert!(!early, "a request that anyone could play again");
    }
}

/// Rows D7 and D10: the certificate is validated again, wherever the name resolves to now and
/// whatever session is left from before.
#[tokio::test]
async fn d10_a_name_that_moves_is_followed_and_its_certificate_checked_in_full() {
    let authority = Authority::new("payments root");
    let stranger = Authority::new("payments root");
    let mut expired = serving([HOST]);
    expired.not_after = date_time_ymd(2001, 1, 1);
    for version in [&TLS12, &TLS13] {
        let configs = [
            config(&authority, &serving([HOST]), version),
            config(&stranger, &serving([HOST]), version),
            config(&authority, &serving(["localhost"]), version),
            config(&authority, &expired, version),
            config(&authority, &serving([HOST]), version),
        ];
        let (peer, handshakes) = remembering(configs);
        let transport = transport(&authority, &peer);
        call_at(&transport, HOST).await.expect("credentials");
        for why in ["BadSignature", "not valid for name", "expired"] {
            let error = call_at(&transport, HOST).await.expect_err(why);
            check(&error, why);
        }
        call_at(&transport, HOST).await.expect("credentials");
        assert_eq!(handshakes.lock().expect("unpoisoned").len(), 2);
        assert_eq!(peer.dialled(), 5);
    }
}
