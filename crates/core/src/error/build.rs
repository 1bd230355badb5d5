use crate::text::ParseValueError;

use super::Source;

/// An invalid setting, found while a part is built and before anything is sent.
///
/// The error names the setting and the rule that it breaks, and never repeats its value.
#[derive(Debug, thiserror::Error)]
#[error("{setting} {rule}")]
pub struct BuildError {
    setting: &'static str,
    rule: &'static str,
    source: Option<Source>,
}

impl BuildError {
    /// Makes an error from a setting and the broken rule. The two texts together must form one sentence.
    ///
    /// ```
    /// use payment_credentials_core::BuildError;
    ///
    /// let error = BuildError::new("call deadline", "is zero; give at least a millisecond");
    /// assert_eq!(error.to_string(), "call deadline is zero; give at least a millisecond");
    /// ```
    #[must_use]
    pub fn new(setting: &'static str, rule: &'static str) -> Self {
        Self {
            setting,
            rule,
            source: None,
        }
    }

    /// Adds the cause.
    #[must_use]
    pub fn with_source(
        mut self,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        self.source = Some(source.into());
        self
    }

    /// The name of the setting, in words.
    #[must_use]
    pub fn setting(&self) -> &'static str {
        self.setting
    }

    /// What is wrong with the setting, and how to correct it.
    #[must_use]
    pub fn message(&self) -> &'static str {
        self.rule
    }
}

impl From<ParseValueError> for BuildError {
    fn from(error: ParseValueError) -> Self {
        Self::new(error.field(), "is invalid; see the cause").with_source(error)
    }
}
