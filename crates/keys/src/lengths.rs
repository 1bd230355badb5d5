use thiserror::Error;

/// How long a file says that it is, and how much of it there is: the cause, where a file ends too early.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("it should have {stated} bytes, and {there} are there")]
pub(crate) struct Lengths {
    pub(crate) stated: usize,
    pub(crate) there: usize,
}
