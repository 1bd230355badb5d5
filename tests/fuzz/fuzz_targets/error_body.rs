//! A refusal: two bytes of status, then the body; what is shown of the body is limited and
//! printable.
#![no_main]

use bytes::Bytes;
use http::header::RETRY_AFTER;
use http::{HeaderMap, HeaderValue, StatusCode};
use libfuzzer_sys::fuzz_target;
use payment_credentials_core::wire::{ResponseBody, decode};

fuzz_target!(|input: &[u8]| {
    let Some((status, body)) = input.split_first_chunk::<2>() else {
        return;
    };
    let status = 100 + u16::from_be_bytes(*status) % 900;
    let status = StatusCode::from_u16(status).expect("100 to 999");
    let mut headers = HeaderMap::new();
    if let Ok(value) = HeaderValue::from_bytes(body) {
        headers.insert(RETRY_AFTER, value.clone());
        headers.insert("v-c-correlation-id", value);
    }
    let received = ResponseBody::Received(Bytes::copy_from_slice(body));
    let Err(error) = decode(status, &headers, received) else {
        return;
    };
    let _ = (error.retry_after(), error.date());
    let printable = |text: &str| text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    assert!(printable(&error.to_string()));
    let mut count = 0;
    for vendor in error.vendor_errors() {
        count += 1;
        let details = vendor
            .details
            .iter()
            .flat_map(|detail| [&detail.name, &detail.location]);
        for text in details.chain([&vendor.code, &vendor.message]).flatten() {
            assert!(printable(text) && text.len() <= 256);
        }
        assert!(vendor.details.len() <= 16);
    }
    assert!(count <= 16);
    if let Some(reason) = error.reason() {
        assert!(printable(reason) && reason.len() <= 64);
    }
    let _ = format!("{error:?}");
});
