//! A correct transport, over pipes and over TCP, and one that breaks each clause.

use std::env;
use std::net::TcpStream;
use std::process::Command;
use std::sync::Mutex;

use async_trait::async_trait;
use bytes::Bytes;
use http::Response;
use payment_credentials_contract::transport::{self, Case, Peer, Scenario, Stage, Staged};
use payment_credentials_contract::{Report, Verdict};
use payment_credentials_core::seam::{Outgoing, Transport};
use payment_credentials_core::wire::MAX_RESPONSE_BODY;
use payment_credentials_core::{
    Delivery, Phase, Repeatability, TransportError, TransportErrorKind,
};
use pollster::block_on;

use crate::http::{Cut, Rules, Unread, Unsolicited, Wire, encode, read_answer};

/// What a transport does wrong, if anything.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Flaw {
    AddsAHeader,
    Decompresses,
    FollowsRedirects,
    HasNoBodyCap,
    HasNoHeadCap,
    IgnoresConnectTo,
    InvitesRepeats,
    /// Applies no rule in this case.
    IsLax(Case),
    KeepsDroppedConnections,
    KeepsFaultyConnections,
    KeepsWhatWasLeftOver,
    None,
    ObeysTheProxy,
    OverlooksBytes,
    OverlooksEnds,
    Retries,
    SaysNotSentWheneverItFails,
    TakesCutBodies,
    TellsNoHead,
    TellsNoProgressPastConnecting,
}

#[derive(Debug)]
struct ToyTransport {
    flaw: Flaw,
    /// The peer of a pipe; `None` connects by TCP.
    peer: Option<Peer>,
    idle: Mutex<Vec<Idle>>,
}

/// A connection and the bytes that arrived on it and have not been read.
#[derive(Debug)]
struct Idle {
    wire: Wire,
    rest: Vec<u8>,
}

/// A connection in use.
struct Lease<'a> {
    idle: Option<Idle>,
    pool: &'a Mutex<Vec<Idle>>,
    keeps: bool,
}

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        if self.keeps {
            let mut pool = self.pool.lock().expect("unpoisoned");
            pool.extend(self.idle.take());
        }
    }
}

impl ToyTransport {
    fn rules(&self) -> Rules {
        Rules {
            body_cap: match self.flaw {
                Flaw::HasNoBodyCap => usize::MAX,
                _ => MAX_RESPONSE_BODY,
            },
            tells_the_head: self.flaw != Flaw::TellsNoHead,
            head_cap: match self.flaw {
                Flaw::HasNoHeadCap => usize::MAX,
                _ => 64 * 1024,
            },
            cut: match self.flaw {
                Flaw::TakesCutBodies => Cut::IsTaken,
                _ => Cut::Fails,
            },
            lax: match self.flaw {
                Flaw::IsLax(case) => Some(case),
                _ => None,
            },
        }
    }

    fn error(&self, fault: TransportErrorKind, phase: Phase) -> TransportError {
        let delivery = match self.flaw {
            Flaw::SaysNotSentWheneverItFails => Delivery::NotSent,
            _ => phase.delivery(),
        };
        let retry = match self.flaw {
            Flaw::InvitesRepeats => Repeatability::Safe,
            _ => Repeatability::Never,
        };
        TransportError::new(fault, delivery, phase, retry)
    }

    /// Returns an idle connection that is still usable, or a new one.
    fn connection(&self, outgoing: &Outgoing) -> Result<Idle, TransportError> {
        let careless = matches!(
            self.flaw,
            Flaw::KeepsDroppedConnections
                | Flaw::KeepsFaultyConnections
                | Flaw::KeepsWhatWasLeftOver
        );
        let mut pool = self.idle.lock().expect("unpoisoned");
        while let Some(mut idle) = pool.pop() {
            let overlooked = match self.flaw {
                Flaw::OverlooksBytes => Some(Unsolicited::Bytes),
                Flaw::OverlooksEnds => Some(Unsolicited::End),
                _ => None,
            };
            if careless
                || idle
                    .wire
                    .unsolicited()
                    .is_none_or(|it| Some(it) == overlooked)
            {
                return Ok(idle);
            }
        }
        let refused = || self.error(TransportErrorKind::Connect, Phase::Connect);
        let wire = match &self.peer {
            Some(peer) => Wire::Pipe(peer.connect().ok_or_else(refused)?),
            None => Wire::Tcp(self.dial(outgoing).map_err(|_io| refused())?),
        };
        let rest = Vec::new();
        Ok(Idle { wire, rest })
    }

