//! What is recorded of a request's body: which members it has, in the order of the alphabet, and listed words.

use payment_credentials_core::CredentialsRequest;
use serde_json::Value;

use super::entry::Lines;
use super::grammar::{OTHER, PRESENT, REQUEST, UNLISTED};
use super::words::{LISTED, REQUEST_MEMBERS};

/// Adds a line for each member of the body, except for the caller's own id of the call, which is another one each time.
pub(super) fn add_members(lines: &mut Lines, request: &CredentialsRequest) {
    let body = body(request);
    let mut members = Vec::new();
    walk(&body, "", "", &mut members);
    members.sort();
    for (path, value) in members {
        lines.add(&format!("{REQUEST}{path}"), value);
    }
}

/// The body as JSON; it was encoded by core, so it is some.
pub(super) fn body(request: &CredentialsRequest) -> Value {
    serde_json::from_slice(request.encoded_body()).unwrap_or_default()
}

fn walk(value: &Value, path: &str, name: &str, members: &mut Vec<(String, String)>) {
    match value {
        Value::Object(object) => {
            let dot = if path.is_empty() { "" } else { "." };
            if object.is_empty() && !path.is_empty() {
                members.push((path.to_owned(), PRESENT.to_owned()));
            }
            for (name, value) in object {
                let is_id = path.is_empty() && name == "clientCorrelationId";
                if is_id {
                    continue;
                }
                let listed = REQUEST_MEMBERS.contains(&name.as_str());
                let name = if listed { name } else { UNLISTED };
                walk(value, &format!("{path}{dot}{name}"), name, members);
            }
        }
        Value::Array(values) if name != UNLISTED => {
            for (at, value) in values.iter().enumerate() {
                walk(value, &format!("{path}[{at}]"), name, members);
            }
        }
        Value::Bool(flag) if name != UNLISTED => members.push((path.to_owned(), flag.to_string())),
        Value::String(text) => members.push((path.to_owned(), word(name, text).to_owned())),
        Value::Array(_) | Value::Bool(_) | Value::Null | Value::Number(_) => {
            members.push((path.to_owned(), PRESENT.to_owned()));
        }
    }
}

/// The listed word of a member; of a member without a list only that it is there.
fn word(name: &str, text: &str) -> &'static str {
    let Some((_, words)) = LISTED.iter().find(|(listed, _)| *listed == name) else {
        return PRESENT;
    };
    words
        .iter()
        .find(|word| **word == text)
        .copied()
        .unwrap_or(OTHER)
}
