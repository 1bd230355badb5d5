//! Every value that a recording saw, so that the finished text can be searched for them.

mod credentials;

use std::error::Error;

use payment_credentials_core::{
    CorrelationId, CredentialsRequest, PortError, ProfileId, ResponseHead, SealedContent,
    SealedCredentials, UniqueTransactionId,
};
use serde_json::Value;
use zeroize::Zeroizing;

use super::canonical;
use super::words::REASONS;

/// The values, wiped on drop.
#[derive(Default)]
pub(super) struct Seen(Vec<Zeroizing<String>>);

impl Seen {
    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|value| value.as_str())
    }

    fn add(&mut self, value: &str) {
        self.0.push(Zeroizing::new(value.to_owned()));
    }

    fn add_all<'a>(&mut self, values: impl IntoIterator<Item = &'a str>) {
        for value in values {
            self.add(value);
        }
    }

    /// Adds the names, the texts and the numbers in JSON.
    fn json(&mut self, value: &Value) {
        match value {
            Value::Array(values) => {
                for value in values {
                    self.json(value);
                }
            }
            Value::Object(members) => {
                for (name, value) in members {
                    self.add(name);
                    self.json(value);
                }
            }
            Value::String(text) => self.add(text),
            Value::Number(number) => self.add(&number.to_string()),
            Value::Bool(_) | Value::Null => {}
        }
    }

    pub(super) fn request(&mut self, request: &CredentialsRequest) {
        self.add(request.token_id().as_str());
        self.add_all(request.profile_id().map(ProfileId::as_str));
        self.json(&canonical::body(request));
    }

    pub(super) fn sealed(&mut self, sealed: &SealedCredentials) {
        self.head(sealed.head());
        match sealed.content() {
            SealedContent::Jwe(jwe) => self.add_all(jwe.parts()),
            SealedContent::Plaintext(json) => {
                if let Ok(value) = serde_json::from_slice(json) {
                    self.json(&value);
                }
            }
            _ => {}
        }
    }

    fn head(&mut self, head: &ResponseHead) {
        self.add_all(head.correlation_id().map(CorrelationId::as_str));
        let id = head.unique_transaction_id();
        self.add_all(id.map(UniqueTransactionId::as_str));
        let rules = payment_credentials_core::header::RULES.iter();
        self.add_all(rules.filter_map(|rule| head.header(rule.name)));
    }

    pub(super) fn error(&mut self, error: &PortError) {
        if let Some(head) = error.head() {
            self.head(head);
        }
        for vendor in error.vendor_errors() {
            let code = vendor.code.as_deref();
            self.add_all(code.filter(|code| !REASONS.contains(code)));
            self.add_all(vendor.message.as_deref());
            for detail in &vendor.details {
                self.add_all(detail.name.as_deref());
                self.add_all(detail.location.as_deref());
            }
        }
        let mut cause = error.source();
        while let Some(inner) = cause {
            self.add(&inner.to_string());
            cause = inner.source();
        }
    }
}
