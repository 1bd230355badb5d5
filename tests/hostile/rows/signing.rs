//! Rows E9, G10 and G11: dates that correct nothing, headers that a signer may not write, keys of another
//! merchant.

use std::error::Error as _;
use std::sync::Arc;
use std::time::SystemTime;

use async_trait::async_trait;
use http::{HeaderMap, HeaderName, HeaderValue};
use payment_credentials_core::header::{RULES, RequestValue};
use payment_credentials_core::seam::{KeySet, RequestAuthenticator, UnsignedRequest};
use payment_credentials_core::{
    AuthError, ConfiguredKey, Delivery, KeyPurpose, MerchantId, OnClockSkew,
    PaymentCredentialsPort as _, PortErrorKind,
};
use pollster::block_on;

use crate::tools::answering::{Answering, gateway, request};

const CANARY: &str = "canary";

/// Signs for one merchant, with one header.
#[derive(Clone, Copy, Debug, Default)]
struct Signer {
    merchant: Option<&'static str>,
    writes: Option<&'static str>,
}

#[async_trait]
impl RequestAuthenticator for Signer {
    fn carries_message_encryption(&self) -> bool {
        false
    }

    fn acts_for(&self, _merchant_id: &MerchantId) -> bool {
        false
    }

    fn merchant_id(&self) -> Option<MerchantId> {
        self.merchant.map(|id| id.parse().expect("a merchant id"))
    }

    fn configured_keys(&self) -> Vec<ConfiguredKey> {
        let key_id = self.merchant.map(|id| id.parse().expect("a key id"));
        vec![ConfiguredKey::new(KeyPurpose::SignRequests, key_id)]
    }

    async fn authenticate(
        &self,
        _unsigned: &UnsignedRequest,
        _now: SystemTime,
    ) -> Result<HeaderMap, AuthError> {
        let written = self.writes.map(HeaderName::from_static);
        let value = HeaderValue::from_static(CANARY);
        Ok(written.map(|name| (name, value)).into_iter().collect())
    }
}

#[test]
fn e9_a_date_that_cannot_be_believed_corrects_nothing() {
    for date in [
        "Thu, 01 Jan 1970 00:00:00 GMT",
        "Fri, 31 Dec 2100 23:59:59 GMT",
        "soon",
        "",
    ] {
        let service = Answering::new(401, &[("date", date)], "");
        let gateway = gateway(Arc::new(Signer::default()));
        let error = service.failing(gateway.on_clock_skew(OnClockSkew::SignAgain), &request());
        assert_eq!((service.sent(), error.attempts()), (1, 1), "{date}");
    }
}

#[test]
fn g10_a_header_that_is_not_a_signers_stops_the_call_before_a_byte() {
    let foreign = RULES
        .iter()
        .filter(|rule| rule.request != RequestValue::Authenticator)
        .map(|rule| rule.name);
    for name in foreign.chain(["x-unknown", "via"]) {
        let service = Answering::new(500, &[], "");
        let signer = Signer {
            writes: Some(name),
            ..Signer::default()
        };
        let error = service.failing(gateway(Arc::new(signer)), &request());
        let reported = (error.kind(), error.delivery());
        assert_eq!(
            reported,
            (PortErrorKind::Setup, Delivery::NotSent),
            "{name}"
        );
        assert_eq!(service.sent(), 0, "{name}");
        let cause = error.source().expect("a cause").to_string();
        assert!(cause.contains(name) && !cause.contains(CANARY), "{cause}");
    }
}

#[test]
fn g11_keys_of_another_merchant_are_refused_and_those_in_use_stay() {
    let signing_for = |merchant| Signer {
        merchant: Some(merchant),
        ..Signer::default()
    };
    let service = Answering::new(500, &[], "");
    let gateway = gateway(Arc::new(signing_for("ours")));
    let gateway = gateway.build(Arc::clone(&service) as _).expect("a gateway");
    let theirs = KeySet::new(Arc::new(signing_for("theirs")));
    assert!(gateway.replace_keys(theirs).is_err());
    let in_use: Vec<_> = gateway
        .configured_keys()
        .into_iter()
        .map(|key| key.key_id)
        .collect();
    assert_eq!(in_use, ["ours".parse().ok()]);
    let next = KeySet::new(Arc::new(signing_for("ours")));
    assert!(gateway.replace_keys(next).is_ok());
    block_on(gateway.generate(&request())).expect_err("refused");
    assert_eq!(service.sent(), 1);
}
