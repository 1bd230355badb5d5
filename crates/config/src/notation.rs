/// How a source of fields is written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Notation {
    Environment,
    Json,
    Properties,
    Toml,
}

impl Notation {
    /// The name of a file's notation.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Environment => "environment",
            Self::Json => "JSON",
            Self::Properties => "Java properties",
            Self::Toml => "TOML",
        }
    }

    /// What fields under a common name are called.
    pub(crate) fn table(self) -> &'static str {
        match self {
            Self::Json => "object",
            Self::Environment | Self::Properties | Self::Toml => "table",
        }
    }

    /// The rule that a list or a table breaks where there are only texts.
    pub(crate) fn only_texts(self) -> Option<String> {
        let place = match self {
            Self::Environment => "be set in the environment",
            Self::Properties => "be given in Java properties",
            Self::Json | Self::Toml => return None,
        };
        Some(format!(
            "can't {place}, where all values are texts; write it into a file of TOML or JSON"
        ))
    }
}