    fn dial(&self, outgoing: &Outgoing) -> std::io::Result<TcpStream> {
        let destination = outgoing.destination();
        let (host, port) = match self.flaw {
            Flaw::IgnoresConnectTo => (destination.host(), destination.port()),
            _ => destination.dialled(),
        };
        let mut address = format!("{host}:{port}");
        if self.flaw == Flaw::ObeysTheProxy
            && let Some((_, proxy)) = env::vars().find(|(name, _)| name == "http_proxy")
        {
            address = proxy.replace("http://", "");
        }
        TcpStream::connect(address)
    }

    /// Sends the request once; a transport that retries calls this again with the same request.
    async fn exchange(&self, outgoing: &Outgoing) -> Result<Response<Bytes>, TransportError> {
        let attempt = outgoing.attempt();
        let tell = |phase| {
            if self.flaw != Flaw::TellsNoProgressPastConnecting {
                attempt.reached(phase);
            }
        };
        attempt.reached(Phase::Connect);
        let mut lease = Lease {
            idle: Some(self.connection(outgoing)?),
            pool: &self.idle,
            keeps: self.flaw == Flaw::KeepsDroppedConnections,
        };
        let idle = lease.idle.as_mut().expect("a connection");
        let more = match self.flaw {
            Flaw::AddsAHeader => "user-agent: toy\r\n",
            _ => "",
        };
        tell(Phase::Write);
        let written = idle.wire.write(&encode(outgoing.request(), more));
        tell(Phase::Headers);
        let answer = match written {
            Ok(()) => read_answer(&mut idle.wire, &mut idle.rest, self.rules(), attempt).await,
            Err(_io) => Err(Unread::Silent),
        };
        let left_over = !idle.rest.is_empty();
        let answer = answer.map_err(|unread| {
            lease.keeps = self.flaw == Flaw::KeepsFaultyConnections;
            let fault = match unread {
                Unread::Bad | Unread::Cut => TransportErrorKind::Framing,
                Unread::Silent => TransportErrorKind::Reset,
                Unread::TooLarge => TransportErrorKind::TooLarge,
            };
            self.error(fault, Phase::Headers)
        })?;
        lease.keeps = !left_over || self.flaw == Flaw::KeepsWhatWasLeftOver;
        Ok(answer)
    }
}

#[async_trait]
impl Transport for ToyTransport {
    async fn send(&self, outgoing: Outgoing) -> Result<Response<Bytes>, TransportError> {
        let is_reused = !self.idle.lock().expect("unpoisoned").is_empty();
        let answer = self.exchange(&outgoing).await;
        match (self.flaw, answer) {
            (Flaw::FollowsRedirects, Ok(answer)) if answer.status().is_redirection() => {
                self.exchange(&outgoing).await
            }
            (Flaw::Retries, Err(_failed)) if is_reused => self.exchange(&outgoing).await,
            (Flaw::Decompresses, Ok(mut answer)) => {
                if answer.headers_mut().remove("content-encoding").is_some() {
                    *answer.body_mut() = Bytes::from_static(b"hello");
                }
                Ok(answer)
            }
            (_, answer) => answer,
        }
    }
}

/// How a transport reaches the peer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Way {
    Pipe,
    Tcp,
}

const NO_TLS: &str = "it speaks no TLS";

pub(crate) const PIPES: [(Scenario, &str); 4] = [
    (Scenario::Process, "its pipes end with the process"),
    (Scenario::Tls12, NO_TLS),
    (Scenario::Tls13, NO_TLS),
    (Scenario::Unsolicited, "its pipes carry nothing unsolicited"),
];

pub(crate) struct ToyStage(pub(crate) Flaw, pub(crate) Way);

