//! The texts in which a value may show what it holds.

use std::error::Error;
use std::fmt::{Debug, Write};

/// `Debug`, compact and pretty-printed.
pub(crate) fn shown(value: &dyn Debug) -> String {
    format!("{value:?} {value:#?}")
}

/// `Display` and `Debug` of an error and of each of its sources.
pub(crate) fn error(error: &(dyn Error + 'static)) -> String {
    let mut said = String::new();
    let mut cause = Some(error);
    while let Some(error) = cause {
        // Writing to a `String` can't fail.
        let _ = write!(said, "{error} {error:?} {error:#?} ");
        cause = error.source();
    }
    said
}
