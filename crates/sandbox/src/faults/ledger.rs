//! Which rules there are, how often each was applied, and to what.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::rule::{FaultRule, FaultRuleError, Match};
use super::{file, format};

/// Faults that are remembered; older ones go.
pub(super) const REMEMBERED: usize = 16 * 1024;

/// The faults of one sandbox; clones are the same.
#[derive(Clone, Debug, Default)]
pub struct Faults(Arc<Mutex<Ledger>>);

#[derive(Debug, Default)]
struct Ledger {
    /// The sandbox's own, for token ids of its vault. Neither counted nor cleared nor logged.
    own: Vec<FaultRule>,
    rules: Vec<Pending>,
    requests: u64,
    log: VecDeque<InjectedFault>,
}

#[derive(Debug)]
struct Pending {
    rule: FaultRule,
    applied: u32,
}

/// A fault that was applied.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct InjectedFault {
    connection: u64,
    request: Option<u64>,
    rule: FaultRule,
}

impl InjectedFault {
    /// On which connection, counted from 1.
    #[must_use]
    pub const fn connection(&self) -> u64 {
        self.connection
    }

    /// On which request, counted from 1; `None` if it hit the connection.
    #[must_use]
    pub const fn request(&self) -> Option<u64> {
        self.request
    }

    /// The rule that does this and nothing else.
    #[must_use]
    pub const fn rule(&self) -> &FaultRule {
        &self.rule
    }
}

impl Faults {
    /// The faults of a sandbox that has rules of its own.
    pub(crate) fn with_own(own: Vec<FaultRule>) -> Self {
        let ledger = Ledger {
            own,
            ..Ledger::default()
        };
        Self(Arc::new(Mutex::new(ledger)))
    }

    /// Adds a rule behind those that there are.
    ///
    /// # Errors
    ///
    /// [`FaultRuleError`] if its phase has no such fault, or if it is too much of one.
    pub fn add(&self, rule: FaultRule) -> Result<(), FaultRuleError> {
        self.add_all(vec![rule])
    }

    /// Adds rules that are written as a JSON list, all of them or none.
    ///
    /// Each is an object with `phase` and `fault`, written as above, and if need be `on` (`"any"`, or
    /// one of `{"connection": 3}`, `{"request": 2}`, `{"token_id": "…"}`), `times` and `seed`.
    ///
    /// # Errors
    ///
    /// [`FaultRuleError`] with the number of the first rule that is misspelt or can't be.
    pub fn add_json(&self, text: &str) -> Result<(), FaultRuleError> {
        self.add_all(format::read(text)?)
    }

    /// Adds the rules of a file that holds what [`add_json`](Self::add_json) takes, all of them or
    /// none.
    ///
    /// # Errors
    ///
    /// [`FaultRuleError`] with the file's path, if it can't be read, is longer than 4 MiB, or has a rule
    /// that `add_json` would refuse.
    pub fn add_json_file(&self, path: impl AsRef<Path>) -> Result<(), FaultRuleError> {
        let path = path.as_ref();
        let text = file::read(path).map_err(|(what, cause)| FaultRuleError::Unreadable {
            path: path.to_owned(),
            what,
            cause,
        })?;
        self.add_json(&text)
            .map_err(|problem| FaultRuleError::InFile {
                path: path.to_owned(),
                problem: Box::new(problem),
            })
    }

    /// Removes all rules; what was applied stays in the log.
    pub fn clear(&self) {
        self.lock().rules.clear();
    }

    /// What was done so far, oldest first: the last 16 384.
    #[must_use]
    pub fn log(&self) -> Vec<InjectedFault> {
        self.lock().log.iter().cloned().collect()
    }

    /// The log as rules for [`add_json`](Self::add_json).
    #[must_use]
    pub fn log_json(&self) -> String {
        format::write(self.lock().log.iter().map(InjectedFault::rule))
    }

    fn add_all(&self, rules: Vec<FaultRule>) -> Result<(), FaultRuleError> {
        if let Some(rule) = rules.iter().find(|rule| !rule.fault.occurs_in(rule.phase)) {
            let (fault, phase) = (rule.fault, rule.phase);
            return Err(FaultRuleError::Nowhere { fault, phase });
        }
        if let Some(rule) = rules.iter().find(|rule| !rule.fault.is_bearable()) {
            return Err(FaultRuleError::TooMuch { fault: rule.fault });
        }
        let pending = rules.into_iter().map(|rule| Pending { rule, applied: 0 });
        self.lock().rules.extend(pending);
        Ok(())
    }

    /// A connection was accepted; returns what breaks it before its first request.
    pub(super) fn connection(&self, connection: u64) -> Option<FaultRule> {
        self.lock().apply(connection, None, |rule| {
            rule.is_about_connecting() && rule.fits(connection, None, None)
        })
    }

    /// A request begins; returns what breaks it or its response.
    pub(super) fn request(&self, connection: u64, token_id: Option<&str>) -> Option<FaultRule> {
        let mut ledger = self.lock();
        ledger.requests += 1;
        let request = Some(ledger.requests);
        ledger.apply(connection, request, |rule| {
            !rule.is_about_connecting() && rule.fits(connection, request, token_id)
        })
    }

    /// The sandbox's own rule for a token id.
    pub(super) fn own(&self, token_id: &str) -> Option<FaultRule> {
        let ledger = self.lock();
        let mut own = ledger.own.iter();
        own.find(|rule| rule.fits(0, None, Some(token_id))).cloned()
    }

    fn lock(&self) -> MutexGuard<'_, Ledger> {
        // Nothing panics while it is held.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ledger {
    fn apply(
        &mut self,
        connection: u64,
        request: Option<u64>,
        fits: impl Fn(&FaultRule) -> bool,
    ) -> Option<FaultRule> {
        let mut pending = self.rules.iter_mut();
        let pending =
            pending.find(|pending| pending.applied < pending.rule.times && fits(&pending.rule))?;
        let seed = pending.rule.seed.wrapping_add(u64::from(pending.applied));
        pending.applied += 1;
        let rule = FaultRule {
            on: request.map_or(Match::Connection(connection), Match::Request),
            times: 1,
            seed,
            ..pending.rule.clone()
        };
        if self.log.len() >= REMEMBERED {
            self.log.pop_front();
        }
        self.log.push_back(InjectedFault {
            connection,
            request,
            rule: rule.clone(),
        });
        Some(rule)
    }
}
