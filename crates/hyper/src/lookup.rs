//! Looks names up, on threads of its own.
//!
//! The system's resolver can block for any time. If it ran on the runtime's blocking threads, a few names
//! whose servers don't respond would delay signing and opening, which run there too.

use std::collections::{HashMap, VecDeque};
use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::process;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use tokio::sync::oneshot;

/// The most names that are looked up at the same time. A resolver that hangs blocks one thread per name.
const MOST_THREADS: usize = 8;

static LOOKUPS: Lookups = Lookups {
    names: Mutex::new(None),
};

/// The addresses of a name, with port 0.
///
/// If the name is being looked up already, this waits for the same look-up and shares its result. Dropping
/// this future doesn't stop the look-up, which ends by itself.
pub(crate) async fn addresses(name: &str) -> io::Result<Vec<SocketAddr>> {
    let found = LOOKUPS.join(name, system)?;
    found
        .await
        .unwrap_or_else(|_gone| Err(failed(Failed::Gone)))
}

type Found = io::Result<Vec<SocketAddr>>;

/// How a name is resolved.
type Resolve = fn(&str) -> Found;

fn system(name: &str) -> Found {
    Ok((name, 0).to_socket_addrs()?.collect())
}

/// The names that are being looked up.
struct Lookups {
    names: Mutex<Option<Names>>,
}

struct Names {
    /// The process that has the threads: after a fork, the child process has none of them.
    process: u32,
    waiting: HashMap<Arc<str>, Vec<oneshot::Sender<Found>>>,
    /// The names that no thread has begun to look up.
    queue: VecDeque<Arc<str>>,
    threads: usize,
}

impl Names {
    fn of_this_process() -> Self {
        Self {
            process: process::id(),
            waiting: HashMap::new(),
            queue: VecDeque::new(),
            threads: 0,
        }
    }
}

impl Lookups {
    /// Joins the callers that wait for a name, or queues the name if nobody waits for it.
    fn join(&'static self, name: &str, resolve: Resolve) -> io::Result<oneshot::Receiver<Found>> {
        let (caller, found) = oneshot::channel();
        let mut guard = self.lock();
        if guard
            .as_ref()
            .is_some_and(|names| names.process != process::id())
        {
            *guard = None;
        }
        let names = guard.get_or_insert_with(Names::of_this_process);
        if let Some(callers) = names.waiting.get_mut(name) {
            callers.retain(|caller| !caller.is_closed());
            callers.push(caller);
            return Ok(found);
        }
        if names.threads < MOST_THREADS {
            let thread = thread::Builder::new().name("payment-names".to_owned());
            let spawned = thread.spawn(move || self.work(resolve));
            if names.threads == 0 {
                spawned?;
                names.threads = 1;
            } else if spawned.is_ok() {
                names.threads += 1;
            }
        }
        let name: Arc<str> = name.into();
        names.waiting.insert(Arc::clone(&name), vec![caller]);
        names.queue.push_back(name);
        Ok(found)
    }

    /// Looks up one name after another until none is left.
    fn work(&self, resolve: Resolve) {
        while let Some(name) = self.next() {
            let found = resolve(&name);
            let callers = {
                let mut names = self.lock();
                names.as_mut().and_then(|names| names.waiting.remove(&name))
            };
            tell(callers.unwrap_or_default(), found);
        }
    }

    /// The next name that a caller still waits for.
    fn next(&self) -> Option<Arc<str>> {
        let mut guard = self.lock();
        let names = guard.as_mut()?;
        while let Some(name) = names.queue.pop_front() {
            let callers = names.waiting.get(&name);
            if callers.is_some_and(|callers| callers.iter().any(|caller| !caller.is_closed())) {
                return Some(name);
            }
            names.waiting.remove(&name);
        }
        names.threads = names.threads.saturating_sub(1);
        None
    }

    fn lock(&self) -> MutexGuard<'_, Option<Names>> {
        self.names.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn tell(callers: Vec<oneshot::Sender<Found>>, found: Found) {
    let found = found.map_err(Arc::new);
    for caller in callers {
        let own = match &found {
            Ok(addresses) => Ok(addresses.clone()),
            Err(error) => Err(io::Error::new(
                error.kind(),
                Failed::Resolver(Arc::clone(error)),
            )),
        };
        // This fails if the caller has given up, which doesn't matter.
        let _ = caller.send(own);
    }
}

/// Why a name has no addresses.
#[derive(Debug, thiserror::Error)]
enum Failed {
    #[error("the look-up of the host name ended without a result")]
    Gone,
    #[error("the host name can't be resolved")]
    Resolver(#[source] Arc<io::Error>),
}

fn failed(failed: Failed) -> io::Error {
    io::Error::other(failed)
}

#[cfg(test)]
mod tests {
    use std::sync::Condvar;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    /// A resolver that counts its lookups and blocks each of them until the test releases it.
    struct Resolver {
        asked: AtomicUsize,
        answers: Mutex<bool>,
        reported: Condvar,
    }

    impl Resolver {
        const fn silent() -> Self {
            Self {
                asked: AtomicUsize::new(0),
                answers: Mutex::new(false),
                reported: Condvar::new(),
            }
        }

        fn resolve(&self) -> Vec<SocketAddr> {
            self.asked.fetch_add(1, Ordering::SeqCst);
            let mut answers = self.answers.lock().expect("unpoisoned");
            while !*answers {
                answers = self.reported.wait(answers).expect("unpoisoned");
            }
            vec![([192, 0, 2, 1], 0).into()]
        }

        fn answer(&self) {
            *self.answers.lock().expect("unpoisoned") = true;
            self.reported.notify_all();
        }
    }

    /// Each lookup has a thread, up to the limit. All callers that look up the same name share one
    /// lookup.
    #[test]
    fn callers_of_a_name_share_one_look_up_and_threads_are_few() {
        static RESOLVER: Resolver = Resolver::silent();
        static NAMES: Lookups = Lookups {
            names: Mutex::new(None),
        };
        let resolve: Resolve = |_| Ok(RESOLVER.resolve());
        let mut callers = Vec::new();
        for nth in 0..3 * MOST_THREADS {
            for _ in 0..10 {
                callers.push(
                    NAMES
                        .join(&format!("{nth}.example"), resolve)
                        .expect("begun"),
                );
            }
        }
        // All callers of this name give up before the lookup begins.
        drop(NAMES.join("left.example", resolve).expect("begun"));
        while RESOLVER.asked.load(Ordering::SeqCst) < MOST_THREADS {
            thread::yield_now();
        }
        assert_eq!(NAMES.lock().as_ref().expect("names").threads, MOST_THREADS);
        RESOLVER.answer();
        for caller in callers {
            let found = caller.blocking_recv().expect("told").expect("found");
            assert_eq!(found, [([192, 0, 2, 1], 0).into()]);
        }
        assert_eq!(RESOLVER.asked.load(Ordering::SeqCst), 3 * MOST_THREADS);
        // The lookup threads end by themselves.
        while NAMES.lock().as_ref().expect("names").threads > 0 {
            thread::yield_now();
        }
    }

    #[test]
    fn each_caller_is_told_why_a_name_has_no_address() {
        static NAMES: Lookups = Lookups {
            names: Mutex::new(None),
        };
        let refuse: Resolve = |_| Err(io::Error::new(io::ErrorKind::NotFound, "no such name"));
        let found = NAMES.join("a.example", refuse).expect("begun");
        let error = found.blocking_recv().expect("told").expect_err("none");
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
        assert_eq!(error.to_string(), "the host name can't be resolved");
    }
}
