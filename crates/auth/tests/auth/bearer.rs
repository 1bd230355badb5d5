//! Bearer access tokens, static ones and those of a provider.

use std::sync::Arc;
use std::time::SystemTime;

use async_trait::async_trait;
use payment_credentials_auth::{AccessToken, AccessTokenProvider, BearerAuthenticator};
use payment_credentials_core::seam::RequestAuthenticator as _;
use payment_credentials_core::{AuthError, PortError, Repeatability};

use crate::fixtures::{NOW, at, id, sign, unsigned};

fn access_token(text: &str) -> AccessToken {
    text.parse().expect("an access token")
}

#[test]
fn sends_the_access_token_and_nothing_else() {
    let bearer = BearerAuthenticator::new(Arc::new(access_token("mF_9.B5f-4.1JqM~+/==")));
    let headers = sign(&bearer, &unsigned(), at(NOW)).expect("headers");
    assert_eq!(headers.len(), 1);
    assert_eq!(headers["authorization"], "Bearer mF_9.B5f-4.1JqM~+/==");
    assert!(bearer.carries_message_encryption() && bearer.configured_keys().is_empty());
    assert!(!bearer.acts_for(&id("testrest")));
}

#[test]
fn refuses_what_is_no_access_token() {
    let long = "a".repeat(AccessToken::MAX_BYTES + 1);
    for (text, rule) in [
        ("", "access token is empty"),
        (&*long, "access token is longer than 8192 bytes"),
        ("a b", CHARACTER),
        ("a\r\nx: y", CHARACTER),
        ("a\0", CHARACTER),
        ("ä", CHARACTER),
        ("\"a\"", CHARACTER),
    ] {
        let error = text.parse::<AccessToken>().expect_err("refused");
        assert_eq!(error.to_string(), rule);
    }
    assert!(long[1..].parse::<AccessToken>().is_ok());
}

const CHARACTER: &str = "access token has a character other than 0-9, A-Z, a-z and - . _ ~ + / =";

/// A provider of one access token that is valid for an hour from the epoch on; later the provider
/// fails.
#[derive(Debug)]
struct Hourly;

#[async_trait]
impl AccessTokenProvider for Hourly {
    async fn access_token(&self, now: SystemTime) -> Result<AccessToken, AuthError> {
        let hour = now.duration_since(SystemTime::UNIX_EPOCH).expect("later");
        match hour.as_secs() / 3600 {
            0 => Ok(access_token("hour-0")),
            _ => Err(AuthError::new(
                Repeatability::Safe,
                "the token service is down",
            )),
        }
    }
}

#[test]
fn asks_its_provider_for_each_request_with_the_time_of_it() {
    let bearer = BearerAuthenticator::new(Arc::new(Hourly));
    let headers = sign(&bearer, &unsigned(), at(7)).expect("headers");
    assert_eq!(headers["authorization"], "Bearer hour-0");
    let error = sign(&bearer, &unsigned(), at(3600)).expect_err("no access token");
    assert_eq!(PortError::from(error).repeatability(), Repeatability::Safe);
}
