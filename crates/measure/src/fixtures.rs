//! What all paths are given: keys, a request, and a response. Everything is stored, so that runs repeat.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use payment_credentials_core::CredentialsRequest;
use payment_credentials_core::request::{
    AmountDetails, BillTo, DeviceInformation, OrderInformation, RequestBody,
};
use payment_credentials_core::seam::UnsignedRequest;

macro_rules! vector {
    ($include:ident, $path:literal) => {
        $include!(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../tests/vectors/",
            $path
        ))
    };
}

/// The host of every request.
pub const HOST: &str = "apitest.cybersource.com";

/// The account that owns the keys.
pub const MERCHANT: &str = "testrest";

/// The id of every key that signs.
pub const KEY_ID: &str = "08c94330-f618-42a3-b09d-e1e43be5efda";

/// The shared secret of the vendor's public samples.
pub const SECRET: &str = "yBJxy6LjM2TmcPGu+GaJrHtkke25fPpUX+UY6/L/1tE=";

/// The RSA-2048 key that signs and opens.
pub const PRIVATE_KEY: &[u8] = vector!(include_bytes, "jwe/keys/merchant.pkcs8.pem");

/// A certificate of the service, to encrypt requests for.
pub const RECIPIENT: &[u8] = vector!(include_bytes, "keystores/loads/service.pem");

/// The public key of [`RECIPIENT`].
pub const RECIPIENT_KEY: &[u8] = vector!(include_bytes, "jwe/keys/merchant-next.public.pem");

/// The payload of a response: a Visa network token with its cryptogram, 666 bytes.
pub const PAYLOAD: &[u8] = vector!(include_bytes, "jwe/opens/jose-visa-v3/plaintext.json");

/// [`PAYLOAD`] in a JWE for [`PRIVATE_KEY`].
pub const JWE: &str = vector!(include_str, "jwe/opens/jose-visa-v3/token.jwe");

/// The token id of every request.
pub const TOKEN_ID: &str = "7010000000016241111";

/// The time at which everything is signed.
#[must_use]
pub fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_780_000_000)
}

/// The path of a request.
#[must_use]
pub fn path() -> String {
    format!("/tms/v3/tokens/{TOKEN_ID}/payment-credentials")
}

/// A request with the members that an online purchase has.
#[must_use]
pub fn request() -> CredentialsRequest {
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
    let body = RequestBody::default()
        .with_client_correlation_id("order-4711")
        .with_order_information(order)
        .with_device_information(DeviceInformation::default().with_ip_address("203.0.113.7"));
    let request = CredentialsRequest::new(TOKEN_ID.parse().expect("a token id"));
    request.with_body(body).expect("a request")
}

/// That request before it is signed.
#[must_use]
pub fn unsigned() -> UnsignedRequest {
    let body = request().encoded_body().clone();
    UnsignedRequest::new(Method::POST, HOST, &path(), body)
}

/// A body of 1 KiB, to be encrypted.
#[must_use]
pub fn body() -> Bytes {
    Bytes::from(vec![b'x'; 1024])
}

/// The headers of a response.
#[must_use]
pub fn response_headers() -> HeaderMap {
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

/// A response with [`JWE`], as it is on the wire.
#[must_use]
pub fn response() -> Bytes {
    let line = |(name, value): (&HeaderName, &HeaderValue)| {
        format!("{name}: {}\r\n", value.to_str().expect("text"))
    };
    let headers: Vec<String> = response_headers().iter().map(line).collect();
    let (headers, length) = (headers.concat(), JWE.len());
    format!("HTTP/1.1 201 Created\r\n{headers}content-length: {length}\r\n\r\n{JWE}").into()
}
