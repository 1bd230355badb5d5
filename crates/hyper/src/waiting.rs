//! The wait of a call that found no kept connection. It dials one, and meanwhile waits for one that another
//! call returns; the first wins.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use payment_credentials_core::seam::Attempt;
use payment_credentials_core::{Phase, TransportError};
use tokio::runtime::Handle;

use crate::connection::Connection;
use crate::orphan::{Dialling, Orphan};
use crate::shelf::{Given, Shelf, Ticket};

/// A connection being made.
pub(crate) struct Dial {
    work: Dialling,
    /// The phase of the dial. It isn't the call's own, since the dial may go on after the call's wait.
    stage: Attempt,
}

impl Dial {
    /// Waits for a turn, and then makes a connection. The limits for connecting begin with the turn.
    pub(crate) fn new<Made>(shelf: &Shelf, make: impl FnOnce(Attempt) -> Made) -> Self
    where
        Made: Future<Output = Result<Box<Connection>, TransportError>> + Send + 'static,
    {
        let stage = Attempt::default();
        let (turns, work) = (Arc::clone(&shelf.turns), make(stage.clone()));
        let work = Box::pin(async move {
            // The semaphore is never closed. Even if it were, the dial would not have to fail.
            let _turn = turns.acquire_owned().await;
            work.await
        });
        Self { work, stage }
    }

    /// Drives the dial, and records its phase in the call.
    fn poll(
        &mut self,
        cx: &mut Context<'_>,
        call: &Attempt,
    ) -> Poll<Result<Box<Connection>, TransportError>> {
        let made = self.work.as_mut().poll(cx);
        if self.has_begun() {
            call.reached(self.stage.phase());
        }
        made
    }

    /// Makes the connection, without a call that waits in the queue.
    pub(crate) async fn made(mut self, call: &Attempt) -> Result<Box<Connection>, TransportError> {
        poll_fn(|cx| self.poll(cx, call)).await
    }

    fn has_begun(&self) -> bool {
        self.stage.phase() > Phase::Start
    }

    /// Lets the dial go on in a task, without its call. Its connection goes to a waiting call, or is kept.
    fn go_on(self, keeper: &Arc<Shelf>, runtime: &Handle) -> Orphan {
        let (keep, back) = (Arc::clone(keeper), runtime.clone());
        Orphan::spawn(self.work, runtime, move |connection| {
            keep.put(connection, &back);
        })
    }
}

/// A call's wait for a connection.
///
/// Dropping this leaves the queue. A connection that was given to it goes to the next call. Its dial goes on
/// while other calls wait, and is dropped if none do.
pub(crate) struct Waiting {
    shelf: Arc<Shelf>,
    runtime: Handle,
    ticket: Ticket,
    /// `None` once the shelf is closed.
    given: Option<Given>,
    dial: Option<Dial>,
}

/// The connection that ended a call's wait.
pub(crate) enum Got {
    /// A connection that another call has returned, and the call's own dial.
    Back(Box<Connection>, Beside),
    /// A connection that no call has used.
    Fresh(Box<Connection>),
}

impl Waiting {
    pub(crate) fn new(shelf: Arc<Shelf>, runtime: Handle, dial: Dial) -> Self {
        let (ticket, given) = shelf.wait(None);
        Self {
            shelf,
            runtime,
            ticket,
            given: Some(given),
            dial: Some(dial),
        }
    }

    /// Waits for a returned connection that passes the check, or for the call's own; the first wins.
    pub(crate) async fn connection(
        mut self,
        call: &Attempt,
        passes: impl Fn(&Connection) -> bool + Send + Sync,
    ) -> Result<Got, TransportError> {
        poll_fn(|cx| {
            while let Poll::Ready(connection) = self.poll_given(cx) {
                if passes(&connection) {
                    let beside = self.beside();
                    return Poll::Ready(Ok(Got::Back(connection, beside)));
                }
                // The call keeps its place in the queue.
                let (_, given) = self.shelf.wait(Some(self.ticket));
                self.given = Some(given);
            }
            let Some(dial) = &mut self.dial else {
                return Poll::Pending;
            };
            let made = dial.poll(cx, call);
            if made.is_ready() {
                self.dial = None;
            }
            made.map(|made| made.map(Got::Fresh))
        })
        .await
    }

    fn poll_given(&mut self, cx: &mut Context<'_>) -> Poll<Box<Connection>> {
        let Some(given) = &mut self.given else {
            return Poll::Pending;
        };
        match Pin::new(given).poll(cx) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(connection) => {
                self.given = None;
                connection.map_or(Poll::Pending, Poll::Ready)
            }
        }
    }

    /// Lets the call's own dial go on while the call uses another connection.
    fn beside(&mut self) -> Beside {
        let begun = self.dial.take().filter(Dial::has_begun);
        Beside {
            dial: begun.map(|dial| dial.go_on(&self.shelf, &self.runtime)),
            shelf: Arc::clone(&self.shelf),
        }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let others_wait = self.shelf.leave(self.ticket);
        if let Some(mut given) = self.given.take()
            && let Ok(connection) = given.try_recv()
        {
            self.shelf.put(connection, &self.runtime);
        }
        if let Some(dial) = self.dial.take()
            && others_wait
            && dial.has_begun()
        {
            self.shelf.adopt(dial.go_on(&self.shelf, &self.runtime));
        }
    }
}

/// A dial that goes on while its call uses another connection, and after that while other calls wait.
pub(crate) struct Beside {
    dial: Option<Orphan>,
    shelf: Arc<Shelf>,
}

impl Drop for Beside {
    fn drop(&mut self) {
        if let Some(dial) = self.dial.take() {
            self.shelf.adopt(dial);
        }
    }
}
