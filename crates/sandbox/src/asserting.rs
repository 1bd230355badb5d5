//! Assertions for tests, which print the record when they fail.

use crate::record::{Journal, ReceivedRequest};
use crate::sandbox::Sandbox;

impl Sandbox {
    /// The recorded requests as text, a paragraph for each: what came, what was sent back, and what was
    /// wrong.
    ///
    /// It holds no secret, and masks what looks like a card number. The assertions print it when they fail.
    #[must_use]
    pub fn journal(&self) -> String {
        Journal(&self.since(0)).to_string()
    }

    /// Asserts that the sandbox has minted so many cryptograms and security codes.
    ///
    /// ```
    /// # use payment_credentials_sandbox::{Authentication, Sandbox};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let sandbox = Sandbox::start_blocking(Authentication::strict())?;
    /// // ... calls that a client makes ...
    /// sandbox.assert_minted(0);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// If there are more or fewer.
    #[track_caller]
    pub fn assert_minted(&self, expected: u64) {
        let minted = self.minted();
        assert!(
            minted == expected,
            "expected {expected} to be minted, got {minted}; the sandbox's journal:\n{}",
            self.journal()
        );
    }

    /// Asserts that exactly one recorded request is wanted, and returns it.
    ///
    /// ```no_run
    /// # use payment_credentials_sandbox::{Authentication, Sandbox};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = Sandbox::start_blocking(Authentication::strict())?;
    /// let created = sandbox.assert_one_request_with(|request| request.status() == Some(201));
    /// assert!(created.tolerated().is_empty());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// If there are more or none, or if the history no longer holds all requests: for more than 1024, use a
    /// [`Follower`](crate::Follower).
    #[track_caller]
    #[expect(clippy::panic, reason = "an assertion for tests")]
    pub fn assert_one_request_with(
        &self,
        wanted: impl Fn(&ReceivedRequest) -> bool,
    ) -> ReceivedRequest {
        let all = self.complete();
        let found: Vec<&ReceivedRequest> = all.iter().filter(|request| wanted(request)).collect();
        let &[only] = found.as_slice() else {
            let count = found.len();
            let journal = Journal(&all);
            panic!("expected one such request, got {count}; the sandbox's journal:\n{journal}");
        };
        only.clone()
    }

    /// Asserts that no recorded request, no TLS handshake and nothing that went to the proxy was refused because of
    /// anything that the client sent.
    ///
    /// A refusal that the vault has for the token id is none of these: [`Stage::Vault`](crate::Stage::Vault).
    ///
    /// # Panics
    ///
    /// If one was, or if the history no longer holds all requests.
    #[track_caller]
    pub fn assert_none_refused(&self) {
        let all = self.complete();
        let is_sound = |request: &ReceivedRequest| {
            request
                .refused_at()
                .is_none_or(|stage| stage == crate::Stage::Vault)
        };
        assert!(
            all.iter().all(is_sound),
            "expected no request to be refused; the sandbox's journal:\n{}",
            Journal(&all)
        );
    }

    /// All that was ever recorded.
    #[track_caller]
    fn complete(&self) -> Vec<ReceivedRequest> {
        let all = self.since(0);
        let forgotten = all.first().map_or(0, |first| first.number() - 1);
        assert!(
            forgotten == 0,
            "the history no longer holds all requests: {forgotten} are missing; use a Follower"
        );
        all
    }
}
