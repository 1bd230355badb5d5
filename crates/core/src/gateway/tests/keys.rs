//! Which keys sign, for which merchant, and at which time.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderMap, Response};
use pollster::block_on;

use super::{Gateway, OnClockSkew};
use crate::configured_key::{ConfiguredKey, KeyPurpose};
use crate::endpoint::{Endpoint, Environment};
use crate::error::{
    AuthError, Delivery, EncryptionError, Phase, PortError, PortErrorKind, Refusal, Repeatability,
    TransportError, TransportErrorKind,
};
use crate::id::{KeyId, MerchantId};
use crate::port::PaymentCredentialsPort as _;
use crate::request::CredentialsRequest;
use crate::seam::{
    Clock, KeySet, MessageEncryption, Outgoing, Progress, RequestAuthenticator, Transport,
    UnsignedRequest,
};
use crate::wire::ResponseBody;

/// The time of the local clock, which stands still.
fn local() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_780_000_000)
}

#[derive(Debug)]
struct StoppedClock;

impl Clock for StoppedClock {
    fn now(&self) -> SystemTime {
        local()
    }
}

/// A MetaKey: signs for every merchant but one.
#[derive(Debug, Default)]
struct Signer {
    name: &'static str,
    signed: Mutex<Vec<(Option<MerchantId>, SystemTime)>>,
}

#[async_trait]
impl RequestAuthenticator for Signer {
    fn carries_message_encryption(&self) -> bool {
        false
    }

    fn acts_for(&self, merchant_id: &MerchantId) -> bool {
        merchant_id.as_str() != "stranger"
    }

    fn configured_keys(&self) -> Vec<ConfiguredKey> {
        let key_id = self.name.parse().expect("a key id");
        vec![ConfiguredKey::new(KeyPurpose::SignRequests, Some(key_id))]
    }

    async fn authenticate(
        &self,
        unsigned: &UnsignedRequest,
        now: SystemTime,
    ) -> Result<HeaderMap, AuthError> {
        let mut signed = self.signed.lock().expect("unpoisoned");
        signed.push((unsigned.merchant_id.clone(), now));
        Ok(HeaderMap::new())
    }
}

impl Signer {
    fn named(name: &'static str) -> Arc<Self> {
        Arc::new(Self {
            name,
            ..Self::default()
        })
    }

    fn merchants(&self) -> Vec<Option<String>> {
        let signed = self.signed.lock().expect("unpoisoned");
        let name = |id: &MerchantId| id.as_str().to_owned();
        signed.iter().map(|(id, _)| id.as_ref().map(name)).collect()
    }

    /// The times at which the key signed, in seconds after the local clock's time.
    fn times(&self) -> Vec<i64> {
        let signed = self.signed.lock().expect("unpoisoned");
        let after = |time: SystemTime| match time.duration_since(local()) {
            Ok(after) => i64::try_from(after.as_secs()).expect("seconds"),
            Err(before) => -i64::try_from(before.duration().as_secs()).expect("seconds"),
        };
        signed.iter().map(|(_, time)| after(*time)).collect()
    }
}

/// Sends the same response to every request, with a `Date` of its own.
#[derive(Debug)]
struct Service {
    status: u16,
    date: Option<String>,
}

#[async_trait]
impl Transport for Service {
    async fn send(&self, _outgoing: Outgoing) -> Result<Response<Bytes>, TransportError> {
        let mut response = Response::builder().status(self.status);
        if let Some(date) = &self.date {
            response = response.header("date", date);
        }
        let body = Bytes::from_static(b"eyJ9.a.b.c.d");
        Ok(response.body(body).expect("a response"))
    }
}

fn gateway(signer: &Arc<Signer>, service: Service, reaction: OnClockSkew) -> Gateway {
    let endpoint = Endpoint::new(Environment::Test);
    Gateway::builder(endpoint, Arc::clone(signer) as _)
        .clock(Arc::new(StoppedClock))
        .on_clock_skew(reaction)
        .build(Arc::new(service))
        .expect("a gateway")
}

