//! All that a value can be made to say.

use std::error::Error;
use std::fmt::{Debug, Write};

/// `Debug`, short and long.
pub(crate) fn shown(value: &dyn Debug) -> String {
    format!("{value:?} {value:#?}")
}

/// `Display` and `Debug` of an error and of every cause behind it.
pub(crate) fn error(error: &(dyn Error + 'static)) -> String {
    let mut said = String::new();
    let mut cause = Some(error);
    while let Some(error) = cause {
        // Writing to a text can't fail.
        let _ = write!(said, "{error} {error:?} {error:#?} ");
        cause = error.source();
    }
    said
}
