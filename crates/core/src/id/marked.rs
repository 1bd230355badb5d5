use std::borrow::Cow;
use std::fmt;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::LazyLock;

/// How `Debug` shows an id. Different ids can have the same mask, so a mark follows the mask that tells
/// them apart within this process: a failed `assert_eq!` of two ids then shows that they differ.
pub(super) struct Marked<'a> {
    text: Cow<'a, str>,
    mark: Option<u16>,
}

/// A random key of this process, which is never shown, so that a mark reveals nothing about the hidden
/// digits.
static MARKS: LazyLock<RandomState> = LazyLock::new(RandomState::new);

impl<'a> Marked<'a> {
    pub(super) fn new(id: &str, text: Cow<'a, str>) -> Self {
        let mark = (text != id).then(|| {
            let [.., high, low] = MARKS.hash_one(id).to_be_bytes();
            u16::from_be_bytes([high, low])
        });
        Self { text, mark }
    }

    pub(super) fn debug(&self, name: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.mark {
            None => f.debug_tuple(name).field(&self.text).finish(),
            Some(mark) => write!(f, "{name}({:?} #{mark:04x})", self.text),
        }
    }
}
