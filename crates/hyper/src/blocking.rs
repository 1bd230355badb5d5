//! For applications without a runtime: calls that block the thread they are made on.
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
//!     let key = PrivateKey::from_pem(sandbox.merchant().opening_key_pem().as_bytes())?
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

use payment_credentials_core::generator::{CredentialsGenerator, GeneratedCredentials};
use payment_credentials_core::{
    BuildError, CredentialsOpener, CredentialsRequest, PaymentCredentialsPort, PortError,
};
use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;

/// [`CredentialsGenerator`] for threads: generates credentials and opens them, and blocks meanwhile.
///
/// It owns a thread with a runtime of its own, for sockets and timers; encoding and opening run on
/// the caller's thread. So any number of threads may call at once, each getting its own work done.
/// Put it in an [`Arc`](std::sync::Arc) to share it, and keep it: a new one has no connections yet.
///
/// Any port will do; it decides how long a call can take, as [`HyperPort`](crate::HyperPort) does.
///
/// Dropping it ends the thread, and waits for nothing.
///
/// A `fork` doesn't copy the thread, so a child process makes a generator of its own: there, calls
/// on its parent's are refused.
#[derive(Debug)]
pub struct BlockingGenerator<P, O> {
    generator: CredentialsGenerator<P, O>,
    runtime: RuntimeThread,
}

impl<P: PaymentCredentialsPort, O: CredentialsOpener> BlockingGenerator<P, O> {
    /// Joins a port and an opener, and starts the thread.
    ///
    /// # Errors
    ///
    /// [`BuildError`] where the system has no thread or no descriptors to give.
    pub fn new(port: P, opener: O) -> Result<Self, BuildError> {
        let runtime = RuntimeThread::start().map_err(|source| {
            BuildError::new("blocking runtime", "can't be started").with_source(source)
        })?;
        let generator = CredentialsGenerator::new(port, opener);
        Ok(Self { generator, runtime })
    }

    /// Generates one set of credentials and opens it; returns when that is done.
    ///
    /// # Errors
    ///
    /// [`PortError`], as [`CredentialsGenerator::generate`] has it. Within an asynchronous context
    /// its kind is [`PortErrorKind::Setup`](payment_credentials_core::PortErrorKind::Setup), and nothing is sent: blocking there stalls other
    /// tasks, or everything. Await a [`CredentialsGenerator`] there instead, also on the threads of
    /// `spawn_blocking`, which look alike. The same kind in a child process, after a
    /// `fork`: nobody drives the sockets there.
    pub fn generate(
        &self,
        request: &CredentialsRequest,
    ) -> Result<GeneratedCredentials, PortError> {
        self.runtime.block_on(self.generator.generate(request))?
    }
}

/// A thread that drives sockets and timers, for as long as this value lives.
#[derive(Debug)]
struct RuntimeThread {
    handle: Handle,
    /// Its end is the thread's.
    _alive: oneshot::Sender<()>,
    /// The process that the thread is in.
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
                // Nothing is ever sent: what comes is that the other end is gone.
                let _ = runtime.block_on(ended);
                // A name lookup can hang for long, and nobody waits for it any more.
                runtime.shutdown_background();
            })?;
        Ok(Self {
            handle,
            _alive: alive,
            process: process::id(),
        })
    }

    /// Runs a future on the caller's thread, unless that thread must not block.
    fn block_on<F: Future>(&self, future: F) -> Result<F::Output, PortError> {
        if process::id() != self.process {
            return Err(PortError::setup(MadeBeforeFork));
        }
        match Handle::try_current() {
            Ok(_runtime) => Err(PortError::setup(WithinRuntime)),
            Err(ending) if ending.is_thread_local_destroyed() => Err(PortError::setup(ending)),
            Err(_no_runtime) => Ok(self.handle.block_on(future)),
        }
    }
}

#[derive(Debug, thiserror::Error)]
#[error("a blocking call within an asynchronous context would stall it; await the port instead")]
struct WithinRuntime;

#[derive(Debug, thiserror::Error)]
#[error("it was made before a fork, which doesn't copy its thread; make a new one in the child")]
struct MadeBeforeFork;
