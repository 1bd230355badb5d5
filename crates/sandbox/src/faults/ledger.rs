//! The rules of a sandbox, how often each was applied, and the log.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::rule::{FaultRule, FaultRuleError, Match};
use super::{file, format};

/// Faults that the log holds; older ones are dropped.
pub(super) const REMEMBERED: usize = 16 * 1024;

/// The fault rules of one sandbox; clones share them.
#[derive(Clone, Debug, Default)]
pub struct Faults(Arc<Mutex<Ledger>>);

#[derive(Debug, Default)]
struct Ledger {
    /// The sandbox's own rules for token ids of its vault. They are neither counted, cleared nor logged.
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
    /// The number of the connection, counted from 1.
    #[must_use]
    pub const fn connection(&self) -> u64 {
        self.connection
    }

    /// The number of the request, counted from 1; `None` if the fault broke the connection.
    #[must_use]
    pub const fn request(&self) -> Option<u64> {
        self.request
    }

    /// A rule that applies this fault once, to this connection or request.
    #[must_use]
    pub const fn rule(&self) -> &FaultRule {
        &self.rule
    }
}

impl Faults {
    /// An empty list of rules beside the sandbox's own.
    pub(crate) fn with_own(own: Vec<FaultRule>) -> Self {
        let ledger = Ledger {
            own,
            ..Ledger::default()
        };
        Self(Arc::new(Mutex::new(ledger)))
    }

    /// Adds a rule after the existing ones.
    ///
    /// # Errors
    ///
    /// [`FaultRuleError`] if the fault doesn't occur in the rule's phase, or exceeds a limit.
    pub fn add(&self, rule: FaultRule) -> Result<(), FaultRuleError> {
        self.add_all(vec![rule])
    }

    /// Adds the rules of a JSON list: all of them, or none if one is wrong.
    ///
    /// A rule is an object with `phase` and `fault`, as listed in the [module](super), and optionally `on`
    /// (`"any"`, or one of `{"connection": 3}`, `{"request": 2}`, `{"token_id": "…"}`), `times` and
    /// `seed`.
    ///
    /// # Errors
    ///
    /// [`FaultRuleError`] for the first rule that can't be read, with its number, or that can't be applied.
    pub fn add_json(&self, text: &str) -> Result<(), FaultRuleError> {
        self.add_all(format::read(text)?)
    }

    /// Adds the rules of a file in the format of [`add_json`](Self::add_json): all of them, or none if one
    /// is wrong.
    ///
    /// # Errors
    ///
    /// [`FaultRuleError`] with the file's path, if the file can't be read, is longer than 4 MiB, or holds a
    /// rule that `add_json` would reject.
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

    /// Removes all rules that were added; the log stays.
    pub fn clear(&self) {
        self.lock().rules.clear();
    }

    /// The faults that were applied, oldest first: the last 16 384.
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

    /// Counts a new connection, and returns the rule that breaks it before its first request.
    pub(super) fn connection(&self, connection: u64) -> Option<FaultRule> {
        self.lock().apply(connection, None, |rule| {
            rule.is_about_connecting() && rule.fits(connection, None, None)
        })
    }

    /// Counts a new request, and returns the rule that breaks it or its response.
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
        // Nothing panics while the lock is held.
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
