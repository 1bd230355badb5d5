//! The sandbox's counts, with which the cells are compared.

use std::fmt::Debug;

use payment_credentials_sandbox::Sandbox;

pub(super) struct Counts {
    pub(super) connections: u64,
    pub(super) faults: usize,
    pub(super) minted: u64,
    pub(super) requests: usize,
}

impl Counts {
    pub(super) fn of(sandbox: &Sandbox) -> Self {
        Self {
            connections: sandbox.connections(),
            faults: sandbox.faults().log().len(),
            minted: sandbox.minted(),
            requests: sandbox.requests().len(),
        }
    }
}

pub(super) fn check<T: Copy + PartialEq + Debug>(
    what: &str,
    got: T,
    wanted: T,
) -> Result<(), String> {
    if got == wanted {
        return Ok(());
    }
    Err(format!("{what}: wanted {wanted:?}, got {got:?}"))
}
