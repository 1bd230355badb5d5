//! The values of fields, each by the function that takes the field's type.
//!
//! A value is read by the kind of its field, so it always has the variant that its function expects.

use std::fmt::Display;
use std::path::Path;
use std::str::FromStr;

use super::Fields;
use crate::around;
use crate::diagnostic::Diagnostic;
use crate::field::{AnyField, Field};
use crate::letter;
use crate::value::{OpeningKeyEntry, Secret, Value, held};

impl Fields {
    pub(crate) fn flag(&self, field: Field<held::Flag>) -> Option<bool> {
        let Value::Flag(flag) = self.value(field)? else {
            return None;
        };
        Some(*flag)
    }

    pub(crate) fn keys(&self, field: Field<held::Keys>) -> &[OpeningKeyEntry] {
        let Some(Value::Keys(keys)) = self.value(field) else {
            return &[];
        };
        keys
    }

    pub(crate) fn number(&self, field: Field<held::Number>) -> Option<u64> {
        let Value::Number(number) = self.value(field)? else {
            return None;
        };
        Some(*number)
    }

    pub(crate) fn path(&self, field: Field<held::Path>) -> Option<&Path> {
        let Value::Path(path) = self.value(field)? else {
            return None;
        };
        Some(path)
    }

    /// The names of operations, with the value of each.
    pub(crate) fn per_operation(&self, field: Field<held::PerOperation>) -> &[(String, String)] {
        let Some(Value::PerOperation(operations)) = self.value(field) else {
            return &[];
        };
        operations
    }

    pub(crate) fn secret(&self, field: Field<held::Secret>) -> Option<&Secret> {
        let Value::Secret(secret) = self.value(field)? else {
            return None;
        };
        Some(secret)
    }

    pub(crate) fn text(&self, field: Field<held::Text>) -> Option<&str> {
        let Value::Text(text) = self.value(field)? else {
            return None;
        };
        Some(text)
    }

    pub(crate) fn words(&self, field: Field<held::Words>) -> &[String] {
        let Some(Value::Words(words)) = self.value(field) else {
            return &[];
        };
        words
    }

    /// Whether a flag is given and true.
    pub(crate) fn is_true(&self, field: Field<held::Flag>) -> bool {
        self.flag(field) == Some(true)
    }

    /// A text that must be there.
    pub(crate) fn required(
        &self,
        field: Field<held::Text>,
        remedy: &str,
    ) -> Result<&str, Diagnostic> {
        self.text(field).ok_or_else(|| self.missing(field, remedy))
    }

    /// A text that must be there, parsed.
    pub(crate) fn required_parsed<T: FromStr<Err: Display>>(
        &self,
        field: Field<held::Text>,
        remedy: &str,
    ) -> Result<T, Diagnostic> {
        self.parse(field, self.required(field, remedy)?)
    }

    /// A secret that must be there.
    pub(crate) fn required_secret(
        &self,
        field: Field<held::Secret>,
        remedy: &str,
    ) -> Result<&Secret, Diagnostic> {
        self.secret(field)
            .ok_or_else(|| self.missing(field, remedy))
    }

    /// A text, parsed; `None` if it is missing.
    pub(crate) fn parsed<T: FromStr<Err: Display>>(
        &self,
        field: Field<held::Text>,
    ) -> Result<Option<T>, Diagnostic> {
        let text = self.text(field);
        text.map(|text| self.parse(field, text)).transpose()
    }

    /// What the field's word stands for; `None` if the field is missing. Case doesn't matter, unless two
    /// words differ by it alone.
    pub(crate) fn one_of<T: Copy>(
        &self,
        field: Field<held::Text>,
        words: &[(&str, T)],
    ) -> Result<Option<T>, Diagnostic> {
        let Some(given) = self.text(field).map(str::trim) else {
            return Ok(None);
        };
        let same = words.iter().find(|(word, _)| *word == given);
        let alike = || {
            let mut alike = words.iter();
            alike.find(|(word, _)| word.eq_ignore_ascii_case(given))
        };
        if let Some((_, meaning)) = same.or_else(alike) {
            return Ok(Some(*meaning));
        }
        let words: Vec<_> = words.iter().map(|(word, _)| *word).collect();
        Err(self.refused(field, given, format!("must be {}", words.join(" or "))))
    }

    /// Parses a text that is the value of a field, or a part of it.
    pub(crate) fn parse<T: FromStr<Err: Display>>(
        &self,
        field: impl Into<AnyField>,
        text: &str,
    ) -> Result<T, Diagnostic> {
        text.parse().map_err(|error: T::Err| {
            if let Some(rule) = letter::rule(text) {
                return self.diagnostic(field, rule);
            }
            if text.trim().len() < text.len() {
                let rule = "has a blank or a line break at its beginning or end; delete it";
                return self.diagnostic(field, rule);
            }
            let odd = around::noticed(text);
            let odd = odd.map_or_else(String::new, |odd| format!("; {odd}"));
            self.diagnostic(field, format!("can't be used: {error}{odd}"))
        })
    }

    /// The diagnostic for a text that breaks a rule: by a letter that isn't what it looks like, if there is one.
    pub(crate) fn refused(
        &self,
        field: impl Into<AnyField>,
        text: &str,
        rule: impl Into<Box<str>>,
    ) -> Diagnostic {
        match letter::rule(text) {
            Some(rule) => self.diagnostic(field, rule),
            None => self.diagnostic(field, rule),
        }
    }

    fn value<T: ?Sized>(&self, field: Field<T>) -> Option<&Value> {
        self.given.get(field.row().name).map(|given| &given.value)
    }
}
