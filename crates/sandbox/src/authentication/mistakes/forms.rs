//! Credentials and times in another form.

use serde_json::Value;

use crate::masking::shown;

/// Milliseconds since the epoch have as many digits as no time in seconds will have for long.
const FIRST_MILLISECONDS: f64 = 100_000_000_000.0;

/// What stands in `Authorization`, which is no `Bearer` with one word.
pub(in super::super) fn authorization(value: &str) -> &'static str {
    let first = value.split(' ').next().unwrap_or_default();
    let is = |scheme: &str| first.eq_ignore_ascii_case(scheme);
    if is("Signature") {
        "Authorization: Signature; an HTTP signature stands in the header Signature, from keyid on"
    } else if is("Bearer") {
        "Bearer and none or several words"
    } else if first.starts_with("ey") && first.contains('.') {
        "a JWT without Bearer before it"
    } else if is("Basic") {
        "Authorization: Basic, which the service doesn't know"
    } else {
        "something else"
    }
}

/// What is wrong with the parameters of `Signature`, if they can't be read.
pub(in super::super) fn parameters(header: &str, names: &[&str]) -> String {
    let pairs: Vec<(&str, &str)> = header
        .split(',')
        .map(|pair| {
            pair.trim()
                .split_once('=')
                .unwrap_or_else(|| (pair.trim(), ""))
        })
        .collect();
    let is_quoted = |value: &str| value.len() > 1 && value.starts_with('"') && value.ends_with('"');
    for wanted in names {
        let exact: Vec<&str> = pairs
            .iter()
            .filter(|(name, _)| name == wanted)
            .map(|it| it.1)
            .collect();
        match exact.as_slice() {
            [value] if is_quoted(value) => {}
            [_] => return format!("{wanted} without quotation marks around its value"),
            [] => {
                let other = |name: &str| name.to_ascii_lowercase().replace(['-', '_'], "");
                let similar = pairs.iter().find(|(name, _)| other(name) == *wanted);
                return match similar {
                    Some((name, _)) => format!("{}; its name is {wanted}", shown(name)),
                    None => format!("no {wanted}"),
                };
            }
            several => return format!("{wanted} {} times", several.len()),
        }
    }
    "a part that is no name=\"value\"".to_owned()
}

/// What is wrong with a time that should be a number of seconds.
pub(in super::super) fn time(value: Option<&Value>) -> Option<&'static str> {
    let number = match value? {
        Value::Number(number) => number.as_f64()?,
        Value::String(text) => text.parse().ok()?,
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => return None,
    };
    if number >= FIRST_MILLISECONDS {
        Some("milliseconds in place of seconds")
    } else if number.fract() != 0.0 || value?.is_f64() {
        Some("a fraction in place of a whole number")
    } else {
        None
    }
}
