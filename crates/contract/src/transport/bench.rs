//! A transport and its peer, face to face.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, header};
use payment_credentials_core::seam::{Outgoing, Progress, Transport};
use payment_credentials_core::{Phase, TransportError};

use crate::patience::within;
use crate::report::Clause;

use super::peer::{Peer, Play, Reply};
use super::{Scenario, Stage, Staged};

/// One transport, one peer.
#[derive(Debug)]
pub(super) struct Bench {
    pub(super) peer: Peer,
    pub(super) transport: Arc<dyn Transport>,
    pub(super) patience: Duration,
}

impl Bench {
    /// Sets both up; nothing, and a note in the clause, where that isn't possible.
    pub(super) async fn set(
        stage: &dyn Stage,
        scenario: Scenario,
        play: Play,
        clause: &mut Clause,
    ) -> Option<Self> {
        let peer = listening(play, clause)?;
        let staged = stage.stage(scenario, &peer).await;
        match clause.staged(&scenario, stage.cannot(), staged)? {
            Staged::Transport(transport) => Some(Self {
                peer,
                transport,
                patience: stage.patience(),
            }),
            Staged::Process(_) => {
                clause.holds(false, || format!("{scenario:?} is staged as a process"));
                None
            }
        }
    }

    /// A request such as the gateway makes, to this peer.
    pub(super) fn request(&self) -> Request<Bytes> {
        request(
            &self.peer,
            Method::POST,
            "/tms/v3/tokens/7010/payment-credentials",
        )
    }

    /// Sends the usual request.
    pub(super) async fn send(&self) -> Sent {
        self.send_this(outgoing(self.request())).await
    }

    pub(super) async fn send_this(&self, outgoing: Outgoing) -> Sent {
        let progress = outgoing.progress.clone();
        let outcome = within(self.patience, self.transport.send(outgoing)).await;
        Sent { outcome, progress }
    }
}

/// A request as the gateway hands it over: a transport that can't see the steps of a call leaves
/// its progress as it is.
pub(super) fn outgoing(request: Request<Bytes>) -> Outgoing {
    let outgoing = Outgoing::new(request);
    outgoing.progress.reached(Phase::Transport);
    outgoing
}

/// A peer; nothing, and a note in the clause, where the machine has no port for it.
pub(super) fn listening(play: Play, clause: &mut Clause) -> Option<Peer> {
    let peer = Peer::new(play);
    if let Err(refused) = &peer {
        clause.holds(false, || {
            format!("no port of 127.0.0.1 to listen on: {refused}")
        });
    }
    peer.ok()
}

/// A request to a peer, with headers that a transport would like to add, and one of its own.
pub(super) fn request(peer: &Peer, method: Method, path: &str) -> Request<Bytes> {
    let mut request = Request::new(Bytes::from_static(b"{}"));
    *request.method_mut() = method;
    let uri = format!("http://{}{path}", peer.address());
    // An address and a path that are written here make a URI.
    *request.uri_mut() = uri.parse().unwrap_or_default();
    for (name, value) in [
        (header::ACCEPT, "application/jose;charset=utf-8"),
        (header::CONTENT_TYPE, "application/json;charset=utf-8"),
        (header::AUTHORIZATION, "Bearer eyJ9.a.b"),
    ] {
        let value = HeaderValue::from_static(value);
        request.headers_mut().insert(name, value);
    }
    request
}

/// What became of a call.
#[derive(Debug)]
pub(super) struct Sent {
    /// Nothing, if it didn't end.
    pub(super) outcome: Option<Result<Response<Bytes>, TransportError>>,
    pub(super) progress: Progress,
}

impl Sent {
    /// The answer, if one came.
    pub(super) fn answer(&self) -> Option<&Response<Bytes>> {
        self.outcome.as_ref()?.as_ref().ok()
    }

    /// The error, if there was one.
    pub(super) fn error(&self) -> Option<&TransportError> {
        self.outcome.as_ref()?.as_ref().err()
    }

    /// Whether this very answer came, and all of it.
    pub(super) fn is(&self, status: u16, body: &[u8]) -> bool {
        let same = |answer: &Response<Bytes>| answer.status() == status && answer.body() == body;
        self.answer().is_some_and(same)
    }
}

impl fmt::Display for Sent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.outcome {
            None => f.write_str("the call didn't end"),
            Some(Ok(answer)) => {
                let (status, length) = (answer.status().as_u16(), answer.body().len());
                write!(f, "status {status} with {length} bytes came")
            }
            Some(Err(error)) => write!(f, "the error \"{error}\" ({})", error.delivery()),
        }
    }
}

/// The body of the answer to a request, by its place among all requests.
pub(super) fn body(request: usize) -> String {
    format!("eyJ9.a.b.c.{request}")
}

/// A good answer, which names the request that it belongs to.
pub(super) fn good(request: usize) -> Reply {
    Reply::new(answer("201 Created", "", &body(request)))
}

/// An answer with a length.
pub(super) fn answer(status: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\n\r\n{body}")
}