fn accepting(signer: &Arc<Signer>) -> Gateway {
    let service = Service {
        status: 201,
        date: None,
    };
    gateway(signer, service, OnClockSkew::Report)
}

fn request() -> CredentialsRequest {
    CredentialsRequest::new("7010000000016241111".parse().expect("a token id"))
}

fn merchant(id: &str) -> MerchantId {
    id.parse().expect("a merchant id")
}

#[test]
fn acts_for_another_merchant_with_the_same_keys() {
    let signer = Signer::named("portfolio");
    let portfolio = accepting(&signer);
    let shop = portfolio.for_merchant(merchant("shop")).expect("a gateway");
    for gateway in [&portfolio, &shop, &portfolio] {
        block_on(gateway.generate(&request())).expect("credentials");
    }
    assert_eq!(signer.merchants(), [None, Some("shop".into()), None]);
}

#[test]
fn refuses_a_merchant_that_the_keys_cannot_act_for() {
    let gateway = accepting(&Signer::named("portfolio"));
    let error = gateway.for_merchant(merchant("stranger")).expect_err("no");
    assert_eq!(error.setting(), "merchant id");
    assert!(error.message().contains("MetaKey"), "{error}");
}

#[test]
fn swapped_keys_hold_for_every_merchant_from_the_next_call_on() {
    let (old, new) = (Signer::named("old"), Signer::named("new"));
    let gateway = accepting(&old);
    let shop = gateway.for_merchant(merchant("shop")).expect("a gateway");
    let names = |gateway: &Gateway| {
        let keys = gateway.configured_keys();
        keys.iter()
            .map(|key| key.key_id.clone().expect("an id"))
            .collect::<Vec<_>>()
    };
    assert_eq!(names(&shop), ["old".parse().expect("an id")]);

    let replaced = gateway.replace_keys(KeySet::new(Arc::clone(&new) as _));
    replaced.expect("keys of the same merchant");
    block_on(shop.generate(&request())).expect("credentials");
    assert_eq!(names(&shop), ["new".parse().expect("an id")]);
    assert!(old.merchants().is_empty());
    assert_eq!(new.merchants(), [Some("shop".into())]);
}

#[test]
fn a_gateway_with_keys_of_its_own_shares_the_transport_and_no_key() {
    let (bakery, florist) = (Signer::named("bakery"), Signer::named("florist"));
    let gateway = accepting(&bakery);
    let shop = gateway.for_merchant(merchant("shop")).expect("a gateway");
    let other = shop.with_keys(KeySet::new(Arc::clone(&florist) as _));

    block_on(other.generate(&request())).expect("credentials");
    assert_eq!(florist.merchants(), [None], "not in the name of the shop");
    assert!(bakery.merchants().is_empty());

    let replaced = gateway.replace_keys(KeySet::new(Signer::named("new") as _));
    replaced.expect("keys of the same merchant");
    block_on(other.generate(&request())).expect("credentials");
    assert_eq!(florist.merchants(), [None, None], "its own keys stay");
}

#[test]
fn keys_that_cannot_act_for_a_merchant_never_sign_for_it() {
    let gateway = accepting(&Signer::named("old"));
    let shop = gateway.for_merchant(merchant("shop")).expect("a gateway");
    let unknown = KeySet::new(Arc::new(crate::seam::Unauthenticated));
    gateway.replace_keys(unknown).expect("nobody knows whose");
    let error = block_on(shop.generate(&request())).expect_err("no keys");
    assert_eq!(error.kind(), PortErrorKind::Setup);
    assert_eq!(error.delivery(), Delivery::NotSent);
    block_on(gateway.generate(&request())).expect("credentials");
}

