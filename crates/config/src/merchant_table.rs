//! The fields of one merchant, where a configuration has several.

use crate::diagnostic::{Diagnostic, Mistakes};
use crate::field::folded;
use crate::fields::Fields;
use crate::origin::Origin;
use crate::raw::Raw;

/// The fields of one merchant.
#[derive(Clone, Debug)]
pub(crate) struct MerchantTable {
    /// The merchant's id, unless the field `merchant_id` is in the table.
    pub(crate) name: String,
    pub(crate) fields: Fields,
}

/// Whether a member of a file holds the merchants' tables.
pub(crate) fn is_section(name: &str) -> bool {
    folded(name) == "merchants"
}

/// Whether a member may have been meant to be that section: a table with another name.
pub(crate) fn is_misspelled(name: &str, value: &Raw) -> bool {
    matches!(value, Raw::Table(_)) && folded(name) == "merchant"
}

/// Reads the section `merchants` of a file: a table for each merchant.
pub(crate) fn tables(origin: &Origin, section: Raw, mistakes: &mut Mistakes) -> Vec<MerchantTable> {
    let rule = "must hold a table of fields for each merchant, such as [merchants.bakery]";
    let refused = || Diagnostic::new(origin, "merchants", rule);
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
        tables.push(MerchantTable { name, fields });
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
