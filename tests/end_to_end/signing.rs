//! Every way to sign, against a sandbox that requires a signature.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use payment_credentials::auth::{
    AccessToken, BearerAuthenticator, CertificateKey, HttpSignatureAuthenticator, JwtAuthenticator,
    SharedSecret, SharedSecretKey,
};
use payment_credentials::generator::CredentialsGenerator;
use payment_credentials::hyper::{HyperPort, TokioOffload};
use payment_credentials::keys::Keystore;
use payment_credentials::seam::{Clock, KeySet, RequestAuthenticator, SystemClock};
use payment_credentials::secret::Password;
use payment_credentials::{
    ApiVersion, CredentialsRequest, Delivery, Endpoint, MerchantId, OnClockSkew,
    PaymentCredentialsPort as _, PortError, PortErrorKind, Refusal, Repeatability, SignedPort,
};
use payment_credentials_layers as layers;
use payment_credentials_sandbox::faults::{self, Fault, FaultRule};
use payment_credentials_sandbox::{
    Authentication, AuthenticationCheck, AuthenticationScheme, Policy, ReceivedRequest, Sandbox,
    Tolerated, vault,
};
use tokio::task::{JoinSet, yield_now};

use super::stage::{ask, opener, port, port_by};

async fn sandbox(policy: Policy) -> Sandbox {
    let started = Sandbox::start(policy.into()).await;
    started.expect("a sandbox")
}

fn secret_key(owner: &str, key_id: &str, secret: &str) -> SharedSecretKey {
    let secret = SharedSecret::from_base64(secret).expect("a secret");
    let owner = owner.parse().expect("a merchant id");
    SharedSecretKey::new(owner, key_id.parse().expect("a key id"), secret)
}

fn merchant_secret(sandbox: &Sandbox) -> SharedSecretKey {
    let merchant = sandbox.merchant();
    secret_key(merchant.id(), merchant.key_id(), merchant.shared_secret())
}

fn portfolio_secret(sandbox: &Sandbox) -> SharedSecretKey {
    let portfolio = sandbox.portfolio();
    secret_key(
        portfolio.id(),
        portfolio.key_id(),
        portfolio.shared_secret(),
    )
}

fn certificate_key(owner: &str, keystore: &[u8], password: &str) -> CertificateKey {
    let keystore = Keystore::read(keystore, Some(&Password::from(password)));
    let identity = keystore.expect("a keystore").signing_identity(owner);
    let owner = owner.parse().expect("a merchant id");
    CertificateKey::new(owner, identity.expect("an identity"))
}

fn merchant_certificate(sandbox: &Sandbox) -> CertificateKey {
    let merchant = sandbox.merchant();
    let keystore = merchant.keystore().expect("a keystore");
    certificate_key(merchant.id(), keystore, merchant.keystore_password())
}

fn portfolio_certificate(sandbox: &Sandbox) -> CertificateKey {
    let portfolio = sandbox.portfolio();
    let keystore = portfolio.keystore().expect("a keystore");
    certificate_key(portfolio.id(), keystore, portfolio.keystore_password())
}

fn merchant_id(sandbox: &Sandbox) -> MerchantId {
    let id = sandbox.merchant().id().parse();
    id.expect("a merchant id")
}

async fn calls(sandbox: &Sandbox, authenticator: impl RequestAuthenticator + 'static) {
    let port = port(sandbox, ApiVersion::V3, authenticator).build();
    let generator = CredentialsGenerator::new(port.expect("a port"), opener(sandbox));
    ask(&generator, vault::VISA).await.expect("credentials");
}

/// Authentication scheme, key owner and merchant of the last request, as the sandbox recorded them.
fn seen(sandbox: &Sandbox) -> (Option<AuthenticationScheme>, String, String) {
    let requests = sandbox.requests();
    let outcome = requests
        .last()
        .and_then(|request| request.authentication())
        .expect("it was examined");
    let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
    let (owner, merchant) = (outcome.key_owner(), outcome.merchant_id());
    (outcome.scheme(), text(owner), text(merchant))
}

