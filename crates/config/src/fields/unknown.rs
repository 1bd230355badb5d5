//! Names that are none of a field, and what they may have been meant for.

use super::Fields;
use crate::diagnostic::Diagnostic;
use crate::field::{Field, Named, Row, folded, looked_up};
use crate::merchant_section::is_section;
use crate::notation::Notation;
use crate::origin::{HIDDEN, PREFIX};
use crate::raw::Raw;

impl Fields {
    /// A name that isn't nearly that of a field; but what it holds may be fields.
    pub(super) fn unknown(
        &mut self,
        name: &str,
        sought: &str,
        raw: &Raw,
        meant: Option<&'static str>,
    ) -> Result<(), Diagnostic> {
        if let Some((_, last)) = sought.rsplit_once('.')
            && is_field(last)
        {
            let rule = "is the name of a field behind a prefix and a dot, as in a file for several environments; \
                        make a file for each environment, without the prefix";
            return Err(Diagnostic::new(&self.home, name, rule));
        }
        let is_variable = sought
            .get(..PREFIX.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(PREFIX));
        if is_variable && self.home.notation != Notation::Environment {
            let rule = "is the name of a variable; in a file, write it without CYBERSOURCE_, or set the variable and use \
                        Config::from_env";
            return Err(Diagnostic::new(&self.home, name, rule));
        }
        let in_file = folded(sought).strip_suffix("file").map(looked_up);
        if let Some(Named::Field { row, .. }) = in_file {
            let field = self.home.name(row);
            self.note(name, format!("is not a known field: {field} is no secret, and read from no file; give its value"));
            return Ok(());
        }
        let Raw::Table(members) = raw else {
            if let Some(meant) = meant {
                self.misnamed.insert(meant, name.into());
                let meant = self.home.spelled(meant);
                let rule = format!(
                    "is not a known field; if {meant} is meant, call it so, or else delete it"
                );
                self.note(name, rule);
                return Ok(());
            }
            // A line of a key, read as a name. The names of the SDKs are shorter, or have separators.
            let may_be_secret = name.len() > 40 && !name.contains(['_', '-', '.']);
            let name = if may_be_secret { HIDDEN } else { name };
            self.note(name, "is not a known field; delete it".to_owned());
            return Ok(());
        };
        let is_json = self.home.notation == Notation::Json;
        if holds_fields(members) {
            let rule = if is_json {
                "is an object that isn't read, and has fields in it; move these to the top level, or, if they are a \
                 merchant's, write the object under the merchant's id into an object named merchants"
            } else {
                "is a table that isn't read, and has fields in it; move these before the first table, or, if they \
                 are a merchant's, name the table [merchants.NAME]"
            };
            return Err(Diagnostic::new(&self.home, name, rule));
        }
        let note = if is_json {
            "is an object that isn't read; delete it, and write fields at the top level"
        } else {
            "is a table that isn't read; delete it, and write fields before the first table"
        };
        self.note(name, note.to_owned());
        Ok(())
    }

    /// The rule that a name breaks which belongs to a list or a table, where all values are texts: ignored, it might
    /// change what is signed or encrypted.
    pub(super) fn of_a_table(&self, sought: &str) -> Option<String> {
        let only_texts = self.home.notation.only_texts()?;
        if let Named::Field { .. } = looked_up(sought) {
            return None;
        }
        if is_section(sought) {
            return Some(only_texts);
        }
        let folded_name = folded(sought).replace(['.', '[', ']'], "");
        let begins_as = |row: &Row| {
            row.names()
                .any(|name| folded_name.starts_with(&folded(name)))
        };
        let groups = [Field::OPENING_KEYS.row(), Field::MLE_BY_OPERATION.row()];
        if let Some(row) = groups.into_iter().find(|row| begins_as(row)) {
            return Some(format!("belongs to {}, which {only_texts}", row.name));
        }
        let ends_as = |row: &Row| row.names().any(|name| folded_name.ends_with(&folded(name)));
        let is_of_merchant =
            folded_name.starts_with("merchants") && Row::ALL.iter().any(|row| ends_as(row));
        is_of_merchant.then(|| {
            format!("belongs to a merchant's table, which {only_texts}, as [merchants.bakery], or into a file for each \
                     merchant in the folder of merchants_directory")
        })
    }
}

/// Whether there are fields in a table, or in one inside of it.
fn holds_fields(members: &[(String, Raw)]) -> bool {
    members.iter().any(|(name, value)| {
        let inner = matches!(value, Raw::Table(inner) if is_section(name) || holds_fields(inner));
        inner || is_field(name)
    })
}

fn is_field(name: &str) -> bool {
    matches!(looked_up(name), Named::Field { .. })
}
