//! Ids, addresses and secrets from text: an accepted value equals its input, and no error repeats the
//! input.
#![no_main]

use std::fmt::{Debug, Display};
use std::str::FromStr;

use libfuzzer_sys::fuzz_target;
use payment_credentials_core::secret::{Cryptogram, NetworkTokenNumber, Pan, SecurityCode};
use payment_credentials_core::{
    BaseAddress, ConnectTo, CorrelationId, Jwe, KeyId, MerchantId, ProfileId, TokenId,
    UniqueTransactionId,
};

fn parse<T>(text: &str, back: impl Fn(&T) -> &str)
where
    T: FromStr + Debug,
    T::Err: Display,
{
    match text.parse::<T>() {
        Ok(value) => {
            assert_eq!(back(&value), text);
            assert!(format!("{value:?}").len() <= 2 * text.len() + 64);
        }
        Err(error) => {
            let shown = error.to_string();
            // Errors contain only the few digits of the rules, never those of the text.
            let digits = text.len() >= 12 && text.bytes().all(|byte| byte.is_ascii_digit());
            assert!(!digits || !shown.contains(text));
        }
    }
}

fuzz_target!(|text: &str| {
    parse::<TokenId>(text, TokenId::as_str);
    parse::<ProfileId>(text, ProfileId::as_str);
    parse::<MerchantId>(text, MerchantId::as_str);
    parse::<KeyId>(text, KeyId::as_str);
    parse::<CorrelationId>(text, CorrelationId::as_str);
    parse::<UniqueTransactionId>(text, UniqueTransactionId::as_str);
    parse::<Jwe>(text, Jwe::as_str);
    parse::<Pan>(text, Pan::expose);
    parse::<NetworkTokenNumber>(text, NetworkTokenNumber::expose);
    parse::<Cryptogram>(text, Cryptogram::expose);
    parse::<SecurityCode>(text, SecurityCode::expose);
    if let Ok(id) = text.parse::<TokenId>() {
        assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        let shown = id.to_string();
        assert_eq!(shown.len(), text.len());
    }
    if let Ok(jwe) = text.parse::<Jwe>() {
        assert_eq!(jwe.parts().join("."), text);
    }
    if let Ok(base) = text.parse::<BaseAddress>() {
        let again: BaseAddress = base.to_string().parse().expect("its own format");
        assert_eq!(again.to_string(), base.to_string());
    }
    let _ = text.parse::<ConnectTo>();
});
