//! The settings of a transport, and their defaults.

use std::fmt;
use std::time::Duration;

use payment_credentials_tls::{ClientIdentity, Roots};

/// The settings of a transport.
#[derive(Clone)]
pub(crate) struct Settings {
    pub(crate) connect_and_tls_deadline: Duration,
    pub(crate) exchange_deadline: Duration,
    pub(crate) idle_timeout: Duration,
    pub(crate) kept_unexamined: usize,
    pub(crate) roots: Roots,
    /// The content of files.
    pub(crate) extra_roots: Vec<Vec<u8>>,
    pub(crate) client_identity: Option<ClientIdentity>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            // Enough for a first connection across a continent, and shorter than callers will wait.
            connect_and_tls_deadline: Duration::from_secs(5),
            // Far more than the service needs: it responds within a second.
            exchange_deadline: Duration::from_secs(30),
            // The vendor's front ends close idle connections after about a minute. reqwest can't
            // distinguish a request that was written to a dead connection from a request that the
            // service acted on. So it matters more here than elsewhere that the client closes first.
            idle_timeout: Duration::from_secs(45),
            // An idle connection can't be checked before it is used, so it may hold another response.
            kept_unexamined: 0,
            roots: Roots::Platform,
            extra_roots: Vec::new(),
            client_identity: None,
        }
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            connect_and_tls_deadline,
            exchange_deadline,
            idle_timeout,
            kept_unexamined,
            roots,
            extra_roots,
            client_identity,
        } = self;
        f.debug_struct("Settings")
            .field("connect_and_tls_deadline", connect_and_tls_deadline)
            .field("exchange_deadline", exchange_deadline)
            .field("idle_timeout", idle_timeout)
            .field("kept_unexamined", kept_unexamined)
            .field("roots", roots)
            .field("extra_roots", &extra_roots.len())
            .field("client_identity", client_identity)
            .finish()
    }
}
