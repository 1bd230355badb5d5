use http::HeaderMap;
use http::header::HOST;
use http::request::Parts;
use serde_json::Value;

use super::check::AuthenticationCheck;
use super::directory::Directory;
use super::outcome::{AuthenticationFailure, AuthenticationOutcome, fail};
use super::replay::Replays;
use crate::checks::kind;
use crate::masking::shown;
use crate::reading::{Reading, Tolerated};

pub(super) type Examined = Result<(), AuthenticationFailure>;

/// A request, what it is checked against, and the outcome so far.
pub(super) struct Examination<'a> {
    pub(super) head: &'a Parts,
    pub(super) body: &'a [u8],
    /// Seconds since the epoch.
    pub(super) now: i64,
    pub(super) reading: Reading,
    pub(super) directory: &'a Directory,
    pub(super) replays: &'a Replays,
    pub(super) outcome: AuthenticationOutcome,
}

impl Examination<'_> {
    /// The value of a header, if it is text.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        text(&self.head.headers, name)
    }

    /// `Host` as it is signed: in lower case, without a port.
    pub(super) fn host(&self) -> String {
        let host = text(&self.head.headers, HOST.as_str()).unwrap_or_default();
        let port = host.rsplit_once(':').filter(|(_, port)| {
            // An IPv6 address in `Host` has brackets, so digits after its last colon are a port.
            port.bytes().all(|byte| byte.is_ascii_digit())
        });
        port.map_or(host, |(name, _)| name).to_ascii_lowercase()
    }

    /// `Host` in lower case, if it has a port.
    pub(super) fn host_with_port(&self) -> Option<String> {
        let host = text(&self.head.headers, HOST.as_str())?.to_ascii_lowercase();
        (host != self.host()).then_some(host)
    }

    pub(super) fn method(&self) -> String {
        self.head.method.as_str().to_ascii_lowercase()
    }

    pub(super) fn path(&self) -> &str {
        self.head.uri.path()
    }

    /// Notes a deviation where reading is tolerant, and rejects it where reading is strict.
    pub(super) fn tolerate(
        &mut self,
        tolerated: Tolerated,
        failure: AuthenticationFailure,
    ) -> Examined {
        match self.reading {
            Reading::Strict => Err(failure),
            Reading::Tolerant => {
                if !self.outcome.tolerated.contains(&tolerated) {
                    self.outcome.tolerated.push(tolerated);
                }
                Ok(())
            }
        }
    }

    /// Notes media types without a charset, and another `Accept`. Where these aren't tolerated, the request was refused before.
    pub(super) fn note_media_types(&mut self) {
        let names = |header: &str| header.to_ascii_lowercase().contains("charset");
        let all = ["accept", "content-type"].map(|name| self.header(name).is_none_or(names));
        if all.contains(&false) {
            self.outcome.tolerated.push(Tolerated::NoCharset);
        }
        let is_one = |accept: &str| {
            let accept = accept.to_ascii_lowercase();
            accept.starts_with("application/jose") && !accept.contains(',')
        };
        let is_tolerant = self.reading == Reading::Tolerant;
        if is_tolerant && !self.header("accept").is_some_and(is_one) {
            self.outcome.tolerated.push(Tolerated::Accept);
        }
    }

    /// Notes the transacting merchant, if the owner of the key may act for it.
    pub(super) fn transacting(&mut self, owner: &str, merchant_id: &str) -> Examined {
        if !self.directory.knows(merchant_id) {
            let expected = "an enrolled merchant";
            return Err(fail(
                AuthenticationCheck::MerchantId,
                expected,
                shown(merchant_id),
            ));
        }
        self.outcome.merchant_id = Some(merchant_id.to_owned());
        if !self.directory.may_act(owner, merchant_id) {
            let expected = format!("a merchant that {owner} may act for");
            return Err(fail(
                AuthenticationCheck::Relation,
                expected,
                shown(merchant_id),
            ));
        }
        Ok(())
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// A claim or header parameter as an explanation shows it.
pub(super) fn reported(value: Option<&Value>) -> String {
    match value {
        None => "nothing".to_owned(),
        Some(Value::String(text)) => shown(text),
        Some(Value::Number(number)) => shown(&number.to_string()),
        Some(value) => kind(value).to_owned(),
    }
}
