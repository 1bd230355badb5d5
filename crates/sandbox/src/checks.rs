//! Checks that the service accepts a request, and reports what is wrong if it doesn't.
//!
//! These checks were written from the vendor's documents and share nothing with the client: where the two
//! disagree, one of them is wrong, and a test finds out.

mod body;
mod head;
mod members;

pub(crate) use body::{MAX_BODY, kind, parse};
pub(crate) use head::{Head, Target, examine as head, profile};
pub(crate) use members::members;
