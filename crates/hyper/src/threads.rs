use std::num::NonZero;
use std::sync::{Arc, OnceLock};
use std::{process, thread};

use async_trait::async_trait;
use payment_credentials_core::seam::{Offload, OffloadError};
use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

/// Runs private-key work on tokio's blocking threads, at most one operation per CPU core at a time.
///
/// More operations at a time would only compete for the cores. Further operations wait, in order of
/// arrival. Clones share the limit; after a `fork`, the child process has a limit of its own.
///
/// ```
/// use payment_credentials_core::seam::offload;
/// use payment_credentials_hyper::BlockingThreads;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let threads = BlockingThreads::default();
/// assert_eq!(offload(&threads, || 6 * 7).await?, 42);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default)]
pub struct BlockingThreads {
    permits: Arc<Permits>,
}

/// The permits of one process.
///
/// A fork copies the permits in use, but not the threads that would return them.
#[derive(Debug)]
struct Permits {
    process: u32,
    free: Arc<Semaphore>,
    in_child: OnceLock<Box<Self>>,
}

impl Default for Permits {
    fn default() -> Self {
        let cores = thread::available_parallelism().map_or(1, NonZero::get);
        Self {
            process: process::id(),
            free: Arc::new(Semaphore::new(cores)),
            in_child: OnceLock::new(),
        }
    }
}

impl Permits {
    /// The permits of this process.
    fn here(&self) -> Arc<Semaphore> {
        let mut permits = self;
        while permits.process != process::id() {
            permits = permits.in_child.get_or_init(Box::default);
        }
        Arc::clone(&permits.free)
    }
}

#[async_trait]
impl Offload for BlockingThreads {
    async fn run(&self, work: Box<dyn FnOnce() + Send>) -> Result<(), OffloadError> {
        Handle::try_current().map_err(|_none| OffloadError)?;
        let permit = self
            .permits
            .here()
            .acquire_owned()
            .await
            .map_err(|_closed| OffloadError)?;
        // The permit moves into the work: if the caller gives up, the core is still busy.
        let running = spawn_blocking(move || {
            work();
            drop(permit);
        });
        running.await.map_err(|_cancelled| OffloadError)
    }
}
