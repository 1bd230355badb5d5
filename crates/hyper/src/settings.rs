//! The settings of a transport, and their defaults.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use payment_credentials_tls::{ClientIdentity, Roots};

use crate::dial::{Dialer, TcpDialer};
use crate::proxy::Proxy;

/// How long a call may take by default: far more than the service needs (it responds within a second),
/// and less than most callers will wait.
pub(crate) const CALL_DEADLINE: Duration = Duration::from_secs(30);

/// The settings of a transport.
pub(crate) struct Settings {
    pub(crate) connect_deadline: Duration,
    pub(crate) tls_deadline: Duration,
    pub(crate) idle_timeout: Duration,
    pub(crate) max_idle_connections: usize,
    pub(crate) max_handshakes: usize,
    pub(crate) roots: Roots,
    /// The content of files.
    pub(crate) extra_roots: Vec<Vec<u8>>,
    pub(crate) client_identity: Option<ClientIdentity>,
    pub(crate) proxy: Option<Arc<Proxy>>,
    pub(crate) dialer: Arc<dyn Dialer>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            // A second is too short for a first connection across a continent: the vendor's Java client
            // had that limit, and its users had problems. A minute is much longer than callers will wait.
            connect_deadline: Duration::from_secs(5),
            tls_deadline: Duration::from_secs(5),
            // The vendor's front ends close idle connections after about a minute. A client that
            // closes first avoids writing a request to a connection that was just closed.
            idle_timeout: Duration::from_secs(45),
            // Every kept connection was in use within the idle timeout. So a process that keeps this many
            // has the file descriptors for them, and a second burst of calls reuses those of the first.
            max_idle_connections: 10_000,
            // More would overflow the usual listen backlog (128), and the listener drops the rest. Each
            // handshake would also get less CPU time on both sides, until none ends within its limit.
            max_handshakes: 64,
            roots: Roots::Platform,
            extra_roots: Vec::new(),
            client_identity: None,
            proxy: None,
            dialer: Arc::new(TcpDialer),
        }
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            connect_deadline,
            tls_deadline,
            idle_timeout,
            max_idle_connections,
            max_handshakes,
            roots,
            extra_roots,
            client_identity,
            proxy,
            dialer,
        } = self;
        f.debug_struct("Settings")
            .field("connect_deadline", connect_deadline)
            .field("tls_deadline", tls_deadline)
            .field("idle_timeout", idle_timeout)
            .field("max_idle_connections", max_idle_connections)
            .field("max_handshakes", max_handshakes)
            .field("roots", roots)
            .field("extra_roots", &extra_roots.len())
            .field("client_identity", client_identity)
            .field("proxy", proxy)
            .field("dialer", dialer)
            .finish()
    }
}

/// How long a connection is used at most, so that calls follow a name whose addresses change.
pub(crate) const MAX_CONNECTION_AGE: Duration = Duration::from_secs(10 * 60);

/// How long no connection to a destination is kept after a peer there sent unrequested bytes.
pub(crate) const DISTRUST: Duration = Duration::from_secs(10 * 60);

/// The most bytes in the head of a response.
pub(crate) const MAX_HEAD: usize = 64 * 1024;

/// The most fields in the head of a response.
pub(crate) const MAX_FIELDS: usize = 100;

/// The most informational responses (1xx) before the response itself. Proxies send one or two.
pub(crate) const MAX_INFORMATIONAL: usize = 16;

/// The time in which a response that has begun must bring more than [`FLOOR_BYTES`], or the call fails.
///
/// Together they are a minimum rate of a byte per second. Responses have 2 KiB and arrive at once. Without
/// this limit, a peer that sends single bytes would hold a connection and a caller until the deadline.
pub(crate) const FLOOR_WINDOW: Duration = Duration::from_secs(5);

/// The most bytes in a [`FLOOR_WINDOW`] that still count as too slow.
pub(crate) const FLOOR_BYTES: u64 = 5;

/// Implements a setter for each field of [`Settings`] on a builder that holds them.
macro_rules! settings {
    ($builder:ident) => {
        impl $builder {
            /// Limits name lookup and TCP handshake together; 5 seconds by default.
            ///
            /// With a proxy, it limits all steps until the tunnel through the proxy exists.
            pub fn connect_deadline(mut self, limit: std::time::Duration) -> Self {
                self.settings.connect_deadline = limit;
                self
            }

            /// Limits the TLS handshake with the service; 5 seconds by default.
            pub fn tls_deadline(mut self, limit: std::time::Duration) -> Self {
                self.settings.tls_deadline = limit;
                self
            }

            /// Closes a connection that no call has used for this long; 45 seconds by default.
            ///
            /// Stay below a minute, after which the vendor's front ends close idle connections.
            pub fn idle_timeout(mut self, limit: std::time::Duration) -> Self {
                self.settings.idle_timeout = limit;
                self
            }

            /// Keeps at most this many idle connections to one destination on each runtime; 10,000 by
            /// default.
            ///
            /// Every connection that was in use within the [`idle_timeout`](Self::idle_timeout) is kept. So a
            /// burst of calls reuses the connections of the burst before it, and connections that become
            /// unused are closed. With 0, each call has a connection of its own.
            pub fn max_idle_connections(mut self, count: usize) -> Self {
                self.settings.max_idle_connections = count;
                self
            }

            /// Makes at most this many connections to one destination at the same time on each runtime,
            /// TLS handshakes included; 64 by default, and at least 1.
            ///
            /// Further connections wait for their turn in order of arrival, within the call's deadline.
            /// The limits for connecting and for TLS begin with the turn. If another call returns a
            /// connection before that, a waiting call takes it.
            pub fn max_handshakes(mut self, count: usize) -> Self {
                self.settings.max_handshakes = count;
                self
            }

            /// Selects the root certificates to trust; the platform's by default.
            pub fn roots(mut self, roots: $crate::Roots) -> Self {
                self.settings.roots = roots;
                self
            }

            /// Trusts further root certificates, such as that of your own proxy or of the sandbox.
            ///
            /// The content of a file: PEM or DER, one certificate or a bundle, or PKCS#7. May be called more than once.
            pub fn extra_root(mut self, certificates: impl Into<Vec<u8>>) -> Self {
                self.settings.extra_roots.push(certificates.into());
                self
            }

            /// Presents this certificate to a service that requests one (mutual TLS); none by default.
            ///
            /// It is never presented to a proxy.
            pub fn client_identity(mut self, identity: $crate::ClientIdentity) -> Self {
                self.settings.client_identity = Some(identity);
                self
            }

            /// Connects to the service through a proxy; by default directly, whatever the environment
            /// variables say.
            ///
            /// [`Proxy::from_env`](crate::Proxy::from_env) reads a proxy from environment variables. The
            /// [`dialer`](Self::dialer) connects to the proxy, and the proxy connects to the endpoint, or
            /// to the endpoint's other address (`connect_to`). An endpoint without TLS can't be reached
            /// through a proxy: its calls fail before anything is sent.
            pub fn proxy(mut self, proxy: $crate::Proxy) -> Self {
                self.settings.proxy = Some(std::sync::Arc::new(proxy));
                self
            }

            /// Sets how connections are made; by [`TcpDialer`](crate::TcpDialer) by default.
            pub fn dialer(mut self, dialer: std::sync::Arc<dyn $crate::Dialer>) -> Self {
                self.settings.dialer = dialer;
                self
            }
        }
    };
}

pub(crate) use settings;
