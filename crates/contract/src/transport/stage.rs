//! How a transport is set up for the suite.

use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use payment_credentials_core::seam::Transport;

use super::{Case, Peer, Tls};

/// What a transport is put into.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Scenario {
    /// A peer that answers, well or badly.
    Connected,
    /// As [`Connected`](Self::Connected), for a transport whose calls can be dropped while they
    /// wait: the suite drops some. One that blocks its thread can't have that.
    Dropped,
    /// A process of its own, whose environment the suite fills with traps.
    Process,
    /// TLS 1.2 over TCP, on [`Peer::address`], with the peer's side of TLS brought by the stage: see
    /// [`Staged::Tls`]. What comes before a call's first byte comes in records here.
    Tls12,
    /// As [`Tls12`](Self::Tls12), with TLS 1.3, which has tickets and key updates after the handshake.
    Tls13,
    /// A peer on the other end of a TCP socket that speaks, ends or resets while a connection lies
    /// idle. A transport that brings the bytes to the peer itself doesn't hear that; one that keeps
    /// no connections stages it as [`Connected`](Self::Connected).
    Unasked,
    /// A peer that nobody can connect to.
    Unreachable,
}

impl Scenario {
    /// Every scenario.
    pub const ALL: [Self; 7] = [
        Self::Connected,
        Self::Dropped,
        Self::Process,
        Self::Tls12,
        Self::Tls13,
        Self::Unasked,
        Self::Unreachable,
    ];
}

impl Scenario {
    pub(super) fn is_tls(self) -> bool {
        matches!(self, Self::Tls12 | Self::Tls13)
    }
}

/// Sets a transport up for each scenario; what a transport's author implements.
///
/// Whatever can't be set up is declared, with the reason, and `None`. A declaration that is wrong,
/// in either direction, fails the report: nothing is skipped in silence.
#[async_trait]
pub trait Stage: Send + Sync {
    /// The scenarios that this transport can't be put in, each with the reason for the report.
    fn cannot(&self) -> &[(Scenario, &'static str)] {
        &[]
    }

    /// The cases in which this transport's library leaves it no say, and a response comes to
    /// something else than from others, each with the reason for the report. Say so on the
    /// adapter's page too.
    ///
    /// What isn't true is no excuse: a case that is declared and doesn't differ fails the report.
    fn differs(&self) -> &[(Case, &'static str)] {
        &[]
    }

    /// A new transport whose connections lead to this peer. A scenario that isn't known is `None`.
    async fn stage(&self, scenario: Scenario, peer: &Peer) -> Option<Staged>;

    /// How long a call is waited for before it counts as endless; ten seconds by default.
    fn patience(&self) -> Duration {
        Duration::from_secs(10)
    }
}

/// What a stage sets up.
#[derive(Debug)]
#[non_exhaustive]
pub enum Staged {
    /// For [`Scenario::Process`]: a command that calls
    /// [`send_from_process`](super::send_from_process) in a process of its own. The suite adds the
    /// variables.
    Process(Command),
    /// For [`Scenario::Tls12`] and [`Scenario::Tls13`]: a transport, and the TLS that the peer is to
    /// speak with it.
    Tls(Arc<dyn Transport>, Tls),
    /// For every other scenario.
    Transport(Arc<dyn Transport>),
}

impl Staged {
    /// A transport, as it is.
    #[must_use]
    pub fn transport(transport: impl Transport + 'static) -> Self {
        Self::Transport(Arc::new(transport))
    }

    /// A transport, as it is, and the TLS of its peer.
    #[must_use]
    pub fn tls(transport: impl Transport + 'static, tls: Tls) -> Self {
        Self::Tls(Arc::new(transport), tls)
    }
}