#[tokio::test]
async fn every_scheme_gets_credentials() {
    let sandbox = sandbox(Policy::strict()).await;
    let own = merchant_id(&sandbox).as_str().to_owned();
    let threads = Arc::new(TokioOffload::default());

    calls(
        &sandbox,
        JwtAuthenticator::with_shared_secret(merchant_secret(&sandbox)),
    )
    .await;
    assert_eq!(
        seen(&sandbox),
        (Some(AuthenticationScheme::Jwt), own.clone(), own.clone())
    );

    let certificate = JwtAuthenticator::with_certificate(merchant_certificate(&sandbox));
    calls(&sandbox, certificate.offload(threads)).await;
    assert_eq!(
        seen(&sandbox),
        (Some(AuthenticationScheme::Jwt), own.clone(), own.clone())
    );

    calls(
        &sandbox,
        HttpSignatureAuthenticator::new(merchant_secret(&sandbox)),
    )
    .await;
    assert_eq!(
        seen(&sandbox),
        (
            Some(AuthenticationScheme::HttpSignature),
            own.clone(),
            own.clone()
        )
    );

    let access: AccessToken = sandbox
        .merchant()
        .bearer_access_token()
        .parse()
        .expect("fits");
    calls(&sandbox, BearerAuthenticator::new(Arc::new(access))).await;
    assert_eq!(seen(&sandbox).0, Some(AuthenticationScheme::Bearer));
}

#[tokio::test]
async fn every_scheme_signs_with_a_meta_key() {
    let sandbox = sandbox(Policy::strict()).await;
    let merchant = merchant_id(&sandbox);
    let both = (
        sandbox.portfolio().id().to_owned(),
        merchant.as_str().to_owned(),
    );

    let jwt = JwtAuthenticator::with_shared_secret(portfolio_secret(&sandbox));
    calls(&sandbox, jwt.for_merchant(merchant.clone())).await;
    assert_eq!(
        seen(&sandbox),
        (
            Some(AuthenticationScheme::Jwt),
            both.0.clone(),
            both.1.clone()
        )
    );

    let jwt = JwtAuthenticator::with_certificate(portfolio_certificate(&sandbox));
    calls(&sandbox, jwt.for_merchant(merchant.clone())).await;
    assert_eq!(
        seen(&sandbox),
        (
            Some(AuthenticationScheme::Jwt),
            both.0.clone(),
            both.1.clone()
        )
    );

    let signature = HttpSignatureAuthenticator::new(portfolio_secret(&sandbox));
    calls(&sandbox, signature.for_merchant(merchant)).await;
    assert_eq!(
        seen(&sandbox),
        (Some(AuthenticationScheme::HttpSignature), both.0, both.1)
    );
}

async fn refused(
    sandbox: &Sandbox,
    authenticator: impl RequestAuthenticator + 'static,
) -> PortError {
    let port = port(sandbox, ApiVersion::V3, authenticator).build();
    let error = generate(&port.expect("a port"))
        .await
        .expect_err("a refusal");
    assert_eq!(
        error.kind(),
        PortErrorKind::Refused(Refusal::Authentication)
    );
    assert_eq!(
        (error.delivery(), error.repeatability()),
        (Delivery::Answered, Repeatability::Never)
    );
    error
}

async fn generate(port: &HyperPort) -> Result<(), PortError> {
    let request = CredentialsRequest::new(vault::VISA.parse().expect("a token id"));
    port.generate(&request).await.map(drop)
}

#[tokio::test]
async fn a_wrong_key_is_distinguished_from_a_wrong_key_id() {
    let sandbox = sandbox(Policy::strict().with_explanations()).await;
    let merchant = sandbox.merchant();
    let other = "yBJxy6LjM2TmcPGu+GaJrHtkke25fPpUX+UY6/L/1tE=";

    let key = secret_key(merchant.id(), merchant.key_id(), other);
    let error = refused(&sandbox, JwtAuthenticator::with_shared_secret(key)).await;
    assert_eq!(error.reason(), Some(AuthenticationCheck::Signature.name()));

    let key = secret_key(merchant.id(), "no-such-key", merchant.shared_secret());
    let error = refused(&sandbox, JwtAuthenticator::with_shared_secret(key)).await;
    assert_eq!(error.reason(), Some(AuthenticationCheck::KeyId.name()));

    let key = secret_key("somebody_else", merchant.key_id(), merchant.shared_secret());
    let error = refused(&sandbox, JwtAuthenticator::with_shared_secret(key)).await;
    assert_eq!(error.reason(), Some(AuthenticationCheck::Issuer.name()));
    assert_eq!(sandbox.minted(), 0);
}

/// A sandbox whose clock is ahead of the local clock or behind it.
async fn sandbox_off_by(seconds: i64) -> Sandbox {
    let off = Duration::from_secs(seconds.unsigned_abs());
    sandbox(Policy::strict().with_clock(move || {
        let now = SystemClock.now();
        if seconds < 0 { now - off } else { now + off }
    }))
    .await
}

