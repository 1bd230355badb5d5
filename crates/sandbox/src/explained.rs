//! What a refused caller learns.

/// Whether a refusal says which check failed, what was expected and what was got.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Explained {
    No,
    Yes,
}
