#![doc = include_str!("cassette/cassette.md")]

mod aliases;
mod canonical;
mod encoding;
mod entry;
mod error;
mod file;
mod format;
mod grammar;
mod mode;
mod observed;
mod recorder;
mod replay;
mod scan;
mod seen;
mod session;
mod shape;
mod stand_in;
mod verifier;
mod words;

use std::path::PathBuf;

use payment_credentials_core::{ApiVersion, ProfileId, TokenId};

use aliases::Aliases;
pub use error::{CassetteError, CassetteErrorKind};
use format::Tape;
pub use mode::Mode;
use observed::Observed;
use recorder::Wrapped;
pub use recorder::{NoOpener, Recorded, Recorder};
pub use replay::Replay;
pub use session::Session;
pub use verifier::Verifier;

/// Where a cassette is, and what its ids are called.
///
/// Recording and replaying name the same aliases. The ids may be others: a replay takes ids of tests.
#[derive(Clone, Debug)]
#[must_use = "record, replay or verify it"]
pub struct Cassette {
    path: PathBuf,
    version: ApiVersion,
    aliases: Aliases,
    is_forced: bool,
}

impl Cassette {
    /// A cassette in this file, of calls of this version of the API.
    ///
    /// The port doesn't know the version that its endpoint has, so the caller names it.
    pub fn at(path: impl Into<PathBuf>, version: ApiVersion) -> Self {
        Self {
            path: path.into(),
            version,
            aliases: Aliases::default(),
            is_forced: false,
        }
    }

    /// Names a stored card: the token id is never recorded, and a call for one without an alias is refused.
    pub fn card(mut self, alias: &str, token_id: TokenId) -> Self {
        self.aliases.card(alias, token_id);
        self
    }

    /// Names a vault profile: the profile id is never recorded, and a call with one without an alias is refused.
    pub fn profile(mut self, alias: &str, profile_id: ProfileId) -> Self {
        self.aliases.profile(alias, profile_id);
        self
    }

    /// Records even where `CI` is set.
    pub fn even_in_ci(mut self) -> Self {
        self.is_forced = true;
        self
    }

    /// Plays the cassette.
    ///
    /// # Errors
    ///
    /// [`CassetteError`] if an alias is wrong, or if the file is missing, damaged or of a newer format. A file that is
    /// missing is never recorded in passing.
    pub fn replay(&self) -> Result<Replay, CassetteError> {
        let tape = self.read()?;
        let aliases = self.aliases.clone();
        Ok(Replay::new(&self.path, self.version_word(), aliases, tape))
    }

    /// Makes the calls of a port and an opener, and records them. The file is written by [`Recorder::save`].
    ///
    /// # Errors
    ///
    /// [`CassetteError`] if an alias is wrong, or if `CI` is set and [`even_in_ci`](Self::even_in_ci) wasn't called.
    pub fn record<P, O>(&self, port: P, opener: O) -> Result<Recorder<P, O>, CassetteError> {
        mode::may_record(file::environment("CI").as_deref(), self.is_forced)?;
        self.wrap(port, opener, true)
    }

    /// Makes the calls of a port, and records those that fail: without an opener nothing is known of the credentials of
    /// the others. The cassette says how many those were.
    ///
    /// # Errors
    ///
    /// [`CassetteError`], as for [`record`](Self::record).
    pub fn record_errors<P>(&self, port: P) -> Result<Recorder<P, NoOpener>, CassetteError> {
        mode::may_record(file::environment("CI").as_deref(), self.is_forced)?;
        self.wrap(port, NoOpener, false)
    }

    /// Makes the calls of a port and an opener, and compares their shapes with the cassette at
    /// [`Verifier::finish`].
    ///
    /// # Errors
    ///
    /// [`CassetteError`], as for [`replay`](Self::replay).
    pub fn verify<P, O>(&self, port: P, opener: O) -> Result<Verifier<P, O>, CassetteError> {
        let recorded = self.read()?;
        Ok(Verifier::new(self.wrap(port, opener, true)?, recorded))
    }

    /// Plays, records or verifies the cassette; `live` makes port and opener, and is called for the last two alone.
    ///
    /// # Errors
    ///
    /// [`CassetteError`], as for [`replay`](Self::replay), [`record`](Self::record) and [`verify`](Self::verify).
    pub fn session<P, O>(
        &self,
        mode: Mode,
        live: impl FnOnce() -> (P, O),
    ) -> Result<Session<P, O>, CassetteError> {
        let record =
            |cassette: &Self, (port, opener)| cassette.record(port, opener).map(Session::Record);
        match mode {
            Mode::Replay => self.replay().map(Session::Replay),
            Mode::Record => record(self, live()),
            Mode::RecordInCi => record(&self.clone().even_in_ci(), live()),
            Mode::Verify => {
                let (port, opener) = live();
                self.verify(port, opener).map(Session::Verify)
            }
        }
    }

    fn read(&self) -> Result<Tape, CassetteError> {
        self.aliases.check()?;
        Tape::read(&file::read(&self.path)?).map_err(|error| error.of(&self.path))
    }

    fn wrap<P, O>(
        &self,
        port: P,
        opener: O,
        has_opener: bool,
    ) -> Result<Recorder<P, O>, CassetteError> {
        self.aliases.check()?;
        Ok(Recorder::new(Wrapped {
            port,
            opener,
            has_opener,
            path: self.path.clone(),
            version: self.version_word(),
            aliases: self.aliases.clone(),
            observed: Observed::default(),
        }))
    }

    fn version_word(&self) -> &'static str {
        if self.version == ApiVersion::V2 {
            "v2"
        } else {
            "v3"
        }
    }
}
