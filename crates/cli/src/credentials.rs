//! How opened credentials are printed: masked, unless somebody asked for the whole numbers.

use std::io::{self, IsTerminal as _};

use payment_credentials_core::credentials::{
    Account, Card, NetworkToken, PaymentCredentials, Proof,
};
use serde_json::{Map, Value, json};

use crate::arguments::Reveal;
use crate::exit::Exit;
use crate::failure::Failure;

/// Whether whole numbers and proofs are printed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Shown {
    Masked,
    Whole,
}

impl Shown {
    /// Whole only where somebody looks at it: what stands in a file or a log is stored (PCI DSS 3.3.1, 3.4.1).
    pub(crate) fn chosen(arguments: Reveal) -> Result<Self, Failure> {
        if !arguments.reveal {
            return Ok(Self::Masked);
        }
        if arguments.reveal_anywhere || io::stdout().is_terminal() {
            return Ok(Self::Whole);
        }
        Err(Failure::new(
            Exit::Usage,
            "--reveal prints to a terminal alone, since a cryptogram must not be stored; add --reveal-anywhere if \
             a program reads this that doesn't store it",
        ))
    }
}

/// Names and values, in the order of the text.
pub(crate) fn listed(
    credentials: &PaymentCredentials,
    shown: Shown,
) -> Vec<(&'static str, String)> {
    let mut listed = match credentials.account() {
        Account::NetworkToken(token) => network_token(token, shown),
        Account::Card(card) => pan(card, shown),
        other => vec![("another account", format!("{other:?}"))],
    };
    let of_issuer = credentials.issuer.as_ref();
    let of_issuer = of_issuer.and_then(|issuer| issuer.payment_account_reference.as_ref());
    if of_issuer.is_some() && !listed.iter().any(|(name, _)| *name == "PAR") {
        listed.push(("PAR", "present".to_owned()));
    }
    listed
}

fn network_token(token: &NetworkToken, shown: Shown) -> Vec<(&'static str, String)> {
    let number = token.number().map(|number| match shown {
        Shown::Masked => number.masked(),
        Shown::Whole => number.expose().to_owned(),
    });
    let mut listed = vec![("network token", or_why_not(number))];
    listed.push((
        "expiry",
        or_why_not(token.expiry().map(|it| it.to_string())),
    ));
    if let Some(state) = token.state() {
        listed.push(("state", state.to_string()));
    }
    if let Some(reason) = token.reason() {
        listed.push(("reason", reason.to_string()));
    }
    match token.proof() {
        Ok(Proof::Cryptogram(cryptogram)) => {
            let text = match shown {
                Shown::Masked => format!("present, {} characters", cryptogram.expose().len()),
                Shown::Whole => cryptogram.expose().to_owned(),
            };
            listed.push(("cryptogram", text));
        }
        Ok(Proof::SecurityCode(code)) => {
            let text = match shown {
                Shown::Masked => format!("present, {} digits", code.expose().len()),
                Shown::Whole => code.expose().to_owned(),
            };
            listed.push(("security code", text));
        }
        Ok(other) => listed.push(("another proof", format!("{other:?}"))),
        Err(missing) => listed.push(("cryptogram", format!("none: {missing}"))),
    }
    if let Some(eci) = &token.eci {
        listed.push(("ECI", eci.to_string()));
    }
    if let Some(network) = &token.network {
        listed.push(("card network", network.to_string()));
    }
    if token.payment_account_reference.is_some() {
        listed.push(("PAR", "present".to_owned()));
    }
    listed
}

fn pan(card: &Card, shown: Shown) -> Vec<(&'static str, String)> {
    let number = card.pan().map(|pan| match shown {
        Shown::Masked => pan.masked(),
        Shown::Whole => pan.expose().to_owned(),
    });
    let number = number.or_else(|why_not| card.masked_number().ok_or(why_not));
    vec![
        ("PAN", or_why_not(number)),
        ("expiry", or_why_not(card.expiry().map(|it| it.to_string()))),
    ]
}

fn or_why_not(value: Result<String, impl ToString>) -> String {
    value.unwrap_or_else(|why_not| format!("none: {}", why_not.to_string()))
}

/// A column of names beside a column of values.
pub(crate) fn text(listed: &[(&'static str, String)]) -> String {
    let lines = listed
        .iter()
        .map(|(name, value)| format!("{name:<16} {value}\n"));
    lines.collect()
}

/// The same as an object, whose members are named in camel case.
pub(crate) fn json(listed: &[(&'static str, String)]) -> Value {
    let members = listed
        .iter()
        .map(|(name, value)| (camel_case(name), json!(value)));
    Value::Object(members.collect::<Map<_, _>>())
}

fn camel_case(name: &str) -> String {
    let mut words = name.split(' ');
    let first = words.next().unwrap_or_default().to_ascii_lowercase();
    let rest = words.map(|word| {
        let (head, tail) = word.split_at_checked(1).unwrap_or((word, ""));
        format!("{}{tail}", head.to_ascii_uppercase())
    });
    std::iter::once(first).chain(rest).collect()
}

#[cfg(test)]
mod tests {
    use super::camel_case;

    #[test]
    fn names_of_members_are_in_camel_case() {
        assert_eq!(camel_case("network token"), "networkToken");
        assert_eq!(camel_case("ECI"), "eci");
        assert_eq!(camel_case("correlation id"), "correlationId");
    }
}
