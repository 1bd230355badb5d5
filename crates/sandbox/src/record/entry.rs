use std::net::SocketAddr;
use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;
use http::HeaderMap;
use http::request::Parts;

use super::captured::CapturedAuthentication;
use super::jose::UnsignedJwt;
use crate::authentication::AuthenticationOutcome;
use crate::checked::{Checked, Stage, Verdict};
use crate::masking::{masked, without_controls};
use crate::mle::MleOutcome;
use crate::open_headers::is_open;
use crate::secrets::Secrets;

/// What is recorded of one request, or of a connection that failed before there was one.
pub(crate) struct Entry {
    pub(crate) number: u64,
    pub(crate) received_at: SystemTime,
    pub(crate) peer: SocketAddr,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: Option<String>,
    pub(crate) headers: Vec<(String, Option<String>)>,
    pub(crate) body: Bytes,
    pub(crate) status: Option<u16>,
    pub(crate) correlation_id: Option<String>,
    pub(crate) client_correlation_id: Option<String>,
    pub(crate) is_minted: bool,
    pub(crate) authentication: Option<AuthenticationOutcome>,
    pub(crate) mle: Option<MleOutcome>,
    pub(crate) captured: Option<CapturedAuthentication>,
    pub(super) jwt: Option<UnsignedJwt>,
    /// What must not be repeated of this request, if it is more than of any.
    pub(crate) secrets: Option<Arc<Secrets>>,
    pub(super) shown: Shown,
    /// The checks of all stages, in order.
    pub(crate) checks: Vec<Checked>,
}

impl Entry {
    /// An entry without a request.
    pub(crate) fn blank(received_at: SystemTime, peer: SocketAddr) -> Self {
        Self {
            number: 0,
            received_at,
            peer,
            method: String::new(),
            path: String::new(),
            query: None,
            headers: Vec::new(),
            body: Bytes::new(),
            status: None,
            correlation_id: None,
            client_correlation_id: None,
            is_minted: false,
            authentication: None,
            mle: None,
            captured: None,
            jwt: None,
            secrets: None,
            shown: Shown::default(),
            checks: Vec::new(),
        }
    }

    /// A request whose head was read.
    pub(crate) fn of(head: &Parts, received_at: SystemTime, peer: SocketAddr) -> Self {
        let headers = head
            .headers
            .iter()
            .map(|(name, value)| {
                let open = is_open(name.as_str());
                let value = || String::from_utf8_lossy(value.as_bytes()).into_owned();
                (name.as_str().to_owned(), open.then(value))
            })
            .collect();
        Self {
            method: head.method.to_string(),
            path: head.uri.path().to_owned(),
            query: head.uri.query().map(str::to_owned),
            headers,
            ..Self::blank(received_at, peer)
        }
    }

    /// A request whose head could not be read, with what is known of its first line.
    pub(crate) fn unreadable(line: &str, received_at: SystemTime, peer: SocketAddr) -> Self {
        let mut words = line.split(' ');
        let method = words.next().unwrap_or_default().to_owned();
        let target = words.next().unwrap_or_default();
        let (path, query) = match target.split_once('?') {
            Some((path, query)) => (path, Some(query.to_owned())),
            None => (target, None),
        };
        Self {
            method,
            path: path.to_owned(),
            query,
            ..Self::blank(received_at, peer)
        }
    }

    /// Keeps the header and the claims of the JWT, without its signature.
    pub(crate) fn with_jwt(mut self, headers: &HeaderMap) -> Self {
        self.jwt = UnsignedJwt::read(headers);
        self
    }

    /// Hides what is secret, in whatever part of the request it was sent.
    pub(super) fn hide(&mut self, secrets: &Arc<Secrets>) {
        for (name, value) in &mut self.headers {
            let is_digest = name == "digest";
            secrets.hide(name);
            if let Some(value) = value {
                secrets.hide_in(value, is_digest);
                without_controls(value);
            }
        }
        let texts = [&mut self.method, &mut self.path].into_iter();
        let texts = texts.chain(&mut self.query);
        texts.for_each(|text| secrets.hide(text));
        if let Some(id) = &mut self.client_correlation_id {
            secrets.hide(id);
            without_controls(id);
        }
        self.checks.iter_mut().for_each(|check| check.hide(secrets));
        let of = |stage| {
            let checks = self.checks.iter().filter(|check| check.stage() == stage);
            checks.cloned().collect()
        };
        if let Some(authentication) = &mut self.authentication {
            authentication.hide(secrets, of(Stage::Authentication));
        }
        if let Some(mle) = &mut self.mle {
            mle.hide(secrets, of(Stage::Encryption));
        }
        self.jwt.iter_mut().for_each(|it| it.hide(secrets));
    }

    /// Makes the request line fit to be shown.
    pub(super) fn show(&mut self) {
        self.shown = Shown {
            method: masked(&self.method),
            path: masked(&self.path),
            query: self.query.as_deref().map(masked),
        };
    }

    /// Adds a check that refused the request.
    pub(crate) fn refuse(
        &mut self,
        stage: Stage,
        name: &str,
        expected: impl Into<String>,
        got: impl Into<String>,
    ) {
        let refused = Checked::new(stage, name, Verdict::Refused, expected, got);
        self.checks.push(refused);
    }
}

/// The request line as it may be shown.
#[derive(Default)]
pub(super) struct Shown {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) query: Option<String>,
}
