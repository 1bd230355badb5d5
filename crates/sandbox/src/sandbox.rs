use std::fmt;
use std::net::SocketAddr;
use std::sync::atomic::Ordering;
use std::sync::mpsc;

use tokio::sync::oneshot;

use crate::api_keys::KeyGenerationError;
use crate::builder::SandboxBuilder;
use crate::error::StartError;
use crate::faults::Faults;
use crate::keystore_authority::Service;
use crate::merchant::Merchant;
use crate::policy::Authentication;
use crate::portfolio::Portfolio;
use crate::record::{Follower, ReceivedRequest};
use crate::server::{Launch, Ready, Server};

/// The service, which runs on a thread of its own until the `Sandbox` is dropped.
///
/// Dropping the `Sandbox` ends the thread and every open connection at once, also where a response is still
/// due. The drop waits for nothing else, so it may happen inside asynchronous code.
pub struct Sandbox {
    ready: Ready,
    // Dropping this ends the thread.
    _server: Server,
}

impl SandboxBuilder {
    /// Starts the sandbox, as [`Sandbox::start`] does.
    ///
    /// # Errors
    ///
    /// [`StartError`] as for [`Sandbox::start`]; if the port is taken, an id isn't 1 to 50 letters, digits,
    /// `_`, `-` or `.`, merchant and portfolio have the same id, the folder can't be written, others can read
    /// it, or its content can't be read.
    pub async fn start(self) -> Result<Sandbox, StartError> {
        Sandbox::launch(self.validated()?).await
    }

    /// Starts the sandbox, for callers without asynchronous code.
    ///
    /// # Errors
    ///
    /// As for [`start`](Self::start).
    pub fn start_blocking(self) -> Result<Sandbox, StartError> {
        Sandbox::launch_blocking(self.validated()?)
    }
}

impl Sandbox {
    /// Starts a sandbox on a free port of 127.0.0.1, with new certificates, ids and secrets.
    ///
    /// The future runs on any executor, and the sandbox outlives it: the server has a runtime of its own.
    /// The first start of a process makes an RSA key, which takes about 100 ms; later ones are ready within some
    /// milliseconds. Dropping the future ends the thread.
    ///
    /// [`builder`](Self::builder) sets port, ids, keys, and a folder that keeps them.
    ///
    /// # Errors
    ///
    /// [`StartError`] if the operating system has no free port, no thread or no randomness.
    pub async fn start(authentication: Authentication) -> Result<Self, StartError> {
        Self::builder(authentication).start().await
    }

    /// Starts a sandbox as [`start`](Self::start) does, for callers without asynchronous code.
    ///
    /// # Errors
    ///
    /// As for [`start`](Self::start).
    pub fn start_blocking(authentication: Authentication) -> Result<Self, StartError> {
        Self::builder(authentication).start_blocking()
    }

    /// Starts a sandbox with settings of its own.
    pub fn builder(authentication: Authentication) -> SandboxBuilder {
        SandboxBuilder::new(authentication)
    }

    async fn launch(setup: SandboxBuilder) -> Result<Self, StartError> {
        let (report, reported) = oneshot::channel();
        let launch = Launch::start(setup, move |outcome| {
            // Once the future has been dropped nobody receives this, and the thread ends by itself.
            let _ = report.send(outcome);
        })?;
        match reported.await {
            Ok(outcome) => Self::assemble(outcome, launch),
            Err(_silent) => Err(StartError::silent_thread()),
        }
    }

    fn launch_blocking(setup: SandboxBuilder) -> Result<Self, StartError> {
        let (report, reported) = mpsc::sync_channel(1);
        let launch = Launch::start(setup, move |outcome| {
            let _ = report.send(outcome);
        })?;
        match reported.recv() {
            Ok(outcome) => Self::assemble(outcome, launch),
            Err(mpsc::RecvError) => Err(StartError::silent_thread()),
        }
    }

    fn assemble(outcome: Result<Ready, StartError>, launch: Launch) -> Result<Self, StartError> {
        Ok(Self {
            ready: outcome?,
            _server: launch.into_server(),
        })
    }

