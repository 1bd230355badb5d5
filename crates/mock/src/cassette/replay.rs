use std::fmt::{self, Write as _};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use async_trait::async_trait;
use payment_credentials_core::{
    CredentialsOpener, CredentialsRequest, PaymentCredentials, PaymentCredentialsPort, PortError,
    SealedContent, SealedCredentials, TokenId,
};

use crate::fixtures::ours;

use super::aliases::Aliases;
use super::entry::{Entry, Lines, Opening, Outcome, compare_calls, in_words, nearest};
use super::error::{CassetteError, CassetteErrorKind};
use super::format::Tape;
use super::observed::call_lines;
use super::stand_in::{self, Place};

/// A port and an opener that play what was recorded, without a network and without keys.
///
/// Clones share the cassette: give one as the port and another as the opener. A call without an entry panics, and the
/// message compares it with the nearest one. An entry that no call used fails the test when the last clone is dropped,
/// unless [`allow_unused`](Self::allow_unused) was called or the test fails already.
#[derive(Clone)]
pub struct Replay(Arc<Shared>);

struct Shared {
    number: u64,
    path: String,
    version: &'static str,
    aliases: Aliases,
    left_out: Option<usize>,
    state: Mutex<State>,
}

struct State {
    entries: Vec<Recorded>,
    plays: Vec<Play>,
    missed: Vec<Lines>,
    /// Entries that are left are no failure, or were reported already.
    may_be_left: bool,
}

struct Recorded {
    entry: Entry,
    /// The how-many-th of its alias.
    nth: usize,
    is_used: bool,
}

/// A response that was played.
struct Play {
    entry: usize,
    token_id: TokenId,
    openings: usize,
}

/// Counts the replays of this process, so that one doesn't open the responses of another.
static NUMBER: AtomicU64 = AtomicU64::new(0);

impl Replay {
    pub(super) fn new(path: &Path, version: &'static str, aliases: Aliases, tape: Tape) -> Self {
        let mut entries: Vec<Recorded> = Vec::new();
        for entry in tape.entries {
            let alias = entry.call.get("card");
            let same = entries
                .iter()
                .filter(|it| it.entry.call.get("card") == alias);
            let nth = same.count();
            entries.push(Recorded {
                entry,
                nth,
                is_used: false,
            });
        }
        Self(Arc::new(Shared {
            number: NUMBER.fetch_add(1, Ordering::Relaxed),
            path: path.display().to_string(),
            version,
            aliases,
            left_out: tape.left_out,
            state: Mutex::new(State {
                entries,
                plays: Vec::new(),
                missed: Vec::new(),
                may_be_left: false,
            }),
        }))
    }

    /// Entries may be left when the replay is dropped.
    pub fn allow_unused(&self) {
        self.0.state().may_be_left = true;
    }