/// Row E8: a minute, five minutes and a day, in both directions, except for a clock that is a minute slow:
/// the service tolerates that, since a signature is valid for two minutes.
#[tokio::test]
async fn e8_a_clock_that_is_off_is_reported_and_corrected_by_opt_in() {
    let slow = sandbox_off_by(60).await;
    calls(
        &slow,
        JwtAuthenticator::with_shared_secret(merchant_secret(&slow)),
    )
    .await;
    for off in [-60, 300, -300, 86_400, -86_400] {
        let sandbox = sandbox_off_by(off).await;
        let jwt = || JwtAuthenticator::with_shared_secret(merchant_secret(&sandbox));

        let error = refused(&sandbox, jwt()).await;
        let skew = error.clock_skew().expect("a skew").seconds();
        assert!((skew - off).abs() <= 5, "{skew} for {off}");
        assert!(error.to_string().contains("the local clock is "), "{error}");

        let port = port(&sandbox, ApiVersion::V3, jwt())
            .on_clock_skew(OnClockSkew::SignAgain)
            .build();
        generate(&port.expect("a port")).await.expect("credentials");
        let statuses: Vec<_> = sandbox
            .requests()
            .iter()
            .map(ReceivedRequest::status)
            .collect();
        assert_eq!(statuses, [Some(401), Some(401), Some(201)]);
    }
}

/// A clock that advances by 200 seconds with each request for which the service reads the clock.
#[derive(Clone, Debug)]
struct Leaping(Arc<AtomicU64>);

impl Leaping {
    const LEAP: u64 = 200;

    fn starting_now() -> Self {
        let now = SystemClock.now().duration_since(UNIX_EPOCH);
        Self(Arc::new(now.expect("after 1970").as_secs().into()))
    }

    /// The time when the service reads the clock.
    fn leap(&self) -> SystemTime {
        let now = self.0.fetch_add(Self::LEAP, Ordering::SeqCst);
        UNIX_EPOCH + Duration::from_secs(now)
    }
}

impl Clock for Leaping {
    fn now(&self) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(self.0.load(Ordering::SeqCst))
    }
}

/// Row E7: attempts 200 seconds apart, to a service that accepts no late signature and no
/// duplicate.
#[tokio::test]
async fn each_attempt_of_a_retry_is_signed_anew() {
    let clock = Leaping::starting_now();
    let services = clock.clone();
    let policy = Policy::strict().with_clock(move || services.leap());
    let sandbox = sandbox(policy).await;
    let signers: [Arc<dyn RequestAuthenticator>; 3] = [
        Arc::new(JwtAuthenticator::with_shared_secret(merchant_secret(
            &sandbox,
        ))),
        Arc::new(JwtAuthenticator::with_certificate(merchant_certificate(
            &sandbox,
        ))),
        Arc::new(HttpSignatureAuthenticator::new(merchant_secret(&sandbox))),
    ];
    for signer in signers {
        let before = sandbox.requests().len();
        let broken = FaultRule::at(faults::FaultPhase::Headers).fault(Fault::Status(502));
        sandbox.faults().add(broken.times(2)).expect("a rule");
        let port = port_by(&sandbox, ApiVersion::V3, signer)
            .clock(Arc::new(clock.clone()))
            .build();
        let retry = layers::Retry::with_policy(
            port.expect("a port"),
            &layers::RetryPolicy::default()
                .on_unknown_delivery(layers::OnUnknownDelivery::Repeat)
                .backoff(Duration::ZERO, Duration::ZERO),
        );
        let request = CredentialsRequest::new(vault::VISA.parse().expect("a token id"));
        retry.generate(&request).await.expect("credentials");

        let requests = sandbox.requests().split_off(before);
        let acted_on: Vec<_> = requests.iter().map(ReceivedRequest::status).collect();
        assert_eq!(acted_on, [Some(201); 3]);
    }
}

#[tokio::test]
async fn merchants_of_a_portfolio_share_its_connections() {
    let sandbox = sandbox(Policy::strict()).await;
    let jwt = JwtAuthenticator::with_shared_secret(portfolio_secret(&sandbox));
    let [first, second] = sandbox.portfolio().merchant_ids() else {
        panic!("two merchants");
    };
    let jwt = jwt.for_merchant(first.parse().expect("a merchant id"));
    let port = port(&sandbox, ApiVersion::V3, jwt).build().expect("a port");
    let other = port
        .for_merchant(second.parse().expect("a merchant id"))
        .expect("a port for the second merchant");

    for (port, merchant) in [(&port, first), (&other, second), (&port, first)] {
        generate(port).await.expect("credentials");
        assert_eq!(seen(&sandbox).2, *merchant);
    }
    assert_eq!(sandbox.connections(), 1);
    let stranger = port.for_merchant("stranger".parse().expect("a merchant id"));
    let error = generate(&stranger.expect("a port"))
        .await
        .expect_err("a refusal");
    assert_eq!(
        error.kind(),
        PortErrorKind::Refused(Refusal::Authentication)
    );
}

