//! Whether refusals are explained.

/// Whether a refusal names the check that failed, the expected value and the received one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Explained {
    No,
    Yes,
}
