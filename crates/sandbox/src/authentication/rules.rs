use super::directory::Directory;
use crate::explained::Explained;
use crate::reading::Reading;

/// The part of a policy that concerns authentication.
#[derive(Debug)]
pub(crate) struct Rules {
    pub(crate) reading: Reading,
    pub(crate) explained: Explained,
    pub(crate) directory: Directory,
}
