use std::fmt;

use super::received::ReceivedRequest;
use crate::checked::{Checked, Verdict};

/// The record as text, a paragraph for each request. What looks like a card number is masked.
pub(crate) struct Journal<'a>(pub(crate) &'a [ReceivedRequest]);

impl fmt::Display for Journal<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(first) = self.0.first() else {
            return f.write_str("no request was recorded\n");
        };
        let forgotten = first.number() - 1;
        if forgotten > 0 {
            writeln!(f, "({forgotten} earlier requests are no longer kept)")?;
        }
        self.0.iter().try_for_each(|request| write(request, f))
    }
}

fn write(request: &ReceivedRequest, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let (number, peer) = (request.number(), request.peer());
    write!(
        f,
        "#{number} from {peer}: {} {}",
        request.method(),
        request.path()
    )?;
    if let Some(query) = request.query() {
        write!(f, "?{query}")?;
    }
    match request.status() {
        Some(status) => write!(f, " -> {status}")?,
        None => f.write_str(" -> no response")?,
    }
    f.write_str(if request.is_minted() {
        ", minted\n"
    } else {
        "\n"
    })?;
    if let Some(caller) = request.authentication() {
        let or_none = |text: Option<&str>| text.unwrap_or("none").to_owned();
        let scheme = caller
            .scheme()
            .map_or_else(|| "no scheme".to_owned(), |it| format!("{it:?}"));
        let (key, owner) = (or_none(caller.key_id()), or_none(caller.key_owner()));
        let merchant = or_none(caller.merchant_id());
        writeln!(
            f,
            "   {scheme}, key {key}, owner {owner}, merchant {merchant}"
        )?;
    }
    let is_told = |check: &&Checked| check.verdict() != Verdict::Passed;
    let mut told = request.checks().iter().filter(is_told);
    told.try_for_each(|check| writeln!(f, "   {check}"))
}