#[tokio::test]
async fn keys_are_swapped_with_a_thousand_calls_in_flight() {
    let sandbox = sandbox(Policy::strict()).await;
    let own = JwtAuthenticator::with_shared_secret(merchant_secret(&sandbox));
    let meta = JwtAuthenticator::with_shared_secret(portfolio_secret(&sandbox))
        .for_merchant(merchant_id(&sandbox));
    let sets = [
        KeySet::new(Arc::new(own.clone())),
        KeySet::new(Arc::new(meta)),
    ];
    let port = port(&sandbox, ApiVersion::V3, own).build().expect("a port");

    let mut calls = JoinSet::new();
    for wave in 1..=10 {
        for _ in 0..100 {
            let port = port.clone();
            calls.spawn(async move { generate(&port).await });
        }
        // Some calls begin with the current keys, and continue while these are replaced.
        yield_now().await;
        port.replace_keys(sets[wave % 2].clone())
            .expect("keys of the same merchant");
    }
    while let Some(call) = calls.join_next().await {
        call.expect("no panic").expect("credentials");
    }

    let requests = sandbox.requests();
    let owners = requests
        .iter()
        .filter_map(|request| request.authentication()?.key_owner());
    let (by_merchant, by_portfolio): (Vec<_>, Vec<_>) =
        owners.partition(|owner| *owner == sandbox.merchant().id());
    assert_eq!(by_merchant.len() + by_portfolio.len(), 1_000);
    assert!(!by_merchant.is_empty() && !by_portfolio.is_empty());
}

#[test]
fn a_sandbox_demands_authentication_by_default() {
    let Authentication::Required(_) = Authentication::strict() else {
        panic!("a sandbox that accepts every caller");
    };
}

/// A host with a non-default port is sent with the port, and is signed as in the endpoint.
#[tokio::test]
async fn a_host_with_a_port_is_signed_bare_unless_the_endpoint_says_otherwise() {
    for (policy, is_strict) in [(Policy::strict(), true), (Policy::tolerant(), false)] {
        let sandbox = sandbox(policy).await;
        let schemes: [Arc<dyn RequestAuthenticator>; 2] = [
            Arc::new(JwtAuthenticator::with_shared_secret(merchant_secret(
                &sandbox,
            ))),
            Arc::new(HttpSignatureAuthenticator::new(merchant_secret(&sandbox))),
        ];
        for authenticator in schemes {
            for signed in [SignedPort::Omitted, SignedPort::Included] {
                let base = format!("https://localhost:{}", sandbox.address().port());
                let endpoint = Endpoint::custom(base.parse().expect("an address"));
                let endpoint = endpoint
                    .with_connect_to(sandbox.address().into())
                    .expect("an endpoint")
                    .with_signed_port(signed);
                let port = HyperPort::builder(endpoint, Arc::clone(&authenticator))
                    .extra_root(sandbox.root_certificate_der())
                    .build()
                    .expect("a port");
                let request = CredentialsRequest::new(vault::VISA.parse().expect("a token id"));
                let result = port.generate(&request).await;
                let requests = sandbox.requests();
                let received = requests.last().expect("a request");
                let outcome = received.authentication().expect("it was examined");
                let what = format!("{signed:?} {outcome:?} {result:?}");
                let with_port = signed == SignedPort::Included;
                assert_eq!(result.is_err(), with_port && is_strict, "{what}");
                let noted: &[Tolerated] = if with_port && !is_strict {
                    &[Tolerated::HostWithPort]
                } else {
                    &[]
                };
                assert_eq!(received.tolerated(), noted, "{what}");
                let failure = outcome.failure().map(ToString::to_string);
                assert_eq!(failure.is_some(), with_port && is_strict, "{what}");
                let number = sandbox.address().port().to_string();
                let says_it =
                    |text: String| text.contains(&number) || text.contains("with its port");
                assert!(failure.is_none_or(says_it), "{what}");
            }
        }
    }
}
