use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode};
use serde_json::json;

use crate::fixtures;

/// The path, the headers and the body of the request.
#[must_use]
pub fn encode() -> (String, HeaderMap, Bytes) {
    let body = json!({
        "clientCorrelationId": "order-4711",
        "deviceInformation": {"ipAddress": "203.0.113.7"},
        "orderInformation": {
            "amountDetails": {"totalAmount": "10.00", "currency": "USD"},
            "billTo": {
                "firstName": "Ann",
                "lastName": "Lee",
                "address1": "1 Main St",
                "email": "ann@example.com",
            },
        },
    });
    let body = serde_json::to_vec(&body).expect("JSON");
    let mut headers = HeaderMap::with_capacity(3);
    for (name, value) in [
        ("accept", "application/jose;charset=utf-8"),
        ("content-type", "application/json;charset=utf-8"),
        ("user-agent", "bare"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    (fixtures::path(), headers, body.into())
}

/// The JWE of a response, and its correlation id.
#[must_use]
pub fn decode(status: StatusCode, headers: &HeaderMap, body: &Bytes) -> (String, String) {
    assert_eq!(status, StatusCode::CREATED);
    let jwe = String::from_utf8(body.to_vec()).expect("text");
    let id = headers.get("v-c-correlation-id").expect("an id");
    (jwe, id.to_str().expect("text").to_owned())
}
