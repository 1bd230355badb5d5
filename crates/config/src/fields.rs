//! The fields that were given, and diagnostics about them.

mod unknown;
mod values;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use payment_credentials_core::{BuildError, MerchantId};

use crate::diagnostic::{Diagnostic, Mistakes};
use crate::field::{AnyField, Field, Named, Row, WithoutEffect, looked_up};
use crate::letter;
use crate::origin::{Dialect, Origin, shown};
use crate::raw::Raw;
use crate::slip::slip;
use crate::trailing_comment::trailing_comment;
use crate::value::{Kind, OpeningKeyEntry, Secret, Value, value};

/// The most names that one origin may give: several times as many as there are known names.
///
/// Each is compared with the names of every field, so that a misspelled one is found.
pub(crate) const MAX_NAMES: usize = 256;

/// The fields of one or more origins, each at most once. A clone shares the values.
#[derive(Clone, Debug)]
pub(crate) struct Fields {
    /// By the field's name in this project.
    given: BTreeMap<&'static str, Arc<Given>>,
    /// The origin that a missing field is reported for.
    home: Arc<Origin>,
    /// The folders of the configuration files, for paths that aren't found from the working directory.
    pub(crate) folders: Vec<PathBuf>,
    /// Diagnostics of fields that are unknown, or known but without effect.
    pub(crate) notes: Vec<Diagnostic>,
    /// The fields that were given without a value, by their names in this project: each as it was written.
    empty: BTreeMap<&'static str, (Box<str>, Arc<Origin>)>,
    /// Names that people write for fields, by the fields' names in this project.
    misnamed: BTreeMap<&'static str, Box<str>>,
    /// Whether a secret was given that has no effect.
    holds_other_secret: bool,
}

#[derive(Debug)]
struct Given {
    /// The name, as its origin writes it.
    name: Box<str>,
    origin: Arc<Origin>,
    value: Value,
}

impl Fields {
    /// Reads the members of a file, or the variables of an environment: name to show, name to look
    /// up, and value.
    ///
    /// The mistakes are recorded; the fields are those without one.
    pub(crate) fn read(
        mut origin: Origin,
        mut members: Vec<(String, String, Raw)>,
        mistakes: &mut Mistakes,
    ) -> Self {
        if members.len() > MAX_NAMES {
            mistakes.add(too_many_names(&origin));
            members.clear();
        }
        if origin.dialect != Dialect::Environment {
            let known: Vec<_> = members
                .iter()
                .filter_map(|(_, name, _)| match looked_up(name) {
                    Named::Field { row, .. } => Some((row, &**name)),
                    Named::WithoutEffect(_) | Named::Unknown { .. } => None,
                })
                .collect();
            origin.infer_dialect(&known);
        }
        let mut read = Self {
            given: BTreeMap::new(),
            home: Arc::new(origin),
            folders: Vec::new(),
            notes: Vec::new(),
            empty: BTreeMap::new(),
            misnamed: BTreeMap::new(),
            holds_other_secret: false,
        };
        for (name, sought, raw) in members {
            if let Err(mistake) = read.add(shown(&name), &sought, raw) {
                mistakes.add(mistake);
            }
        }
        read
    }

    /// Whether a diagnostic is about a field that is given.
    pub(crate) fn gives(&self, told: &Diagnostic) -> bool {
        let mut given = self.given.values();
        given.any(|given| *given.name == *told.field() && *given.origin.name == *told.origin())
    }

    /// Replaces these fields with those that another origin has.
    pub(crate) fn overridden_by(&mut self, other: Self) {
        self.given.extend(other.given);
        self.notes.extend(other.notes);
        self.empty.extend(other.empty);
        self.misnamed.extend(other.misnamed);
        self.holds_other_secret |= other.holds_other_secret;
        self.folders.splice(..0, other.folders);
    }

    /// These fields with those of one merchant's table, which win. A missing field is reported for the table.
    pub(crate) fn of_table(&self, table: &Self) -> Self {
        let mut fields = self.clone();
        fields.given.remove(Field::MERCHANTS_DIRECTORY.row().name);
        fields.notes = Vec::new();
        fields.empty = BTreeMap::new();
        fields.overridden_by(table.clone());
        fields.home = Arc::clone(&table.home);
        fields
    }

    /// These fields with the merchant's id, which its table may leave to the table's name.
    pub(crate) fn with_merchant(mut self, id: &MerchantId) -> Self {
        let row = Field::MERCHANT_ID.row();
        let given = || Given {
            name: row.name.into(),
            origin: Arc::clone(&self.home),
            value: Value::Text(id.as_str().to_owned()),
        };
        let given = Arc::new(given());
        self.given.entry(row.name).or_insert(given);
        self
    }

    /// The fields that are given.
    pub(crate) fn all(&self) -> impl Iterator<Item = AnyField> {
        let is_given = |row: &AnyField| self.given.contains_key(row.name);
        Row::ALL.iter().copied().filter(is_given)
    }

