//! What can be set about the wire, and what holds when it isn't.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use payment_credentials_tls::{ClientIdentity, Roots};
use rustls_pki_types::CertificateDer;

use crate::dial::{Dialer, TcpDialer};
use crate::proxy::Proxy;

/// The settings of a transport.
pub(crate) struct Settings {
    pub(crate) connect_deadline: Duration,
    pub(crate) tls_deadline: Duration,
    pub(crate) idle_limit: Duration,
    pub(crate) max_idle: usize,
    pub(crate) max_handshakes: usize,
    pub(crate) roots: Roots,
    pub(crate) extra_roots: Vec<CertificateDer<'static>>,
    pub(crate) client_identity: Option<ClientIdentity>,
    pub(crate) proxy: Option<Arc<Proxy>>,
    pub(crate) dialer: Arc<dyn Dialer>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            // A second is too short for a cold start across a continent (the vendor's Java client
            // had that, to its users' grief); a caller's patience ends long before a minute.
            connect_deadline: Duration::from_secs(5),
            tls_deadline: Duration::from_secs(5),
            // The vendor's front ends close idle connections after about a minute. A client that closes
            // first spares the other a request into a dead connection.
            idle_limit: Duration::from_secs(45),
            // What is kept was in use within the idle limit. So a process that holds this many has
            // the descriptors for them, and a second burst finds the connections of the first.
            max_idle: 10_000,
            // More would overrun the backlog of many a listener (128), which then drops the rest,
            // and each gets less of both processors until none is done within its limit.
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
            idle_limit,
            max_idle,
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
            .field("idle_limit", idle_limit)
            .field("max_idle", max_idle)
            .field("max_handshakes", max_handshakes)
            .field("roots", roots)
            .field("extra_roots", &extra_roots.len())
            .field("client_identity", client_identity)
            .field("proxy", proxy)
            .field("dialer", dialer)
            .finish()
    }
}

/// How long one connection is used at the most, so that calls follow a name that moves.
pub(crate) const MAX_CONNECTION_AGE: Duration = Duration::from_secs(10 * 60);

/// How long no connection is kept to a place that sent what nobody had asked for.
pub(crate) const DISTRUST: Duration = Duration::from_secs(10 * 60);

/// Most bytes of a response's head.
pub(crate) const MAX_HEAD: usize = 64 * 1024;

/// Most fields of a response's head.
pub(crate) const MAX_FIELDS: usize = 100;

/// Most informational responses (1xx) before the response itself; proxies send one or two.
pub(crate) const MAX_INFORMATIONAL: usize = 16;

/// A response that has begun and brings at most [`FLOOR_BYTES`] in this time is given up: that is a
/// byte a second. Responses have 2 KiB and come at once; a peer that drips one holds a connection and
/// a caller, however far the call's deadline is.
pub(crate) const FLOOR_WINDOW: Duration = Duration::from_secs(5);

/// What is too little for a [`FLOOR_WINDOW`].
pub(crate) const FLOOR_BYTES: u64 = 5;

/// Gives a builder that holds [`Settings`] a setter for each of them.
macro_rules! settings {
    ($builder:ident) => {
        impl $builder {
            /// Bounds name lookup and TCP handshake together; 5 seconds by default.
            ///
            /// With a proxy, it bounds all that it takes to get a connection from it.
            pub fn connect_deadline(mut self, limit: std::time::Duration) -> Self {
                self.settings.connect_deadline = limit;
                self
            }

            /// Bounds the TLS handshake; 5 seconds by default.
            pub fn tls_deadline(mut self, limit: std::time::Duration) -> Self {
                self.settings.tls_deadline = limit;
                self
            }

            /// Closes a connection that no call has used for this long; 45 seconds by default.
            ///
            /// The vendor's front ends close theirs after about a minute: stay below it.
            pub fn idle_limit(mut self, limit: std::time::Duration) -> Self {
                self.settings.idle_limit = limit;
                self
            }

            /// Keeps at most this many idle connections to one place on each runtime; 10,000 by
            /// default.
            ///
            /// Whatever was in use within the [`idle_limit`](Self::idle_limit) is kept, so a burst
            /// finds the connections of the one before, and what a lull leaves unused is closed. With
            /// 0, each call has a connection of its own.
            pub fn max_idle(mut self, count: usize) -> Self {
                self.settings.max_idle = count;
                self
            }

            /// Makes at most this many connections to one place at once on each runtime, TLS handshake
            /// included; 64 by default, and at least 1.
            ///
            /// Further ones wait for their turn in order of arrival, within the call's deadline. The
            /// limits for connecting and for TLS begin with the turn. A call that waits takes a
            /// connection that another call gives back before that.
            pub fn max_handshakes(mut self, count: usize) -> Self {
                self.settings.max_handshakes = count;
                self
            }

            /// Selects the trusted certificates; the platform's by default.
            pub fn roots(mut self, roots: $crate::Roots) -> Self {
                self.settings.roots = roots;
                self
            }

            /// Trusts one more root certificate, in DER; for a proxy of one's own or the sandbox.
            pub fn extra_root(mut self, certificate: impl Into<Vec<u8>>) -> Self {
                self.settings.extra_roots.push(certificate.into().into());
                self
            }

            /// Shows this certificate to a service that asks for one; none by default.
            ///
            /// A proxy doesn't get to see it.
            pub fn client_identity(mut self, identity: $crate::ClientIdentity) -> Self {
                self.settings.client_identity = Some(identity);
                self
            }

            /// Sends everything through a proxy; by default nothing, whatever the environment says.
            /// [`Proxy::from_env`](crate::Proxy::from_env) has what it says.
            ///
            /// The [`dialer`](Self::dialer) then connects to the proxy, and the proxy to the
            /// endpoint, or to its other address to dial. An endpoint without TLS can't be reached
            /// so: its calls fail before anything is sent.
            pub fn proxy(mut self, proxy: $crate::Proxy) -> Self {
                self.settings.proxy = Some(std::sync::Arc::new(proxy));
                self
            }

            /// Makes connections another way; by TCP by default.
            pub fn dialer(mut self, dialer: std::sync::Arc<dyn $crate::Dialer>) -> Self {
                self.settings.dialer = dialer;
                self
            }
        }
    };
}

pub(crate) use settings;
