//! What a recorder notes while calls run.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use payment_credentials_core::{
    CredentialsRequest, PaymentCredentials, PortError, SealedContent, SealedCredentials, TokenId,
};
use zeroize::Zeroizing;

use super::aliases::Aliases;
use super::canonical;
use super::entry::{Entry, Lines, Opening, Outcome};
use super::error::{CassetteError, CassetteErrorKind};
use super::format::Tape;
use super::seen::Seen;
use super::shape;

/// The calls so far, of several tasks.
#[derive(Default)]
pub(super) struct Observed(Mutex<State>);

#[derive(Default)]
struct State {
    /// In the order in which the calls began.
    calls: Vec<Call>,
    seen: Seen,
    refused: Option<String>,
}

struct Call {
    lines: Lines,
    token_id: TokenId,
    /// To find the call of a response that is opened.
    content: Option<Zeroizing<Vec<u8>>>,
    outcome: Option<Outcome>,
}

/// The lines that a call is found by: of a request for this version of the API.
pub(super) fn call_lines(
    request: &CredentialsRequest,
    aliases: &Aliases,
    version: &str,
) -> Result<Lines, String> {
    let (card, profile) = aliases.of(request)?;
    let mut lines = Lines::default();
    lines.add("card", card);
    if let Some(profile) = profile {
        lines.add("profile", profile);
    }
    lines.add("version", version);
    canonical::add_members(&mut lines, request);
    Ok(lines)
}

fn content(sealed: &SealedCredentials) -> Zeroizing<Vec<u8>> {
    let bytes = match sealed.content() {
        SealedContent::Jwe(jwe) => jwe.as_str().as_bytes(),
        SealedContent::Plaintext(plaintext) => plaintext,
        _ => &[],
    };
    Zeroizing::new(bytes.to_vec())
}

impl Observed {
    /// Notes that a call begins; returns its number, or why it must not be made.
    pub(super) fn begin(
        &self,
        request: &CredentialsRequest,
        aliases: &Aliases,
        version: &str,
    ) -> Result<usize, String> {
        let mut state = self.state();
        let lines = call_lines(request, aliases, version).inspect_err(|why| state.refuse(why))?;
        state.seen.request(request);
        state.calls.push(Call {
            lines,
            token_id: request.token_id().clone(),
            content: None,
            outcome: None,
        });
        Ok(state.calls.len() - 1)
    }

    /// Notes what came of a call.
    pub(super) fn end(&self, number: usize, result: &Result<SealedCredentials, PortError>) {
        let mut state = self.state();
        let (outcome, content) = match result {
            Ok(sealed) => {
                state.seen.sealed(sealed);
                let head = shape::of_head(sealed.head());
                let openings = Vec::new();
                (Outcome::Sealed { head, openings }, Some(content(sealed)))
            }
            Err(error) => {
                state.seen.error(error);
                (Outcome::Failed(shape::of_error(error)), None)
            }
        };
        if let Some(call) = state.calls.get_mut(number) {
            call.outcome = Some(outcome);
            call.content = content;
        }
    }

    /// Notes what came of an opening.
    pub(super) fn opened(
        &self,
        sealed: &SealedCredentials,
        result: &Result<PaymentCredentials, PortError>,
    ) {
        let mut state = self.state();
        match result {
            Ok(credentials) => state.seen.credentials(credentials),
            Err(error) => state.seen.error(error),
        }
        let content = content(sealed);
        let is_it = |call: &&mut Call| call.content.as_ref() == Some(&content);
        let opened = state.calls.iter_mut().rev().find(is_it).and_then(|call| {
            let opening = match result {
                Ok(credentials) => {
                    Opening::Opened(shape::of_credentials(credentials, &call.token_id))
                }
                Err(error) => Opening::NotOpened(shape::of_error(error)),
            };
            match &mut call.outcome {
                Some(Outcome::Sealed { openings, .. }) => {
                    openings.push(opening);
                    Some(())
                }
                Some(Outcome::Failed(_)) | None => None,
            }
        });
        if opened.is_none() {
            state.refuse(
                "a response was opened that no call of this recorder returned; use one recorder as the port and as \
                 the opener",
            );
        }
    }

    /// The entries, sorted, unless the recording was refused. Without an opener the calls that succeeded are left out,
    /// since nothing is known of their credentials.
    pub(super) fn tape(&self, has_opener: bool) -> Result<Tape, CassetteError> {
        let state = self.state();
        if let Some(why) = &state.refused {
            let text = format!("nothing was written: {why}");
            return Err(CassetteError::new(CassetteErrorKind::Refused, text));
        }
        let mut tape = Tape {
            left_out: (!has_opener).then_some(0),
            ..Tape::default()
        };
        for call in &state.calls {
            match (&call.outcome, &mut tape.left_out) {
                // The call was dropped before it ended: there is nothing to replay.
                (None, _) => {}
                (Some(Outcome::Sealed { .. }), Some(left_out)) => *left_out += 1,
                (Some(outcome), _) => tape.entries.push(Entry {
                    call: call.lines.clone(),
                    outcome: outcome.clone(),
                }),
            }
        }
        tape.sort();
        Ok(tape)
    }

    /// Runs a search over everything that was seen.
    pub(super) fn search<T>(&self, search: impl FnOnce(&Seen) -> T) -> T {
        search(&self.state().seen)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Refuses the recording; the first reason counts.
    fn refuse(&mut self, why: &str) {
        self.refused.get_or_insert_with(|| why.to_owned());
    }
}

impl fmt::Debug for Observed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let calls = self.state().calls.len();
        f.debug_struct("Observed")
            .field("calls", &calls)
            .finish_non_exhaustive()
    }
}
