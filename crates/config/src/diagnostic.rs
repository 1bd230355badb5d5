mod mistakes;

use std::fmt;

use crate::origin::Origin;

pub(crate) use mistakes::{Mistakes, Recorded};

/// A mistake or a note about one field: its origin, its name as written there, and what to do.
///
/// Never shows a value, so it may be logged.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Diagnostic {
    origin: Box<str>,
    field: Box<str>,
    message: Box<str>,
}

impl Diagnostic {
    pub(crate) fn new(
        origin: &Origin,
        field: impl Into<Box<str>>,
        message: impl Into<Box<str>>,
    ) -> Self {
        Self {
            origin: origin.name.clone(),
            field: field.into(),
            message: message.into(),
        }
    }

    /// The name of the field as its origin writes it; of a missing field, as the origin would write it.
    ///
    /// Empty if the diagnostic is about a whole file.
    #[must_use]
    pub fn field(&self) -> &str {
        &self.field
    }

    /// The file's name, or `the environment`.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }
}

impl fmt::Display for Diagnostic {
    /// Writes one line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let gap = if self.field.is_empty() { "" } else { " " };
        write!(f, "{}: {}{gap}{}", self.origin, self.field, self.message)
    }
}

/// The mistakes in a configuration: all that could be found at once.
///
/// `Display` writes one line for each.
#[derive(Debug)]
pub struct ConfigError {
    mistakes: Vec<Diagnostic>,
    more: usize,
}

impl ConfigError {
    /// The mistakes, at most 20.
    #[must_use]
    pub fn mistakes(&self) -> &[Diagnostic] {
        &self.mistakes
    }
}

impl From<Diagnostic> for ConfigError {
    fn from(mistake: Diagnostic) -> Self {
        Self {
            mistakes: vec![mistake],
            more: 0,
        }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, mistake) in self.mistakes.iter().enumerate() {
            let end = if index == 0 { "" } else { "\n" };
            write!(f, "{end}{mistake}")?;
        }
        match self.more {
            0 => Ok(()),
            more => write!(f, "\nand {more} more"),
        }
    }
}

impl std::error::Error for ConfigError {}
