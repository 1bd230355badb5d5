//! How a transport is set up for the suite.

use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use payment_credentials_core::seam::Transport;

use super::{Case, Peer, Tls};

/// The situation in which the suite tests a transport.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Scenario {
    /// A peer that accepts connections and responds, correctly or not.
    Connected,
    /// As [`Connected`](Self::Connected), for a transport whose calls can be dropped while they
    /// wait: the suite drops some. A transport that blocks its thread can't stage this.
    Dropped,
    /// A separate process, in whose environment the suite sets variables that a transport must ignore.
    Process,
    /// TLS 1.2 over TCP, on [`Peer::address`]. The stage provides the peer's side of TLS: see
    /// [`Staged::Tls`]. Data that arrives before a call's first byte arrives in TLS records here.
    Tls12,
    /// As [`Tls12`](Self::Tls12), with TLS 1.3, which has tickets and key updates after the handshake.
    Tls13,
    /// A peer at the other end of a TCP socket that sends bytes, ends or resets while a connection is
    /// idle. A transport that carries the bytes to the peer itself can't notice that. A transport that
    /// keeps no connections stages this scenario as [`Connected`](Self::Connected).
    Unsolicited,
    /// A peer to which no connection is possible.
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
        Self::Unsolicited,
        Self::Unreachable,
    ];
}

impl Scenario {
    pub(super) fn is_tls(self) -> bool {
        matches!(self, Self::Tls12 | Self::Tls13)
    }
}

/// Sets up a transport for each scenario; the author of the transport implements this trait.
///
/// If a scenario can't be set up, [`cannot`](Self::cannot) declares it with the reason, and
/// [`stage`](Self::stage) returns `None`. The report fails if a declared scenario is staged or an
/// undeclared one is not: no scenario is skipped silently.
#[async_trait]
pub trait Stage: Send + Sync {
    /// The scenarios that can't be set up for this transport, each with the reason for the report.
    fn cannot(&self) -> &[(Scenario, &'static str)] {
        &[]
    }

    /// The cases in which the outcome differs from that of other transports, because this transport's
    /// HTTP library decides it, each with the reason for the report.
    ///
    /// Name these cases in the adapter's documentation too. A case that is declared and doesn't differ
    /// fails the report.
    fn differs(&self) -> &[(Case, &'static str)] {
        &[]
    }

    /// Sets up a new transport whose connections lead to this peer.
    ///
    /// Returns `None` for a scenario that can't be set up or isn't known.
    async fn stage(&self, scenario: Scenario, peer: &Peer) -> Option<Staged>;

    /// How long the suite waits for a call before the call counts as endless; ten seconds by default.
    fn patience(&self) -> Duration {
        Duration::from_secs(10)
    }
}

/// What a stage sets up.
#[derive(Debug)]
#[non_exhaustive]
pub enum Staged {
    /// For [`Scenario::Process`]: a command that calls
    /// [`send_from_process`](super::send_from_process) in a separate process. The suite adds the
    /// environment variables.
    Process(Command),
    /// For [`Scenario::Tls12`] and [`Scenario::Tls13`]: a transport, and the TLS that the peer uses
    /// with it.
    Tls(Arc<dyn Transport>, Tls),
    /// For every other scenario: a transport.
    Transport(Arc<dyn Transport>),
}

impl Staged {
    /// Stages a transport without TLS.
    #[must_use]
    pub fn transport(transport: impl Transport + 'static) -> Self {
        Self::Transport(Arc::new(transport))
    }

    /// Stages a transport and the TLS of its peer.
    #[must_use]
    pub fn tls(transport: impl Transport + 'static, tls: Tls) -> Self {
        Self::Tls(Arc::new(transport), tls)
    }
}
