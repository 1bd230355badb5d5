//! A transport, its peer, and the gateway that makes the requests between them.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::Response;
use payment_credentials_core::seam::{Attempt, Progress, Transport};
use payment_credentials_core::{PortError, TransportError};

use crate::patience::within;
use crate::report::Clause;

use super::call::{Ask, Call};
use super::peer::{Peer, Play, Reply};
use super::{Scenario, Stage, Staged};

/// One transport and one peer.
#[derive(Debug)]
pub(super) struct Bench {
    pub(super) peer: Peer,
    pub(super) transport: Arc<dyn Transport>,
    pub(super) patience: Duration,
    is_tls: bool,
}

impl Bench {
    /// Sets up both. If that isn't possible, records it in the clause and returns `None`.
    pub(super) async fn set(
        stage: &dyn Stage,
        scenario: Scenario,
        play: Play,
        clause: &mut Clause,
    ) -> Option<Self> {
        let peer = listening(play, clause)?;
        let staged = stage.stage(scenario, &peer).await;
        match clause.staged(&scenario, stage.cannot(), staged)? {
            Staged::Transport(transport) if !scenario.is_tls() => Some(Self {
                peer,
                transport,
                patience: stage.patience(),
                is_tls: false,
            }),
            Staged::Tls(transport, tls) if scenario.is_tls() => {
                peer.speak_tls(tls);
                Some(Self {
                    peer,
                    transport,
                    patience: stage.patience(),
                    is_tls: true,
                })
            }
            other @ (Staged::Process(_) | Staged::Tls(..) | Staged::Transport(_)) => {
                clause.holds(false, || {
                    format!("{scenario:?} needs another variant of `Staged` than {other:?}")
                });
                None
            }
        }
    }

    /// Sends the usual request.
    pub(super) async fn send(&self) -> Sent {
        self.ask(Ask::default()).await
    }

    /// Sends a request that differs from the usual one by `ask`.
    pub(super) async fn ask(&self, ask: Ask) -> Sent {
        self.make(&self.call(ask)).await
    }

    /// Makes a call.
    pub(super) async fn make(&self, call: &Call) -> Sent {
        let progress = Progress::default();
        let made = within(self.patience, call.make(&progress)).await;
        let (outcome, attempt) = call.seen();
        Sent {
            outcome: outcome.filter(|_| made.is_some()),
            attempt,
            reported: made.and_then(Result::err),
        }
    }

    /// Prepares a call, without making it.
    pub(super) fn call(&self, mut ask: Ask) -> Call {
        if self.is_tls {
            let localhost = format!("https://localhost:{}", self.peer.address().port());
            ask.named = localhost.parse().ok();
        }
        Call::new(Arc::clone(&self.transport), self.peer.address(), ask)
    }
}

/// Makes a peer. If the machine has no port for it, records that in the clause and returns `None`.
pub(super) fn listening(play: Play, clause: &mut Clause) -> Option<Peer> {
    let peer = Peer::new(play);
    if let Err(refused) = &peer {
        clause.holds(false, || {
            format!("the suite can't listen on 127.0.0.1: {refused}")
        });
    }
    peer.ok()
}

/// The outcome of a call.
#[derive(Debug)]
pub(super) struct Sent {
    /// `None` if the call didn't end.
    pub(super) outcome: Option<Result<Response<Bytes>, TransportError>>,
    /// What the transport reported during the call.
    pub(super) attempt: Attempt,
    /// The error that the gateway returned to its caller.
    pub(super) reported: Option<PortError>,
}

impl Sent {
    /// The response, if one came.
    pub(super) fn answer(&self) -> Option<&Response<Bytes>> {
        self.outcome.as_ref()?.as_ref().ok()
    }

    /// The error, if there was one.
    pub(super) fn error(&self) -> Option<&TransportError> {
        self.outcome.as_ref()?.as_ref().err()
    }

    /// Whether exactly this response came, complete.
    pub(super) fn is(&self, status: u16, body: &[u8]) -> bool {
        let same =
            |response: &Response<Bytes>| response.status() == status && response.body() == body;
        self.answer().is_some_and(same)
    }
}

impl fmt::Display for Sent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.outcome {
            None => f.write_str("the call didn't end within `patience`"),
            Some(Ok(response)) => {
                let (status, length) = (response.status().as_u16(), response.body().len());
                write!(f, "the call returned status {status} with {length} bytes")
            }
            Some(Err(error)) => {
                let delivery = error.delivery();
                write!(f, "the call returned the error \"{error}\" ({delivery})")
            }
        }
    }
}

/// The body of the response to a request, by the request's index among all requests.
pub(super) fn body(request: usize) -> String {
    format!("eyJ9.a.b.c.{request}")
}

/// A valid response, which names the request that it belongs to.
pub(super) fn good(request: usize) -> Reply {
    Reply::new(answer("201 Created", "", &body(request)))
}

/// A response with a `Content-Length`.
pub(super) fn answer(status: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\n\r\n{body}")
}
