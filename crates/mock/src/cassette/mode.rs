use super::error::{CassetteError, CassetteErrorKind};
use super::file;

/// The environment variable of [`Mode::from_environment`].
pub(super) const VARIABLE: &str = "PAYMENT_CREDENTIALS_CASSETTE";

/// What a test does with its cassette.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Mode {
    /// Makes the calls, and writes what came of them; refused where `CI` is set.
    Record,
    /// Makes the calls, and writes what came of them, even where `CI` is set.
    RecordInCi,
    /// Plays what was recorded.
    #[default]
    Replay,
    /// Makes the calls, and compares their shapes with what was recorded.
    Verify,
}

impl Mode {
    /// The mode that the environment variable `PAYMENT_CREDENTIALS_CASSETTE` names: `replay`, `record`,
    /// `record-in-ci` or `verify`; `Replay` if it isn't set.
    ///
    /// # Errors
    ///
    /// [`CassetteError`] if the variable holds another word.
    pub fn from_environment() -> Result<Self, CassetteError> {
        Self::named(file::environment(VARIABLE).as_deref())
    }

    fn named(word: Option<&str>) -> Result<Self, CassetteError> {
        match word {
            None | Some("" | "replay") => Ok(Self::Replay),
            Some("record") => Ok(Self::Record),
            Some("record-in-ci") => Ok(Self::RecordInCi),
            Some("verify") => Ok(Self::Verify),
            Some(_) => Err(CassetteError::new(
                CassetteErrorKind::Environment,
                format!(
                    "{VARIABLE} is none of `replay`, `record`, `record-in-ci` and `verify`; set it to one of these"
                ),
            )),
        }
    }
}

/// Refuses to record in continuous integration: a recording there would pass whatever the service does.
pub(super) fn may_record(ci: Option<&str>, is_forced: bool) -> Result<(), CassetteError> {
    let is_ci = ci.is_some_and(|value| !matches!(value, "" | "0" | "false"));
    if is_ci && !is_forced {
        return Err(CassetteError::new(
            CassetteErrorKind::Ci,
            "recording is refused, since `CI` is set; record on your own machine, or force it with `Mode::RecordInCi` \
             or `Cassette::even_in_ci`",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mode_is_a_word_and_replay_without_one() {
        for (word, mode) in [
            (None, Mode::Replay),
            (Some(""), Mode::Replay),
            (Some("replay"), Mode::Replay),
            (Some("record"), Mode::Record),
            (Some("record-in-ci"), Mode::RecordInCi),
            (Some("verify"), Mode::Verify),
        ] {
            assert_eq!(Mode::named(word), Ok(mode));
        }
        let error = Mode::named(Some("Record!")).expect_err("no mode");
        assert_eq!(error.kind(), CassetteErrorKind::Environment);
        assert!(!error.to_string().contains("Record!"));
    }

    #[test]
    fn recording_in_ci_has_to_be_forced() {
        for ci in [None, Some(""), Some("0"), Some("false")] {
            assert_eq!(may_record(ci, false), Ok(()));
        }
        for ci in ["1", "true", "yes"] {
            let refused = may_record(Some(ci), false).expect_err("refused");
            assert_eq!(refused.kind(), CassetteErrorKind::Ci);
            assert_eq!(may_record(Some(ci), true), Ok(()));
        }
    }
}