/// Signs for the named merchant.
#[derive(Debug)]
struct Merchants(Option<&'static str>);

#[async_trait]
impl RequestAuthenticator for Merchants {
    fn carries_message_encryption(&self) -> bool {
        false
    }

    fn acts_for(&self, _merchant_id: &MerchantId) -> bool {
        false
    }

    fn merchant_id(&self) -> Option<MerchantId> {
        self.0.map(merchant)
    }

    fn configured_keys(&self) -> Vec<ConfiguredKey> {
        Vec::new()
    }

    async fn authenticate(
        &self,
        _unsigned: &UnsignedRequest,
        _now: SystemTime,
    ) -> Result<HeaderMap, AuthError> {
        Ok(HeaderMap::new())
    }
}

/// Row G11.
#[test]
fn keys_of_another_merchant_are_rejected_and_those_in_use_stay() {
    for (now, next, is_taken) in [
        (Some("ours"), Some("ours"), true),
        (Some("ours"), Some("theirs"), false),
        (Some("ours"), None, true),
        (None, Some("theirs"), true),
    ] {
        let transport = Arc::new(Service {
            status: 201,
            date: None,
        });
        let endpoint = Endpoint::new(Environment::Test);
        let gateway = Gateway::builder(endpoint, Arc::new(Merchants(now)))
            .build(transport)
            .expect("a gateway");
        let replaced = gateway.replace_keys(KeySet::new(Arc::new(Merchants(next))));
        assert_eq!(replaced.is_ok(), is_taken, "{now:?} {next:?}");
        let in_use = gateway.key_set().authenticator().merchant_id();
        let expected = if is_taken { next } else { now };
        assert_eq!(in_use, expected.map(merchant));
    }
}

/// Makes a call that the service refuses with this `Date`. Returns the error and the times at which the
/// key signed.
fn refused(date: Option<String>, reaction: OnClockSkew) -> (PortError, Vec<i64>) {
    let signer = Signer::named("key");
    let service = Service { status: 401, date };
    let error =
        block_on(gateway(&signer, service, reaction).generate(&request())).expect_err("refused");
    assert_eq!(
        error.kind(),
        PortErrorKind::Refused(Refusal::Authentication)
    );
    (error, signer.times())
}

fn date(seconds_after: i64) -> String {
    let off = Duration::from_secs(seconds_after.unsigned_abs());
    let time = if seconds_after < 0 {
        local() - off
    } else {
        local() + off
    };
    httpdate::fmt_http_date(time)
}

/// Rows C24 and E8: if the clock explains a 401, the error reports the clock skew.
#[test]
fn a_refusal_tells_by_how_much_the_local_clock_is_off() {
    for (off, reported) in [
        (60, "the local clock is 60 s behind the service's"),
        (-300, "the local clock is 300 s ahead of the service's"),
        (86_400, "the local clock is 86400 s behind the service's"),
    ] {
        let (error, signed) = refused(Some(date(off)), OnClockSkew::Report);
        assert_eq!(error.clock_skew().expect("a skew").seconds(), off);
        assert!(error.to_string().contains(reported), "{error}");
        assert_eq!((signed, error.attempts()), (vec![0], 1));
    }
}

/// Row E8: signs again exactly once, with a clock that is off by a minute, five minutes and a day,
/// in both directions.
#[test]
fn signs_once_more_by_the_services_time_if_asked_to() {
    for off in [60, -60, 300, -300, 86_400, -86_400] {
        let (error, signed) = refused(Some(date(off)), OnClockSkew::SignAgain);
        assert_eq!(signed, [0, off]);
        assert_eq!(error.attempts(), 2);
        assert_eq!(error.clock_skew().expect("a skew").seconds(), off);
    }
}

/// Refuses the first signature and is unreachable for the second.
#[derive(Debug, Default)]
struct Gone(AtomicBool);

#[async_trait]
impl Transport for Gone {
    async fn send(&self, outgoing: Outgoing) -> Result<Response<Bytes>, TransportError> {
        if self.0.swap(true, Ordering::SeqCst) {
            outgoing.attempt().reached(Phase::Connect);
            let (fault, delivery) = (TransportErrorKind::Connect, Delivery::NotSent);
            let error = TransportError::new(fault, delivery, Phase::Connect, Repeatability::Safe);
            return Err(error.with_source("connection refused"));
        }
        let response = Response::builder().status(401).header("date", date(300));
        Ok(response.body(Bytes::new()).expect("a response"))
    }
}

/// The first response is not lost, and the call is not reported as unsent.
#[test]
fn a_second_signature_that_finds_no_connection_leaves_the_refusal_of_the_first() {
    let (signer, endpoint) = (Signer::named("key"), Endpoint::new(Environment::Test));
    let gateway = Gateway::builder(endpoint, Arc::clone(&signer) as _)
        .clock(Arc::new(StoppedClock))
        .on_clock_skew(OnClockSkew::SignAgain)
        .build(Arc::new(Gone::default()))
        .expect("a gateway");
    let progress = Progress::default();
    let request = request();
    let call = gateway.generate_with(&request, &progress);
    let error = block_on(call).expect_err("refused");
    assert_eq!(
        error.kind(),
        PortErrorKind::Refused(Refusal::Authentication)
    );
    assert_eq!(
        (error.delivery(), error.repeatability()),
        (Delivery::Answered, Repeatability::Never)
    );
    assert_eq!((error.status(), error.attempts()), (Some(401), 2));
    let second = error.other_attempt().expect("the second attempt");
    assert_eq!(second.kind(), PortErrorKind::Connect);
    assert_eq!(
        (progress.delivery(), progress.attempts()),
        (Delivery::Answered, 2)
    );
    assert_eq!(signer.times(), [0, 300]);
}

/// Encrypts nothing, and records the times at which it is called.
#[derive(Debug, Default)]
struct Sealer(Mutex<Vec<SystemTime>>);

#[async_trait]
impl MessageEncryption for Sealer {
    fn is_active(&self) -> bool {
        false
    }

    fn response_key_id(&self) -> Option<KeyId> {
        None
    }

    fn configured_keys(&self) -> Vec<ConfiguredKey> {
        Vec::new()
    }

    async fn seal(&self, body: Bytes, now: SystemTime) -> Result<Bytes, EncryptionError> {
        self.0.lock().expect("unpoisoned").push(now);
        Ok(body)
    }

    async fn open(&self, body: Bytes) -> Result<ResponseBody, EncryptionError> {
        Ok(ResponseBody::Received(body))
    }
}

#[test]
fn a_second_attempt_is_encrypted_by_the_same_time_that_it_is_signed_with() {
    let (signer, sealer) = (Signer::named("key"), Arc::new(Sealer::default()));
    let service = Service {
        status: 401,
        date: Some(date(300)),
    };
    let endpoint = Endpoint::new(Environment::Test);
    let gateway = Gateway::builder(endpoint, Arc::clone(&signer) as _)
        .encryption(Arc::clone(&sealer) as _)
        .clock(Arc::new(StoppedClock))
        .on_clock_skew(OnClockSkew::SignAgain)
        .build(Arc::new(service))
        .expect("a gateway");
    block_on(gateway.generate(&request())).expect_err("refused");
    assert_eq!(signer.times(), [0, 300]);
    let times = sealer.0.lock().expect("unpoisoned");
    assert_eq!(*times, [local(), local() + Duration::from_secs(300)]);
}

/// Row E9: a `Date` that is 50 years off, an invalid one, none; and cases that prove nothing.
#[test]
fn corrects_nothing_without_a_credible_date() {
    let years = 50 * 365 * 86_400;
    let dates = [
        date(years),
        date(-years),
        date(0),
        date(9),
        "soon".to_owned(),
    ];
    for date in dates.map(Some).into_iter().chain([None]) {
        let (error, signed) = refused(date, OnClockSkew::SignAgain);
        assert_eq!((signed, error.attempts()), (vec![0], 1));
    }
}

#[test]
fn other_refusals_are_not_put_down_to_the_clock() {
    let signer = Signer::named("key");
    let service = Service {
        status: 403,
        date: Some(date(300)),
    };
    let gateway = gateway(&signer, service, OnClockSkew::SignAgain);
    let error = block_on(gateway.generate(&request())).expect_err("refused");
    assert_eq!(error.clock_skew(), None);
    assert_eq!(signer.times(), [0]);
}
