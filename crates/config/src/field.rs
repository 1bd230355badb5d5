//! The table of fields: the one place that lists the names of a field.

mod matching;
mod rows;

use std::fmt;
use std::marker::PhantomData;

use crate::value::Kind;

pub(crate) use matching::{Named, folded, looked_up};
pub(crate) use rows::WithoutEffect;

/// A field whose values are of the type `T`; its constants are the fields that have an effect.
///
/// A value is read by the kind of its field, and `T` is the type of that kind. So code that asks a field
/// for a value of another kind doesn't compile.
pub(crate) struct Field<T: ?Sized>(AnyField, PhantomData<T>);

impl<T: ?Sized> Field<T> {
    pub(crate) const fn row(self) -> AnyField {
        self.0
    }
}

// Derived, these would demand that `T` is `Copy`.
impl<T: ?Sized> Clone for Field<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: ?Sized> Copy for Field<T> {}

impl<T: ?Sized> From<Field<T>> for AnyField {
    fn from(field: Field<T>) -> Self {
        field.row()
    }
}

/// A field of any kind: for diagnostics, which don't read the value.
pub(crate) type AnyField = &'static Row;

/// A row of the table: a field as the documentation lists it.
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

impl Row {
    /// Every name: ours, Python's, Node's, others.
    pub(crate) fn names(&self) -> impl Iterator<Item = &'static str> {
        [self.name, self.python, self.node]
            .into_iter()
            .chain(self.also.iter().copied())
            .filter(|name| !name.is_empty())
    }
}

impl fmt::Debug for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
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
        for row in Row::ALL {
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
        let ours = Row::ALL
            .iter()
            .map(|row| (row.name, row.names().collect::<Vec<_>>()));
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
        for row in Row::ALL {
            for name in row.names() {
                assert!(
                    matches!(looked_up(name), Named::Field { row: found, .. } if found.name == row.name),
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
