//! An opened plaintext that is parsed, read through every accessor, and formatted.
#![no_main]

use libfuzzer_sys::fuzz_target;
use payment_credentials_core::PaymentCredentials;
use payment_credentials_core::credentials::Account;

/// The secrets that a response exposed.
fn secrets(credentials: &PaymentCredentials) -> Vec<String> {
    let mut secrets = Vec::new();
    match credentials.account() {
        Account::NetworkToken(token) => {
            let number = token.number().map(|number| number.expose().to_owned());
            let cryptogram = token.cryptogram().map(|proof| proof.expose().to_owned());
            secrets.extend(number.ok());
            secrets.extend(cryptogram.ok());
            let _ = (token.proof().is_ok(), token.security_code().is_ok());
            if let Err(why) = token.number() {
                let _ = (why.to_string(), why.advice());
            }
            if let Ok(expiry) = token.expiry() {
                assert!((1..=12).contains(&expiry.month) && (2000..=2099).contains(&expiry.year));
            }
        }
        Account::Card(card) => {
            secrets.extend(card.pan().map(|pan| pan.expose().to_owned()).ok());
            let masked = card.masked_number().unwrap_or_default();
            assert!(masked.chars().filter(char::is_ascii_digit).count() <= 10);
            let _ = card.expiry();
        }
        _ => unreachable!("an account is a network token or a card"),
    }
    secrets
}

fuzz_target!(|plaintext: &[u8]| {
    match PaymentCredentials::from_plaintext(plaintext) {
        Err(error) => {
            assert!(error.to_string().len() < 200);
            assert!(error.offset().is_none_or(|at| at <= plaintext.len()));
        }
        Ok(credentials) => {
            let shown = format!("{credentials:?}");
            for secret in secrets(&credentials) {
                // A short secret can occur by chance in the shown names of unknown members, where a
                // number is masked if it passes the Luhn check and isn't part of a longer one.
                let is_number = secret.len() >= 12 && secret.bytes().all(|b| b.is_ascii_digit());
                assert!(!is_number || !passes_luhn(&secret) || !contains_number(&shown, &secret));
            }
            let _ = credentials.payment_account_reference();
            for name in credentials.unknown.names() {
                assert!(credentials.unknown.expose(name).is_some());
            }
        }
    }
});

/// Whether a text contains a number that isn't part of a longer one.
fn contains_number(text: &str, number: &str) -> bool {
    let is_digit = |neighbour: Option<char>| neighbour.is_some_and(|c| c.is_ascii_digit());
    text.match_indices(number).any(|(at, _)| {
        let (before, after) = (&text[..at], &text[at + number.len()..]);
        !is_digit(before.chars().next_back()) && !is_digit(after.chars().next())
    })
}

fn passes_luhn(digits: &str) -> bool {
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(at, digit)| match (at % 2, u32::from(digit - b'0')) {
            (0, digit) => digit,
            (_, digit) => digit * 2 / 10 + digit * 2 % 10,
        })
        .sum();
    sum % 10 == 0
}
