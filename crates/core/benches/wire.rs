//! Compares the cost of the codec with `serde_json` on the same bytes.
#![expect(
    clippy::expect_used,
    reason = "a benchmark ends where its input is wrong"
)]

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode};
use payment_credentials_benchmark::{Race, is_wanted};
use payment_credentials_core::request::{
    AmountDetails, BillTo, DeviceInformation, OrderInformation, RequestBody,
};
use payment_credentials_core::wire::{self, ResponseBody};
use payment_credentials_core::{ApiVersion, CredentialsRequest, PaymentCredentials};
use serde_json::Value;

/// The response of v3 with a Visa network token.
const PLAINTEXT: &[u8] = include_bytes!("../../mock/src/fixtures/visa-v3.json");
const REFUSAL: &[u8] = br#"{"errors":[{"type":"invalidFields","message":"One or more fields failed
    validation","details":[{"name":"ipAddress","location":"deviceInformation.ipAddress"}]}]}"#;

const ROUNDS: usize = 400;

fn body() -> RequestBody {
    let bill_to = BillTo::default()
        .with_first_name("Ann")
        .with_last_name("Lee")
        .with_address1("1 Main St")
        .with_email("ann@example.com");
    let amount = AmountDetails::default()
        .with_total_amount("10.00")
        .with_currency("USD");
    let order = OrderInformation::default()
        .with_amount_details(amount)
        .with_bill_to(bill_to);
    RequestBody::default()
        .with_client_correlation_id("order-4711")
        .with_order_information(order)
        .with_device_information(DeviceInformation::default().with_ip_address("203.0.113.7"))
}

fn request() -> CredentialsRequest {
    let request = CredentialsRequest::new("7010000000016241111".parse().expect("a token id"));
    request.with_body(body()).expect("a request")
}

fn headers() -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in [
        ("v-c-correlation-id", "3039500419825934630666"),
        ("date", "Sun, 22 Nov 2026 12:00:00 GMT"),
        ("content-type", "application/jose;charset=utf-8"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers
}

fn main() {
    if !is_wanted() {
        return;
    }
    let (ready, headers) = (request(), headers());
    let value: Value = serde_json::from_slice(ready.encoded_body()).expect("JSON");
    Race::new("spell a request")
        .with("serde_json::to_vec of the same body", || {
            serde_json::to_vec(&value)
        })
        .with("CredentialsRequest and wire::encode", || {
            wire::encode(&request(), ApiVersion::V3)
        })
        .with("wire::encode of a request that is kept", || {
            wire::encode(&ready, ApiVersion::V3)
        })
        .run(ROUNDS);

    let jwe = Bytes::from(format!("{0}.{0}.{0}.{0}.{0}", "a".repeat(400)));
    let read = |status, body: &Bytes| {
        let body = ResponseBody::Received(body.clone());
        wire::decode(status, &headers, body).is_ok()
    };
    Race::new("read a response of 2 KiB")
        .with("UTF-8 check and copy of the same bytes", || {
            String::from_utf8(jwe.to_vec())
        })
        .with("wire::decode", || read(StatusCode::CREATED, &jwe))
        .run(ROUNDS);

    let refusal = Bytes::from_static(REFUSAL);
    Race::new("read a refusal")
        .with("serde_json::Value of the same bytes", || {
            serde_json::from_slice::<Value>(&refusal)
        })
        .with("wire::decode", || read(StatusCode::BAD_REQUEST, &refusal))
        .run(ROUNDS);

    Race::new("read opened credentials")
        .with("serde_json::Value of the same bytes", || {
            serde_json::from_slice::<Value>(PLAINTEXT)
        })
        .with("PaymentCredentials::from_plaintext", || {
            PaymentCredentials::from_plaintext(PLAINTEXT)
        })
        .run(ROUNDS);
}
