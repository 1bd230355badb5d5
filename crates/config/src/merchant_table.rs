//! The fields of one merchant, where a configuration has several.

use crate::diagnostic::{Diagnostic, Mistakes};
use crate::fields::Fields;
use crate::merchant_section::for_each;
use crate::origin::Origin;
use crate::raw::Raw;

/// The fields of one merchant.
#[derive(Clone, Debug)]
pub(crate) struct MerchantTable {
    /// The merchant's id, unless the field `merchant_id` is in the table.
    pub(crate) name: String,
    pub(crate) fields: Fields,
    /// Whether the name is that of a file.
    pub(crate) is_file: bool,
}

/// Reads the section `merchants` of a file: a table for each merchant.
pub(crate) fn tables(origin: &Origin, section: Raw, mistakes: &mut Mistakes) -> Vec<MerchantTable> {
    let for_each = for_each(origin.notation);
    let rule = match origin.notation.only_texts() {
        Some(only_texts) => only_texts,
        None if matches!(section, Raw::List(_)) => {
            format!("is a list, which has no merchants' ids; write {for_each}")
        }
        None => format!("must hold {for_each}"),
    };
    let refused = || Diagnostic::new(origin, "merchants", rule.as_str());
    let Raw::Table(members) = section else {
        mistakes.add(refused());
        return Vec::new();
    };
    let mut tables = Vec::new();
    for (name, table) in members {
        let Raw::Table(members) = table else {
            mistakes.add(refused());
            continue;
        };
        let named = members
            .into_iter()
            .map(|(name, raw)| (name.clone(), name, raw));
        let origin = origin.section("merchants", &name);
        let fields = Fields::read(origin, named.collect(), mistakes);
        tables.push(MerchantTable {
            name,
            fields,
            is_file: false,
        });
    }
    tables
}

impl MerchantTable {
    /// Adds the table to others; its fields win over those of a table with the same name.
    pub(crate) fn joined_to(self, tables: &mut Vec<Self>) {
        match tables.iter_mut().find(|table| table.name == self.name) {
            Some(table) => table.fields.overridden_by(self.fields),
            None => tables.push(self),
        }
    }

    /// Notes on the table's fields.
    pub(crate) fn notes(&self) -> Vec<Diagnostic> {
        self.fields.notes.clone()
    }
}
