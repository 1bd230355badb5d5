use crate::field::Row;
use crate::notation::Notation;

/// The prefix of every variable's name.
pub(crate) const PREFIX: &str = "CYBERSOURCE_";

/// What stands for a name that might be something else.
pub(crate) const HIDDEN: &str = "(a name that isn't shown)";

/// A source of fields.
#[derive(Clone, Debug)]
pub(crate) struct Origin {
    pub(crate) name: Box<str>,
    pub(crate) dialect: Dialect,
    pub(crate) notation: Notation,
}

/// Whose field names an origin uses.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Dialect {
    Environment,
    Node,
    Ours,
    Python,
}

impl Origin {
    pub(crate) fn new(name: &str) -> Self {
        Self {
            name: shown(name).into(),
            dialect: Dialect::Ours,
            notation: Notation::Toml,
        }
    }

    /// A file, whose name may have letters that copies of files have, as in `bakery (copy).toml`.
    pub(crate) fn of_file(name: &str) -> Self {
        let is_configuration = [".toml", ".json", ".properties"]
            .iter()
            .any(|extension| name.to_ascii_lowercase().ends_with(extension));
        let is_of_copies = |letter: char| letter.is_alphabetic() || "()[]~+,&'–—".contains(letter);
        let plain = name.replace(is_of_copies, "x");
        if is_configuration && shown(&plain) == plain {
            return Self {
                name: name.into(),
                ..Self::new("")
            };
        }
        Self::new(name)
    }

    pub(crate) fn written_in(self, notation: Notation) -> Self {
        Self { notation, ..self }
    }

    pub(crate) fn environment() -> Self {
        Self {
            dialect: Dialect::Environment,
            notation: Notation::Environment,
            ..Self::new("the environment")
        }
    }

    /// A table of this origin, such as `payments.toml [merchants.bakery]`.
    pub(crate) fn section(&self, section: &str, table: &str) -> Self {
        Self {
            name: format!("{} [{section}.{}]", self.name, shown(table)).into(),
            dialect: Dialect::Ours,
            notation: self.notation,
        }
    }

    /// A field's name, as this origin would write it.
    pub(crate) fn name(&self, row: &Row) -> String {
        let theirs = match self.dialect {
            Dialect::Environment => return format!("{PREFIX}{}", row.name.to_ascii_uppercase()),
            Dialect::Node => row.node,
            Dialect::Ours => row.name,
            Dialect::Python => row.python,
        };
        let name = if theirs.is_empty() { row.name } else { theirs };
        name.to_owned()
    }

    /// A known name, as this origin would write it.
    pub(crate) fn spelled(&self, name: &str) -> String {
        match self.dialect {
            Dialect::Environment => format!("{PREFIX}{}", name.to_ascii_uppercase()),
            Dialect::Node | Dialect::Ours | Dialect::Python => name.to_owned(),
        }
    }

    /// Sets the dialect to the one that most of these names belong to.
    pub(crate) fn infer_dialect(&mut self, fields: &[(&Row, &str)]) {
        let count = |name_of: fn(&Row) -> &'static str| {
            fields
                .iter()
                .filter(|(row, name)| name_of(row) == *name)
                .count()
        };
        let (ours, python, node) = (
            count(|row| row.name),
            count(|row| row.python),
            count(|row| row.node),
        );
        self.dialect = if python > ours && python >= node {
            Dialect::Python
        } else if node > ours {
            Dialect::Node
        } else {
            Dialect::Ours
        };
    }
}

/// A name that a user gave to a field or a file, unless it might be something else.
///
/// A text that is no plain name, or has enough digits for a card number, isn't repeated.
pub(crate) fn shown(name: &str) -> &str {
    const MAX_LENGTH: usize = 80;
    const MAX_DIGITS: usize = 11;
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "_-. ".contains(letter);
    let digits = name.chars().filter(char::is_ascii_digit).count();
    let is_shown = name.len() <= MAX_LENGTH
        && digits <= MAX_DIGITS
        && !name.is_empty()
        && name.chars().all(is_plain);
    if is_shown { name } else { HIDDEN }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_shown_unless_they_might_be_something_else() {
        for name in ["merchantid", "pay ments-2.toml", "the environment"] {
            assert_eq!(shown(name), name);
        }
        for name in ["4111111111111111", "a\nb", "ключ", "", &"a".repeat(81)] {
            assert_eq!(shown(name), "(a name that isn't shown)");
        }
        for name in [
            "bakery (copy).toml",
            "bäckerei – Kopie.json",
            "a+b.properties",
        ] {
            assert_eq!(&*Origin::of_file(name).name, name);
        }
        for name in [
            "bakery (copy)",
            "4111111111111111.toml",
            "a\nb.toml",
            "p@ss%word!.toml",
        ] {
            assert_eq!(&*Origin::of_file(name).name, "(a name that isn't shown)");
        }
    }
}
