//! Requests, signatures and plaintexts that are full of canaries.

use std::fmt::{self, Write as _};
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use async_trait::async_trait;
use http::{HeaderMap, HeaderName, HeaderValue};
use payment_credentials::request::{
    AuthenticatedIdentity, BillTo, DeviceInformation, ExtraMembers, OrderInformation, RequestBody,
};
use payment_credentials::seam::{RequestAuthenticator, UnsignedRequest};
use payment_credentials::{AuthError, ConfiguredKey, MerchantId};
use serde_json::{Value, json};

use super::scan::Scan;

/// A request's body with every member that can hold personal data.
pub(crate) fn body(scan: &mut Scan) -> RequestBody {
    let email = scan.word("e-mail") + "@example.com";
    let address = scan.ip_address("IP address");
    let extra: ExtraMembers = [("new", json!({ "inner": [scan.odd("extra member")] }))]
        .into_iter()
        .collect();
    let bill_to = BillTo::default()
        .with_first_name(scan.word("first name"))
        .with_last_name(scan.word("last name"))
        .with_address1(scan.word("address"))
        .with_email(email)
        .with_extra(extra.clone());
    let device = DeviceInformation::default()
        .with_ip_address(address)
        .with_id(scan.word("device id"));
    let identity = AuthenticatedIdentity::default()
        .with_id(scan.word("identity id"))
        .with_data(scan.word("identity data"));
    RequestBody::default()
        .with_order_information(OrderInformation::default().with_bill_to(bill_to))
        .with_device_information(device)
        .with_authenticated_identities([identity])
        .with_extra(extra)
}

/// Adds headers that hold canaries, and records the `Debug` output of the requests to sign.
#[derive(Clone)]
pub(crate) struct Signer {
    headers: HeaderMap,
    /// The header for an egress proxy.
    extra: HeaderValue,
    pub(crate) asked: Arc<Mutex<String>>,
}

impl Signer {
    pub(crate) fn new(scan: &mut Scan) -> Self {
        let bearer = format!("Bearer {}", scan.word("authorization"));
        let signature = format!("keyid=\"k\", signature=\"{}\"", scan.word("signature"));
        let headers = [("authorization", bearer), ("signature", signature)].map(|(name, value)| {
            let value = HeaderValue::from_str(&value).expect("a value");
            (HeaderName::from_static(name), value)
        });
        Self {
            headers: headers.into_iter().collect(),
            extra: HeaderValue::from_str(&scan.word("extra header")).expect("a value"),
            asked: Arc::default(),
        }
    }
}

impl Signer {
    /// A header that no table lists, with a canary in it.
    pub(crate) fn extra(&self) -> (HeaderName, HeaderValue) {
        (HeaderName::from_static("x-egress-key"), self.extra.clone())
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Signer")
    }
}

#[async_trait]
impl RequestAuthenticator for Signer {
    fn carries_message_encryption(&self) -> bool {
        true
    }

    fn acts_for(&self, _merchant_id: &MerchantId) -> bool {
        false
    }

    fn configured_keys(&self) -> Vec<ConfiguredKey> {
        Vec::new()
    }

    async fn authenticate(
        &self,
        unsigned: &UnsignedRequest,
        _now: SystemTime,
    ) -> Result<HeaderMap, AuthError> {
        let mut asked = self.asked.lock().expect("unpoisoned");
        write!(asked, "{unsigned:?} {unsigned:#?}").expect("written");
        drop(asked);
        Ok(self.headers.clone())
    }
}

/// A network token in which every secret, and every unknown member, is a canary.
pub(crate) fn network_token(scan: &mut Scan) -> Value {
    let unknown = json!({ "deep": [scan.odd("unknown member")] });
    let reference = scan.word("payment account reference");
    let cryptogram = scan.word("cryptogram's first half") + "+/\"=";
    json!({
        "tokenizedCard": {
            "state": "ACTIVE",
            "type": "visa",
            "number": scan.number("network token"),
            "expirationMonth": "12",
            "expirationYear": "2031",
            "cryptogram": scan.keep("cryptogram", &cryptogram),
            "securityCode": scan.word("security code"),
            "paymentAccountReference": reference,
            "card": { "number": scan.number("PAN behind"), "new": unknown },
            "new": unknown,
        },
        "card": { "number": scan.number("PAN beside") },
        "issuer": { "paymentAccountReference": reference, "new": unknown },
        "billTo": { "firstName": scan.word("name on file"), "email": scan.word("e-mail on file") },
        "new": unknown,
    })
}

/// A card without a network token.
pub(crate) fn card(scan: &mut Scan) -> Value {
    json!({
        "card": {
            "number": scan.number("PAN"),
            "expirationMonth": "12",
            "expirationYear": "2031",
            "new": scan.odd("unknown member"),
        },
        "billTo": { "address1": scan.word("address on file") },
    })
}