    /// The address that the sandbox listens on: a port of 127.0.0.1.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.ready.address
    }

    /// The address of the proxy that [`SandboxBuilder::proxy_port`] started.
    #[must_use]
    pub const fn proxy_address(&self) -> Option<SocketAddr> {
        self.ready.proxy
    }

    /// The certificate to trust, in DER.
    ///
    /// This root issued the server's certificate, which names every host of the vendor, `localhost`,
    /// 127.0.0.1 and `::1`. With a [`folder`](SandboxBuilder::folder), both are good for the vendor's test hosts
    /// and the loopback alone. Never add it to a system's trust store.
    #[must_use]
    pub fn root_certificate_der(&self) -> &[u8] {
        &self.ready.root.der
    }

    /// The certificate to trust, in PEM.
    #[must_use]
    pub fn root_certificate_pem(&self) -> &str {
        &self.ready.root.pem
    }

    /// The merchant for which every response is sealed.
    #[must_use]
    pub const fn merchant(&self) -> &Merchant {
        &self.ready.merchant
    }

    /// The portfolio whose keys may be used for the merchant and for a second one (`MetaKey`).
    #[must_use]
    pub const fn portfolio(&self) -> &Portfolio {
        &self.ready.portfolio
    }

    /// The certificate for which requests are encrypted, in DER. The common name of its subject is
    /// `CyberSource_SJC_US`, as in the vendor's certificate. Every keystore holds the certificate too.
    ///
    /// The certificate is made on first use, which takes a few 100 ms.
    ///
    /// # Errors
    ///
    /// [`KeyGenerationError`] if the operating system has no randomness.
    pub fn recipient_certificate_der(&self) -> Result<&[u8], KeyGenerationError> {
        Ok(&self.service()?.certificate_der)
    }

    /// The same certificate in PEM.
    ///
    /// # Errors
    ///
    /// As for [`recipient_certificate_der`](Self::recipient_certificate_der).
    pub fn recipient_certificate_pem(&self) -> Result<&str, KeyGenerationError> {
        Ok(&self.service()?.certificate_pem)
    }

    /// The `kid` of encrypted requests: the 22 digits of the certificate's subject.
    ///
    /// # Errors
    ///
    /// As for [`recipient_certificate_der`](Self::recipient_certificate_der).
    pub fn recipient_key_id(&self) -> Result<&str, KeyGenerationError> {
        Ok(&self.service()?.key_id)
    }

    fn service(&self) -> Result<&Service, KeyGenerationError> {
        self.ready
            .authority
            .service()
            .map_err(KeyGenerationError::new)
    }

    /// The fault rules, by which connections and responses are broken.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.ready.state.faults
    }

    /// The requests that arrived whole, oldest first, of the last 1024 that were recorded or 16 MiB of bodies.
    ///
    /// A request is recorded before its response can be seen. [`since`](Self::since) returns those too that
    /// HTTP could not deliver.
    #[must_use]
    pub fn requests(&self) -> Vec<ReceivedRequest> {
        self.ready.state.record.whole()
    }

    /// All that was recorded after this [`number`](ReceivedRequest::number), oldest first, within the same
    /// limits; `since(0)` is the whole history.
    ///
    /// It includes what is not in [`requests`](Self::requests): requests that could not be read or broke
    /// off, connections whose TLS handshake failed or was late, and what the proxy refused. Their
    /// [`refused_at`](ReceivedRequest::refused_at) is [`Stage::Http`](crate::Stage::Http),
    /// [`Stage::Tls`](crate::Stage::Tls) or [`Stage::Proxy`](crate::Stage::Proxy). If the first number isn't
    /// the next one, the history was too short; a [`Follower`] misses nothing.
    #[must_use]
    pub fn since(&self, number: u64) -> Vec<ReceivedRequest> {
        self.ready.state.record.since(number)
    }

    /// The latest of what [`since`](Self::since) returns.
    #[must_use]
    pub fn latest(&self) -> Option<ReceivedRequest> {
        self.ready.state.record.latest()
    }

    /// Follows the record: the follower gets each request that is recorded from now on, however many they
    /// are and however late it reads them.
    #[must_use]
    pub fn follow(&self) -> Follower {
        self.ready.state.record.follow()
    }

    /// Follows the record, beginning with what [`since`](Self::since) returns.
    ///
    /// Nothing is lost between the two. [`Follower::missed`] counts what the history had dropped.
    #[must_use]
    pub fn follow_since(&self, number: u64) -> Follower {
        self.ready.state.record.follow_since(number)
    }

    /// How many cryptograms and security codes the sandbox has minted.
    #[must_use]
    pub fn minted(&self) -> u64 {
        self.ready.state.mint.minted()
    }

    /// How many of them were minted for requests with this `clientCorrelationId`, since the start.
    ///
    /// So a test knows whether a call that it repeated was acted on twice. The first 100,000 ids are counted.
    #[must_use]
    pub fn minted_for(&self, client_correlation_id: &str) -> u64 {
        self.ready.state.record.minted_for(client_correlation_id)
    }

    /// How many connections the sandbox has accepted, with or without a TLS handshake.
    #[must_use]
    pub fn connections(&self) -> u64 {
        self.ready.state.connections.load(Ordering::SeqCst)
    }
}

impl fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sandbox")
            .field("address", &self.address())
            .field("merchant", self.merchant())
            .field("portfolio", self.portfolio())
            .field("minted", &self.minted())
            .field("connections", &self.connections())
            .finish_non_exhaustive()
    }
}
