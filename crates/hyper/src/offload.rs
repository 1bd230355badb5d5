//! Private-key work of a tokio runtime: where it runs, and how much of it at a time.

mod cores;
mod lane;
mod pause;
mod process;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use async_trait::async_trait;
use payment_credentials_core::seam::{Offload, OffloadError};
use tokio::runtime::Handle;
use tokio::task;

use lane::{Lane, Turn, Work, contained};
use pause::{behind_all_others, behind_others_once};
use process::Process;

/// Runs private-key work on a tokio runtime, so that no other task waits for more than one operation.
///
/// On a runtime of several worker threads an operation runs in place while a worker is left over for the other
/// tasks: on at most one worker fewer than there are workers, or cores. It goes after every task that is ready,
/// unless the operation before it was of the same task, in an earlier poll. All further operations wait in a queue,
/// in order of arrival, which a blocking thread of the runtime empties. A runtime of one thread runs nothing in
/// place; its blocking threads leave one core free, where there are two.
///
/// All of these share one limit for what is handed over in a process: its blocking threads run at most one
/// operation fewer at a time than there are cores, but one at least. Each runtime has its turn. What runs in place is
/// limited by runtime. After a `fork`, the child process has a limit of its own.
///
/// A panic in the work is an error for its caller alone.
///
/// # What it doesn't do
///
/// Work must not wait for other work of this kind: with one place left, it would wait for itself. And a worker
/// thread must not be blocked by another executor, such as by `pollster::block_on` outside of `block_in_place`: as
/// with any task that yields, nothing wakes it there. Within tokio's `unconstrained`, which frees a task from
/// letting others run, the operations of one poll may follow each other.
///
/// ```
/// use payment_credentials_core::seam::offload;
/// use payment_credentials_hyper::TokioOffload;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// assert_eq!(offload(&TokioOffload::default(), || 6 * 7).await?, 42);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct TokioOffload {
    process: Arc<Process>,
}

impl Default for TokioOffload {
    fn default() -> Self {
        let process = Arc::clone(Process::shared());
        Self { process }
    }
}

#[async_trait]
impl Offload for TokioOffload {
    async fn run(&self, work: Work) -> Result<(), OffloadError> {
        let runtime = Handle::try_current().map_err(|_none| OffloadError)?;
        let lane = self.process.lane_of(&runtime);
        match lane.turn(task::try_id()) {
            Some(turn) => in_place(turn, work, &runtime).await,
            None => hand_over(&lane, work, &runtime).await,
        }
    }
}

/// Runs one operation in place: this one, or the one that has waited the longest.
async fn in_place(turn: Turn, work: Work, runtime: &Handle) -> Result<(), OffloadError> {
    // The turn is taken before the others run, so that one operation at most stands among them.
    if turn.lane().is_queue_empty() {
        if turn.is_next_of_one_task() {
            behind_others_once().await;
        } else {
            behind_all_others().await;
        }
        return contained(work).then_some(()).ok_or(OffloadError);
    }
    let lane = Arc::clone(turn.lane());
    let done = lane.enqueue(work);
    behind_all_others().await;
    if let Some(job) = lane.next() {
        job.run();
    }
    drop(turn);
    // If that was another's operation, a thread may have to run this one.
    lane.start_thread(runtime);
    done.await.map_err(|_dropped| OffloadError)
}

async fn hand_over(lane: &Arc<Lane>, work: Work, runtime: &Handle) -> Result<(), OffloadError> {
    let done = lane.enqueue(work);
    lane.start_thread(runtime);
    done.await.map_err(|_dropped| OffloadError)
}