    /// Checks that every entry was used and every call had one.
    ///
    /// Entries that are left also fail the test when the last clone is dropped. A call without an entry panics by itself,
    /// but code that makes calls in a task may lose that panic.
    ///
    /// # Errors
    ///
    /// [`CassetteError`] that compares each entry that is left with the nearest call that had none.
    pub fn finish(&self) -> Result<(), CassetteError> {
        let mut state = self.0.state();
        let unmatched = self.0.unmatched(&state);
        state.may_be_left |= unmatched.is_some();
        match unmatched {
            None => Ok(()),
            Some(text) => Err(CassetteError::new(CassetteErrorKind::Unmatched, text)),
        }
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Plays the first entry of this call that is left.
    fn play(
        &self,
        request: &CredentialsRequest,
    ) -> Result<Result<SealedCredentials, PortError>, String> {
        let path = &self.path;
        let lines = call_lines(request, &self.aliases, self.version)
            .map_err(|why| format!("Replay of {path}: {why}"))?;
        let mut state = self.state();
        let State {
            entries,
            plays,
            missed,
            ..
        } = &mut *state;
        let mut recorded = entries.iter_mut().enumerate();
        let Some((at, found)) = recorded.find(|(_, it)| !it.is_used && it.entry.call == lines)
        else {
            let text = self.miss(entries, &lines);
            missed.push(lines);
            return Err(text);
        };
        found.is_used = true;
        let place = place(found);
        match &found.entry.outcome {
            Outcome::Failed(error) => Ok(Err(error_of(error, place))),
            Outcome::Sealed { head, .. } => {
                let head = stand_in::head(head, place);
                let jwe = format!("replayed.{}.{}.a.b", self.number, plays.len());
                plays.push(Play {
                    entry: at,
                    token_id: request.token_id().clone(),
                    openings: 0,
                });
                let head = head.ok_or_else(|| format!("Replay of {path}: {UNKNOWN}"))?;
                Ok(Ok(SealedCredentials::new(ours(jwe.parse()), head)))
            }
        }
    }

    fn miss(&self, entries: &[Recorded], lines: &Lines) -> String {
        let mut text = format!(
            "Replay of {}: nothing is left that was recorded of {}",
            self.path,
            in_words(lines)
        );
        let calls = |is_used: bool| {
            let all = entries.iter().enumerate();
            let those = all.filter(move |(_, it)| it.is_used == is_used);
            nearest(those.map(|(at, it)| (at, &it.entry.call)), lines)
        };
        let near = calls(false)
            .or_else(|| calls(true))
            .and_then(|at| entries.get(at));
        match near {
            Some(near) => {
                let used = if near.is_used {
                    ", which was used already"
                } else {
                    ""
                };
                let compared = compare_calls(&near.entry.call, lines);
                let _ = write!(text, "; the nearest entry{used}:{compared}");
            }
            None => text += "; the cassette has no entry",
        }
        if let Some(calls) = self.left_out.filter(|calls| *calls > 0) {
            let _ = write!(
                text,
                "\nthe recorder had no opener, so it left out the calls that succeeded ({calls}); record with an opener"
            );
        }
        text + "\nif the call is right, record the cassette again"
    }

    fn open(
        &self,
        sealed: &SealedCredentials,
    ) -> Result<Result<PaymentCredentials, PortError>, String> {
        let path = &self.path;
        let mut state = self.state();
        let State { entries, plays, .. } = &mut *state;
        let play = self
            .number_of(sealed)
            .and_then(|number| plays.get_mut(number));
        let Some(play) = play else {
            return Err(format!(
                "Replay of {path}: this response is not one of the replay's; use one replay as the port and as the opener"
            ));
        };
        let Some(recorded) = entries.get(play.entry) else {
            return Err(format!("Replay of {path}: {UNKNOWN}"));
        };
        let place = place(recorded);
        let openings = match &recorded.entry.outcome {
            Outcome::Sealed { openings, .. } => openings.as_slice(),
            Outcome::Failed(_) => &[],
        };
        let opening = openings.get(play.openings);
        play.openings += 1;
        match opening {
            Some(Opening::NotOpened(error)) => {
                Ok(Err(error_of(error, place).with_head(sealed.head().clone())))
            }
            Some(Opening::Opened(lines)) => stand_in::credentials(lines, place, &play.token_id)
                .map(Ok)
                .ok_or_else(|| format!("Replay of {path}: {UNKNOWN}")),
            None => Err(format!(
                "Replay of {path}: the response to {} is opened once more than when it was recorded (recorded openings: {}); \
                 if that is right, record the cassette again",
                recorded.entry.in_words(),
                openings.len(),
            )),
        }
    }

    /// The number of the play that the stand-in for a JWE names.
    fn number_of(&self, sealed: &SealedCredentials) -> Option<usize> {
        let SealedContent::Jwe(jwe) = sealed.content() else {
            return None;
        };
        let ["replayed", replay, play, "a", "b"] = jwe.parts() else {
            return None;
        };
        (replay == self.number.to_string()).then(|| play.parse().ok())?
    }

    /// What is said of entries that are left and of calls that had none.
    fn unmatched(&self, state: &State) -> Option<String> {
        let left = state
            .entries
            .iter()
            .filter(|it| !it.is_used)
            .collect::<Vec<_>>();
        if left.is_empty() && state.missed.is_empty() {
            return None;
        }
        let mut text = format!(
            "Replay of {}: entries that no call used: {}; calls without an entry: {}",
            self.path,
            left.len(),
            state.missed.len()
        );
        for unused in left {
            let call = &unused.entry.call;
            let _ = write!(text, "\nnot used: {}", in_words(call));
            let missed = nearest(state.missed.iter().enumerate(), call);
            if let Some(missed) = missed.and_then(|at| state.missed.get(at)) {
                let _ = write!(
                    text,
                    "; the nearest call without an entry:{}",
                    compare_calls(call, missed)
                );
            }
        }
        Some(text + "\nif the code under test is right, record the cassette again")
    }
}

const UNKNOWN: &str = "an entry that can't be played; record the cassette again";

fn place(recorded: &Recorded) -> Place<'_> {
    Place {
        alias: recorded.entry.call.get("card").unwrap_or_default(),
        nth: recorded.nth,
    }
}

/// The parser has checked each word.
fn error_of(lines: &Lines, place: Place<'_>) -> PortError {
    stand_in::error(lines, place).unwrap_or_else(|| PortError::setup(UNKNOWN))
}

#[async_trait]
impl PaymentCredentialsPort for Replay {
    /// # Panics
    ///
    /// If nothing is left that was recorded of such a call.
    #[expect(clippy::panic, reason = "a replay never invents a result")]
    async fn generate(&self, request: &CredentialsRequest) -> Result<SealedCredentials, PortError> {
        let played = self.0.play(request);
        played.unwrap_or_else(|miss| panic!("{miss}"))
    }
}

#[async_trait]
impl CredentialsOpener for Replay {
    /// # Panics
    ///
    /// If the response isn't one of this replay, or was opened less often when it was recorded.
    #[expect(clippy::panic, reason = "a replay never invents a result")]
    async fn open(&self, sealed: &SealedCredentials) -> Result<PaymentCredentials, PortError> {
        let opened = self.0.open(sealed);
        opened.unwrap_or_else(|miss| panic!("{miss}"))
    }
}

impl Drop for Shared {
    /// Fails the test if entries are left: the last clone is gone, so no call can use them.
    #[expect(clippy::panic, reason = "it is how a test fails")]
    fn drop(&mut self) {
        if thread::panicking() {
            return;
        }
        let unmatched = {
            let state = self.state();
            (!state.may_be_left && state.entries.iter().any(|it| !it.is_used))
                .then(|| self.unmatched(&state))
                .flatten()
        };
        if let Some(text) = unmatched {
            panic!("{text}\n(if that is right, call `allow_unused` on the replay)");
        }
    }
}

/// Shows the path and how many entries are left.
impl fmt::Debug for Replay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let left = self
            .0
            .state()
            .entries
            .iter()
            .filter(|it| !it.is_used)
            .count();
        f.debug_struct("Replay")
            .field("path", &self.0.path)
            .field("entries_left", &left)
            .finish_non_exhaustive()
    }
}