    /// Those of the fields that have another value in `other`, or are given in one of the two alone.
    pub(crate) fn differing(&self, other: &Self, fields: &[AnyField]) -> Vec<AnyField> {
        let differs = |row: &&AnyField| match (self.given.get(row.name), other.given.get(row.name))
        {
            (None, None) => false,
            (Some(one), Some(other)) => !one.value.has_the_value_of(&other.value),
            (Some(_), None) | (None, Some(_)) => true,
        };
        fields.iter().filter(differs).copied().collect()
    }

    fn add(&mut self, name: &str, sought: &str, raw: Raw) -> Result<(), Diagnostic> {
        if let Some(rule) = self.of_a_table(sought) {
            return Err(Diagnostic::new(&self.home, name, rule));
        }
        let (row, in_file) = match looked_up(sought) {
            Named::Field { row, in_file } => (row, in_file),
            Named::WithoutEffect(without) => {
                self.holds_other_secret |= WithoutEffect::is_secret(sought) && !raw.is_empty();
                self.note(name, format!("has no effect: {}", without.why));
                return Ok(());
            }
            // A misspelled field must not change silently what is signed.
            Named::Unknown {
                nearest: Some(nearest),
                meant,
            } => {
                let nearest = self.home.spelled(meant.unwrap_or(nearest));
                let remedy = letter::rule(sought).map_or_else(
                    || "Correct its name, or delete it".to_owned(),
                    |letters| format!("Its name {letters}"),
                );
                let rule = format!("is not a known field; did you mean {nearest}? {remedy}");
                return Err(Diagnostic::new(&self.home, name, rule));
            }
            Named::Unknown {
                nearest: None,
                meant,
            } => return self.unknown(name, sought, &raw, meant),
        };
        let comment = trailing_comment(self.home.notation, row, in_file, &raw);
        if let Some(rule) = comment.map(Cow::from).or_else(|| slip(row, in_file, &raw)) {
            return Err(Diagnostic::new(&self.home, name, rule));
        }
        let kind = if in_file { Kind::Path } else { row.kind };
        let by_value = match (kind, &raw) {
            (Kind::Flag | Kind::Number, Raw::Text(text)) => letter::rule(text),
            (Kind::Path, Raw::List(_)) if row.name == Field::OPENING_KEY_FILE.row().name => {
                Some("must be one path; write further keys into opening_keys".to_owned())
            }
            (Kind::Path, Raw::List(_)) => Some("must be one path, and no list".to_owned()),
            (Kind::Text, Raw::List(_)) => Some("must be one text, and no list".to_owned()),
            _ => None,
        };
        let read = value(kind, raw, self.home.notation).map_err(|rule| {
            let rule = by_value.unwrap_or_else(|| rule.into_owned());
            Diagnostic::new(&self.home, name, rule)
        })?;
        let value = match read {
            None => {
                let origin = Arc::clone(&self.home);
                self.empty.insert(row.name, (name.into(), origin));
                return Ok(());
            }
            Some(Value::Path(path)) if in_file => Value::Secret(Secret::InFile(path)),
            Some(value) => value,
        };
        self.put(row, name, value)
    }

    fn put(&mut self, row: AnyField, name: &str, value: Value) -> Result<(), Diagnostic> {
        let in_a_file = self.home.dialect != Dialect::Environment;
        if in_a_file && matches!(value, Value::Secret(Secret::Here(_))) {
            let better = format!("{}_file", row.name);
            let message = format!(
                "is a secret in plain text; move it to a file that {better} names, or to the environment"
            );
            self.note(name, message);
        }
        let origin = Arc::clone(&self.home);
        match self.given.entry(row.name) {
            Entry::Vacant(free) => {
                let name = name.into();
                free.insert(Arc::new(Given {
                    name,
                    origin,
                    value,
                }));
            }
            Entry::Occupied(taken) if !taken.get().value.has_the_value_of(&value) => {
                let rule = format!("contradicts {}; keep one of them", taken.get().name);
                return Err(Diagnostic::new(&origin, name, rule));
            }
            Entry::Occupied(_) => {}
        }
        Ok(())
    }

    pub(crate) fn note(&mut self, name: &str, message: String) {
        self.notes.push(Diagnostic::new(&self.home, name, message));
    }

    /// Whether a secret itself is among them, instead of the path of its file.
    pub(crate) fn hold_secrets(&self) -> bool {
        let has_secret = |given: &Arc<Given>| {
            let value = &given.value;
            matches!(value, Value::Secret(Secret::Here(_)))
                || matches!(value, Value::Keys(keys) if keys.iter().any(OpeningKeyEntry::holds_secret))
        };
        self.holds_other_secret || self.given.values().any(has_secret)
    }

