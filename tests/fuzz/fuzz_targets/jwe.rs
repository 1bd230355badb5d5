//! The body of a success: codec, JWE, content. No input can be opened, since the fuzzer doesn't know
//! the key.
#![no_main]

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use libfuzzer_sys::fuzz_target;
use payment_credentials_core::wire::{ResponseBody, decode};
use payment_credentials_core::{CredentialsOpener, PortErrorKind};
use payment_credentials_jose::{
    ContentKey, JweOpener, KeyUnwrap, OptInAlgorithm, UnwrapError, WrappedKey,
};
use zeroize::Zeroizing;

/// Unwraps every input to one key, so that the fuzzer gets past RSA at no cost.
#[derive(Debug)]
struct OneKey;

#[async_trait]
impl KeyUnwrap for OneKey {
    async fn unwrap_key(&self, wrapped: &WrappedKey) -> Result<ContentKey, UnwrapError> {
        assert!((256..=1024).contains(&wrapped.encrypted_key().len()));
        assert!(wrapped.kid().is_none_or(|kid| kid.len() <= 4096));
        let length = if wrapped.kid().is_some_and(|kid| kid.len() == 16) {
            16
        } else {
            32
        };
        ContentKey::new(Zeroizing::new(vec![0x5a; length]))
    }
}

fuzz_target!(|body: &[u8]| {
    let opener = JweOpener::new(OneKey)
        .accepting(OptInAlgorithm::A128Gcm)
        .accepting(OptInAlgorithm::RsaOaep);
    let received = ResponseBody::Received(Bytes::copy_from_slice(body));
    let error = match decode(StatusCode::CREATED, &HeaderMap::new(), received) {
        Err(error) => error,
        Ok(sealed) => match pollster::block_on(opener.open(&sealed)) {
            Err(error) => error,
            // Only a seed that was sealed with the one key gets here.
            Ok(credentials) => {
                let _ = format!("{credentials:?}");
                return;
            }
        },
    };
    assert!(matches!(
        error.kind(),
        PortErrorKind::Decrypt
            | PortErrorKind::Payload
            | PortErrorKind::Jwe
            | PortErrorKind::Unexpected(_)
    ));
    assert!(error.to_string().is_ascii());
    let _ = format!("{error:?}");
});
