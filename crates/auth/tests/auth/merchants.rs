//! To which merchant a key belongs, and for which merchants it signs.

use payment_credentials_auth::HttpSignatureAuthenticator;
use payment_credentials_core::seam::RequestAuthenticator;
use payment_credentials_core::{KeyPurpose, MerchantId};

use crate::fixtures::{NOW, at, claims, id, jwt, jwt_id, secret_key, sign, unsigned};

fn both(merchant: Option<MerchantId>) -> [Box<dyn RequestAuthenticator>; 2] {
    let http_signature = HttpSignatureAuthenticator::new(secret_key());
    match merchant {
        Some(merchant) => [
            Box::new(jwt().for_merchant(merchant.clone())),
            Box::new(http_signature.for_merchant(merchant)),
        ],
        None => [Box::new(jwt()), Box::new(http_signature)],
    }
}

#[test]
fn a_merchants_own_key_acts_for_no_other() {
    for authenticator in both(None) {
        assert!(authenticator.acts_for(&id("testrest")));
        assert!(!authenticator.acts_for(&id("shop_7")));
    }
}

#[test]
fn a_meta_key_acts_for_every_merchant() {
    for authenticator in both(Some(id("shop_7"))) {
        assert!(authenticator.acts_for(&id("shop_7")));
        assert!(authenticator.acts_for(&id("shop_8")));
    }
}

#[test]
fn the_merchant_of_a_call_goes_before_the_authenticators() {
    let mut unsigned = unsigned();
    unsigned.merchant_id = Some(id("shop_8"));
    let headers = jwt()
        .for_merchant(id("shop_7"))
        .headers(&unsigned, at(NOW), jwt_id());
    let claims = claims(&headers.expect("headers"));
    assert_eq!(claims["v-c-merchant-id"], "shop_8");
    assert_eq!(claims["iss"], "testrest");

    let meta_key = HttpSignatureAuthenticator::new(secret_key()).for_merchant(id("shop_7"));
    let headers = meta_key.headers(&unsigned, at(NOW)).expect("headers");
    assert_eq!(headers["v-c-merchant-id"], "shop_8");
    let lines = meta_key
        .string_to_sign(&unsigned, at(NOW), None)
        .expect("lines");
    assert!(lines.ends_with("v-c-merchant-id: testrest"));
}

#[test]
fn an_inventory_lists_the_key() {
    for authenticator in both(None) {
        let keys = authenticator.configured_keys();
        assert_eq!(keys.len(), 1);
        assert_eq!(keys[0].purpose, KeyPurpose::SignRequests);
        assert_eq!(
            keys[0].key_id,
            Some(id("08c94330-f618-42a3-b09d-e1e43be5efda"))
        );
    }
}

#[test]
fn a_clone_signs_with_the_same_key() {
    let authenticator = jwt();
    let clone = authenticator.clone();
    let headers = authenticator
        .headers(&unsigned(), at(NOW), jwt_id())
        .expect("headers");
    assert_eq!(
        clone
            .headers(&unsigned(), at(NOW), jwt_id())
            .expect("headers"),
        headers
    );
    assert!(sign(&clone, &unsigned(), at(NOW)).is_ok());
}
