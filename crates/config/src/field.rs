//! The table of fields: the one place that lists the names of a field.

mod matching;
mod rows;

pub(crate) use matching::{Named, looked_up};
pub(crate) use rows::{Field, WithoutEffect};

/// A field, as the documentation lists it.
pub(crate) struct Row {
    /// The name in this project: snake case.
    pub(crate) name: &'static str,
    /// Its name in the official Python SDK; empty, if it has none.
    pub(crate) python: &'static str,
    /// Its name in the official Node SDK; empty, if it has none.
    pub(crate) node: &'static str,
    /// Older names, and those of the vendor's samples.
    pub(crate) also: &'static [&'static str],
    pub(crate) kind: Kind,
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "for FIELDS.md, which a test checks")
    )]
    pub(crate) about: &'static str,
}

/// What a field holds.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    Flag,
    Keys,
    Number,
    Path,
    PerOperation,
    /// With `_file` or `File` at the end of its name, the field names a file that holds the secret.
    Secret,
    Text,
}

impl Kind {
    /// The text of the error for a value of another kind.
    pub(crate) fn rule(self) -> &'static str {
        match self {
            Self::Flag => "must be true or false",
            Self::Keys => "must be a list of tables, each with file, key_id and password",
            Self::Number => "must be a whole number of 0 or more",
            Self::Path => "must be a text that is a path",
            Self::PerOperation => {
                "must be a table of operations with values such as \"true::false\""
            }
            Self::Secret | Self::Text => "must be a text",
        }
    }

    #[cfg(test)]
    fn shown(self) -> &'static str {
        match self {
            Self::Flag => "true or false",
            Self::Keys => "list",
            Self::Number => "number",
            Self::Path => "path",
            Self::PerOperation => "table",
            Self::Secret => "secret",
            Self::Text => "text",
        }
    }
}

impl Row {
    /// Every name: ours, Python's, Node's, others.
    pub(crate) fn names(&self) -> impl Iterator<Item = &'static str> {
        let official = [self.name, self.python, self.node].into_iter();
        official
            .chain(self.also.iter().copied())
            .filter(|name| !name.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::field::matching::folded;

    /// The table as the documentation has it.
    fn rendered() -> String {
        let mut lines = vec![
            "| field | Python SDK | Node SDK | holds | what it is for |\n|---|---|---|---|---|"
                .into(),
        ];
        for field in Field::ALL {
            let row = field.row();
            let code = |name: &str| match name {
                "" => String::new(),
                name => format!("`{name}`"),
            };
            let also: Vec<_> = row.also.iter().map(|name| format!("`{name}`")).collect();
            let also = match &*also {
                [] => String::new(),
                names => format!(" Also: {}.", names.join(", ")),
            };
            let (python, node) = (code(row.python), code(row.node));
            let (name, kind, about) = (row.name, row.kind.shown(), row.about);
            lines.push(format!(
                "| `{name}` | {python} | {node} | {kind} | {about}{also} |"
            ));
        }
        lines.push("\nKnown, and without effect here:\n\n| fields | why |\n|---|---|".into());
        for without in WithoutEffect::ALL {
            let names: Vec<_> = without
                .names
                .iter()
                .map(|name| format!("`{name}`"))
                .collect();
            lines.push(format!("| {} | {} |", names.join(", "), without.why));
        }
        lines.join("\n") + "\n"
    }

    #[test]
    fn the_documentation_shows_the_table() {
        let rendered = rendered();
        let is_shown = rendered == include_str!("../FIELDS.md");
        assert!(is_shown, "FIELDS.md should be:\n{rendered}");
    }

    #[test]
    fn no_name_is_that_of_two_fields() {
        let mut taken = BTreeMap::new();
        let ours = Field::ALL.iter().map(|field| {
            let row = field.row();
            (row.name, row.names().collect::<Vec<_>>())
        });
        let others = WithoutEffect::ALL
            .iter()
            .map(|without| (without.why, without.names.to_vec()));
        for (owner, names) in ours.chain(others) {
            for name in names {
                let other = taken.insert(folded(name), owner);
                assert!(other.is_none_or(|other| other == owner), "{name}");
            }
        }
    }

    #[test]
    fn each_name_is_found() {
        for field in Field::ALL {
            for name in field.row().names() {
                assert!(
                    matches!(looked_up(name), Named::Field { field: found, .. } if found == *field),
                    "{name}"
                );
            }
        }
        for without in WithoutEffect::ALL {
            for name in without.names {
                assert!(matches!(looked_up(name), Named::WithoutEffect(_)), "{name}");
            }
        }
    }
}
