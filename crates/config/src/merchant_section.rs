//! The section `merchants` of a file, by its name.

use crate::field::folded;
use crate::notation::Notation;
use crate::raw::Raw;

/// Whether a member of a file holds the merchants' tables.
pub(crate) fn is_section(name: &str) -> bool {
    folded(name) == "merchants"
}

/// Whether a member may have been meant to be that section: a table with another name.
pub(crate) fn is_misspelled(name: &str, value: &Raw) -> bool {
    matches!(value, Raw::Table(_)) && folded(name) == "merchant"
}

/// What the section holds, as this notation writes it.
pub(crate) fn for_each(notation: Notation) -> &'static str {
    match notation {
        Notation::Json => {
            "an object of fields for each merchant, such as \"merchants\": {\"bakery\": {\"keyFileName\": \"bakery\"}}"
        }
        Notation::Environment | Notation::Properties | Notation::Toml => {
            "a table of fields for each merchant, such as [merchants.bakery]"
        }
    }
}

/// The rule that such a member breaks.
pub(crate) fn misspelled(notation: Notation) -> &'static str {
    match notation {
        Notation::Json => {
            "is not a known object; did you mean merchants, as in \"merchants\": {\"bakery\": {}}?"
        }
        Notation::Environment | Notation::Properties | Notation::Toml => {
            "is not a known table; did you mean merchants, as in [merchants.bakery]?"
        }
    }
}