    /// A diagnostic about a field, given or missing.
    pub(crate) fn diagnostic(
        &self,
        field: impl Into<AnyField>,
        message: impl Into<Box<str>>,
    ) -> Diagnostic {
        let row = field.into();
        let given = self.given.get(row.name);
        let origin = given.map_or(&self.home, |given| &given.origin);
        Diagnostic::new(origin, self.name(row), message)
    }

    /// A diagnostic about a whole file or table.
    pub(crate) fn about_all(&self, rule: &str) -> Diagnostic {
        Diagnostic::new(&self.home, "", rule)
    }

    /// A field's name, as written where it was given, or as it should have been written.
    pub(crate) fn name(&self, field: impl Into<AnyField>) -> Box<str> {
        let row = field.into();
        self.given
            .get(row.name)
            .map_or_else(|| self.home.name(row).into(), |given| given.name.clone())
    }

    /// Another field's name, as it is to be written where a field was given.
    pub(crate) fn name_beside(&self, field: impl Into<AnyField>, other: AnyField) -> String {
        let given = self.given.get(field.into().name);
        given.map_or(&self.home, |given| &given.origin).name(other)
    }

    /// The diagnostic that a field is missing, and what to give.
    pub(crate) fn missing(&self, field: impl Into<AnyField>, remedy: &str) -> Diagnostic {
        let row = field.into();
        match self.empty.get(row.name) {
            Some((name, origin)) if !self.has(row) => {
                let message = format!("is missing, since its value is empty; {remedy}");
                Diagnostic::new(origin, name.clone(), message)
            }
            _ => {
                let misnamed = self
                    .misnamed
                    .get(row.name)
                    .map_or_else(String::new, |name| {
                        format!(
                            "; {name} is given, which isn't its name, so call that {}",
                            self.name(row)
                        )
                    });
                self.diagnostic(row, format!("is missing; {remedy}{misnamed}"))
            }
        }
    }

    /// The diagnostic for a value that a part of this library rejects, with its causes, in one line.
    pub(crate) fn unusable(&self, field: impl Into<AnyField>, error: &BuildError) -> Diagnostic {
        let mut message = format!("can't be used: {error}");
        let mut cause = std::error::Error::source(error);
        while let Some(inner) = cause {
            message = format!("{message}: {inner}");
            cause = inner.source();
        }
        self.diagnostic(field, message.replace(char::is_control, " "))
    }

    /// Whether a field is given as a secret, or as the file of one.
    pub(crate) fn is_secret(&self, field: AnyField) -> bool {
        let given = self.given.get(field.name);
        given.is_some_and(|given| matches!(given.value, Value::Secret(_)))
    }

    /// Whether a field is given as the secret itself.
    pub(crate) fn is_secret_itself(&self, field: AnyField) -> bool {
        let given = self.given.get(field.name);
        given.is_some_and(|given| matches!(given.value, Value::Secret(Secret::Here(_))))
    }

    /// The name of the field for a secret's file, as it is to be written where the secret was given.
    pub(crate) fn name_of_file(&self, field: AnyField) -> String {
        let given = self.given.get(field.name);
        let origin = given.map_or(&self.home, |given| &given.origin);
        origin.spelled(&format!("{}_file", field.name))
    }

    /// The text of a field that names a file.
    pub(crate) fn text_of_path(&self, field: AnyField) -> Option<&str> {
        let value = &self.given.get(field.name)?.value;
        if let Value::Path(path) | Value::Secret(Secret::InFile(path)) = value {
            return path.to_str();
        }
        let Value::Text(text) = value else {
            return None;
        };
        Some(text)
    }

    /// Whether a field that names a file holds a single word without an extension, such as a password; and not the
    /// merchant's or portfolio's id, by which the SDKs name key files.
    pub(crate) fn is_a_word(&self, field: AnyField) -> bool {
        let path = match self.given.get(field.name).map(|given| &given.value) {
            Some(Value::Path(path)) => path.as_path(),
            Some(Value::Text(text)) => Path::new(text),
            _ => return false,
        };
        let is_id = |id: AnyField| match self.given.get(id.name).map(|id| &id.value) {
            Some(Value::Text(id)) => path == Path::new(id),
            _ => false,
        };
        let is_word = path.extension().is_none() && path.components().count() == 1;
        is_word
            && ![Field::MERCHANT_ID.row(), Field::PORTFOLIO_ID.row()]
                .into_iter()
                .any(is_id)
    }

    /// Whether a field is given.
    pub(crate) fn has(&self, field: impl Into<AnyField>) -> bool {
        self.given.contains_key(field.into().name)
    }
}

/// The diagnostic for too many names; used before any name is looked up.
pub(crate) fn too_many_names(origin: &Origin) -> Diagnostic {
    let message =
        format!("has more than {MAX_NAMES} fields; delete those that aren't configuration");
    Diagnostic::new(origin, "", message)
}
