//! Blocking calls, for applications without an async runtime.
//!
//! ```
//! use std::sync::Arc;
//!
//! use payment_credentials_core::seam::Unauthenticated;
//! use payment_credentials_core::{CredentialsRequest, Endpoint, Environment};
//! use payment_credentials_hyper::HyperPort;
//! use payment_credentials_hyper::blocking::BlockingGenerator;
//! use payment_credentials_jose::{JweOpener, Keyring};
//! use payment_credentials_keys::PrivateKey;
//! use payment_credentials_sandbox::{Authentication, Sandbox, vault};
//!
//! fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let sandbox = Sandbox::start_blocking(Authentication::NotRequired)?;
//!     let endpoint = Endpoint::new(Environment::Test).with_connect_to(sandbox.address().into())?;
//!     let port = HyperPort::builder(endpoint, Arc::new(Unauthenticated))
//!         .extra_root(sandbox.root_certificate_der())
//!         .build()?;
//!     let key = PrivateKey::from_pem(sandbox.merchant().opening_key_pem())?
//!         .with_key_id(sandbox.merchant().opening_key_id().parse()?);
//!     let generator = BlockingGenerator::new(port, JweOpener::new(Keyring::new([key])?))?;
//!
//!     let generated = generator.generate(&CredentialsRequest::new(vault::VISA.parse()?))?;
//!     assert!(generated.correlation_id().is_some());
//!     Ok(())
//! }
//! ```

use std::io;
use std::process;
use std::thread;

use payment_credentials_core::generator::{
    CredentialsGenerator, GenerateError, GeneratedCredentials,
};
use payment_credentials_core::{
    BuildError, CredentialsOpener, CredentialsRequest, PaymentCredentialsPort, PortError,
    SealedCredentials,
};
use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;

/// Generates credentials and opens them, and blocks the calling thread meanwhile.
///
/// This is a [`CredentialsGenerator`] for threads. It owns one thread with a runtime, for sockets and
/// timers. Encoding and opening run on the calling thread, so any number of threads can call at the same
/// time. Share one generator in an [`Arc`](std::sync::Arc), and keep it: a new generator has no
/// connections yet.
///
/// It works with any port. The port limits how long a call can take, as
/// [`HyperPort`](crate::HyperPort) does.
///
/// Dropping it ends the thread without waiting.
///
/// A `fork` doesn't copy the thread. So a child process must make a generator of its own; in the child,
/// calls on the parent's generator return an error.
#[derive(Debug)]
pub struct BlockingGenerator<P, O> {
    generator: CredentialsGenerator<P, O>,
    runtime: RuntimeThread,
}

impl<P: PaymentCredentialsPort, O: CredentialsOpener> BlockingGenerator<P, O> {
    /// Combines a port and an opener, and starts the thread.
    ///
    /// # Errors
    ///
    /// [`BuildError`] if the system can't provide a thread or file descriptors.
    pub fn new(port: P, opener: O) -> Result<Self, BuildError> {
        let runtime = RuntimeThread::start().map_err(|source| {
            BuildError::new("blocking runtime", "can't be started").with_source(source)
        })?;
        let generator = CredentialsGenerator::new(port, opener);
        Ok(Self { generator, runtime })
    }

    /// Rejects credentials that don't confirm the requested token id, as
    /// [`CredentialsGenerator::require_confirmation`] does.
    #[must_use]
    pub fn require_confirmation(mut self) -> Self {
        self.generator = self.generator.require_confirmation();
        self
    }

    /// Generates one set of credentials and opens it; blocks until that is done.
    ///
    /// # Errors
    ///
    /// The [`GenerateError`] that [`CredentialsGenerator::generate`] returns. In two more cases the kind is
    /// [`Setup`](payment_credentials_core::PortErrorKind::Setup), and nothing is sent:
    ///
    /// - In an asynchronous context, where blocking would stall other tasks or the whole runtime. Await a
    ///   [`CredentialsGenerator`] there instead. This includes the threads of `spawn_blocking`, which
    ///   can't be distinguished from the others.
    /// - In a child process after a `fork`, where no thread drives the sockets.
    pub fn generate(
        &self,
        request: &CredentialsRequest,
    ) -> Result<GeneratedCredentials, GenerateError> {
        self.runtime.block_on(self.generator.generate(request))?
    }

    /// Opens the response to a request once more, without another call: for a [`GenerateError`] that holds
    /// one.
    ///
    /// # Errors
    ///
    /// As for [`generate`](Self::generate).
    pub fn open(
        &self,
        request: &CredentialsRequest,
        sealed: SealedCredentials,
    ) -> Result<GeneratedCredentials, GenerateError> {
        if let Err(error) = self.runtime.may_block() {
            return Err(GenerateError::still_sealed(error, sealed));
        }
        let opening = self.generator.open(request, sealed);
        self.runtime.handle.block_on(opening)
    }
}

/// A thread that drives sockets and timers, for as long as this value lives.
#[derive(Debug)]
struct RuntimeThread {
    handle: Handle,
    /// Dropping it ends the thread.
    _alive: oneshot::Sender<()>,
    /// The id of the process that has the thread.
    process: u32,
}

impl RuntimeThread {
    fn start() -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let handle = runtime.handle().clone();
        let (alive, ended) = oneshot::channel::<()>();
        thread::Builder::new()
            .name("payment-credentials".to_owned())
            .spawn(move || {
                // Nothing is ever sent, so this returns when the sender is dropped.
                let _ = runtime.block_on(ended);
                // Doesn't wait for a name look-up, which can hang for long and has no caller any more.
                runtime.shutdown_background();
            })?;
        Ok(Self {
            handle,
            _alive: alive,
            process: process::id(),
        })
    }

    /// Runs a future on the calling thread, unless that thread must not block.
    fn block_on<F: Future>(&self, future: F) -> Result<F::Output, PortError> {
        self.may_block()?;
        Ok(self.handle.block_on(future))
    }

    fn may_block(&self) -> Result<(), PortError> {
        if process::id() != self.process {
            return Err(PortError::setup(MadeBeforeFork));
        }
        match Handle::try_current() {
            Ok(_runtime) => Err(PortError::setup(WithinRuntime)),
            Err(ending) if ending.is_thread_local_destroyed() => Err(PortError::setup(ending)),
            Err(_no_runtime) => Ok(()),
        }
    }
}

#[derive(Debug, thiserror::Error)]
#[error(
    "a blocking call would stall this asynchronous context; await a CredentialsGenerator instead"
)]
struct WithinRuntime;

#[derive(Debug, thiserror::Error)]
#[error(
    "the generator was made before a fork, which doesn't copy its thread; make one in the child"
)]
struct MadeBeforeFork;
