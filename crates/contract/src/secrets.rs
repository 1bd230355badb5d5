//! The secrets of a response, which must not appear anywhere else.

use payment_credentials_core::PaymentCredentials;
use payment_credentials_core::credentials::{Account, Proof};
use payment_credentials_core::secret::{Cryptogram, NetworkTokenNumber};

/// The number, and the cryptogram if there is one.
///
/// A code of a few digits is left out, because any longer number may contain the same digits.
pub(crate) fn secrets_of(opened: &PaymentCredentials) -> Vec<String> {
    match opened.account() {
        Account::NetworkToken(token) => {
            let number = token.number().ok().map(NetworkTokenNumber::expose);
            let cryptogram = token.cryptogram().ok().map(Cryptogram::expose);
            let secrets = number.into_iter().chain(cryptogram);
            secrets.map(str::to_owned).collect()
        }
        Account::Card(card) => {
            let pan = card.pan().ok();
            pan.map(|pan| pan.expose().to_owned()).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

/// The cryptogram or the code of a response.
pub(crate) fn proof_of(opened: &PaymentCredentials) -> Option<String> {
    let Account::NetworkToken(token) = opened.account() else {
        return None;
    };
    match token.proof().ok()? {
        Proof::Cryptogram(cryptogram) => Some(cryptogram.expose().to_owned()),
        Proof::SecurityCode(code) => Some(code.expose().to_owned()),
        _ => None,
    }
}