#[async_trait]
impl Stage for ToyStage {
    fn cannot(&self) -> &[(Scenario, &'static str)] {
        match self.1 {
            Way::Pipe => &PIPES,
            Way::Tcp => &[
                (Scenario::Dropped, "it blocks its thread"),
                (Scenario::Tls12, NO_TLS),
                (Scenario::Tls13, NO_TLS),
            ],
        }
    }

    async fn stage(&self, scenario: Scenario, peer: &Peer) -> Option<Staged> {
        let Self(flaw, way) = *self;
        match (scenario, way) {
            (Scenario::Process | Scenario::Unsolicited, Way::Pipe)
            | (Scenario::Dropped, Way::Tcp)
            | (Scenario::Tls12 | Scenario::Tls13, _) => return None,
            (Scenario::Process, Way::Tcp) => {
                let mut this = Command::new(env::current_exe().expect("a path"));
                let test = match flaw {
                    Flaw::ObeysTheProxy => "transports::a_call_through_the_proxy",
                    _ => "transports::a_call_from_a_process",
                };
                this.args(["--ignored", "--exact", test]);
                return Some(Staged::Process(this));
            }
            (_, _) => {}
        }
        let peer = (way == Way::Pipe).then(|| peer.clone());
        Some(Staged::transport(toy(flaw, peer)))
    }
}

fn toy(flaw: Flaw, peer: Option<Peer>) -> ToyTransport {
    let idle = Mutex::default();
    ToyTransport { flaw, peer, idle }
}

#[test]
#[ignore = "run by the suite, in a process with hostile variables"]
fn a_call_from_a_process() {
    block_on(transport::send_from_process(toy(Flaw::None, None)));
}

#[test]
#[ignore = "run by the suite, in a process with hostile variables"]
fn a_call_through_the_proxy() {
    block_on(transport::send_from_process(toy(Flaw::ObeysTheProxy, None)));
}

fn report(flaw: Flaw, way: Way) -> Report {
    payment_credentials_test_limit::start();
    block_on(transport::run(&ToyStage(flaw, way)))
}

#[test]
fn a_good_transport_over_pipes_keeps_every_clause_but_the_environment() {
    let report = report(Flaw::None, Way::Pipe);
    report.assert_kept();
    let not_staged = report.clauses_with(Verdict::NotStaged);
    assert_eq!(not_staged, ["nothing from the environment"], "{report}");
}

#[test]
fn a_good_transport_over_tcp_keeps_every_clause() {
    let report = report(Flaw::None, Way::Tcp);
    report.assert_kept();
    assert_eq!(report.clauses_with(Verdict::Kept).len(), 8, "{report}");
}

#[track_caller]
fn catches(flaw: Flaw, way: Way, clause: &str) {
    catches_in(flaw, way, &[clause]);
}

#[track_caller]
fn catches_in(flaw: Flaw, way: Way, clauses: &[&str]) {
    let report = report(flaw, way);
    assert_eq!(
        report.clauses_with(Verdict::Broken),
        clauses,
        "{flaw:?}\n{report}"
    );
}

#[test]
fn catches_requests_and_answers_that_are_changed() {
    catches(Flaw::AddsAHeader, Way::Pipe, "as it is");
    catches(Flaw::Decompresses, Way::Pipe, "as it is");
    catches(Flaw::FollowsRedirects, Way::Pipe, "as it is");
}

#[test]
fn catches_a_retry() {
    catches(Flaw::Retries, Way::Pipe, "as it is");
}

#[test]
fn catches_an_address_that_is_not_dialled() {
    catches(Flaw::IgnoresConnectTo, Way::Tcp, "as it is");
}

#[test]
fn catches_a_part_that_is_taken_for_the_whole() {
    catches(Flaw::TakesCutBodies, Way::Pipe, "whole or not at all");
}

#[test]
fn catches_answers_that_are_read_by_other_rules() {
    let of_framing = |case: &Case| *case != Case::Greetings;
    for case in Case::ALL.into_iter().filter(of_framing) {
        catches(Flaw::IsLax(case), Way::Pipe, "strict about framing");
    }
}

#[test]
fn catches_a_head_that_is_not_told() {
    catches(Flaw::TellsNoHead, Way::Pipe, "the head is reported");
}

#[test]
fn catches_what_has_no_bound() {
    catches(Flaw::HasNoBodyCap, Way::Pipe, "bounded");
    catches(Flaw::HasNoHeadCap, Way::Pipe, "bounded");
}

#[test]
fn catches_not_sent_where_it_was_sent() {
    let says = Flaw::SaysNotSentWheneverItFails;
    catches_in(
        says,
        Way::Pipe,
        &["strict about framing", "bounded", "knows what it sent"],
    );
    let lags = Flaw::TellsNoProgressPastConnecting;
    catches(lags, Way::Pipe, "knows what it sent");
    let invites = Flaw::InvitesRepeats;
    catches_in(invites, Way::Pipe, &["bounded", "knows what it sent"]);
}

#[test]
fn catches_answers_of_other_calls() {
    for flaw in [
        Flaw::KeepsDroppedConnections,
        Flaw::KeepsFaultyConnections,
        Flaw::KeepsWhatWasLeftOver,
    ] {
        catches(flaw, Way::Pipe, "no borrowed responses");
    }
}

#[test]
fn catches_a_connection_that_is_believed_unseen() {
    catches(Flaw::OverlooksBytes, Way::Tcp, "no borrowed responses");
    catches(Flaw::OverlooksEnds, Way::Tcp, "knows what it sent");
}

#[test]
fn catches_a_proxy_from_the_environment() {
    catches(
        Flaw::ObeysTheProxy,
        Way::Tcp,
        "nothing from the environment",
    );
}
