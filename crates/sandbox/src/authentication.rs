/// How the sandbox decides that a caller is who it says it is.
///
/// It is an argument of [`Sandbox::start`](crate::Sandbox::start) and has no default, so that
/// nobody believes a signature was checked when it was not. Later versions verify HTTP signatures
/// and JWTs, each as a variant of its own.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Authentication {
    /// Every caller is let in; `Authorization` and `Signature` are neither read nor recorded.
    NotRequired,
}
