use std::fmt;

use zeroize::Zeroizing;

use crate::shown;

/// Members that this version doesn't know, as JSON text: secret, and wiped on drop.
///
/// The vendor reserves the right to add members at any time. `Debug` shows the first names, never
/// values.
#[derive(Default)]
pub struct UnknownMembers(Vec<(Box<str>, Zeroizing<String>)>);

impl UnknownMembers {
    /// How many names are shown: a hostile response may have tens of thousands.
    const SHOWN: usize = 16;

    /// Copies members, each a name and a value as JSON text.
    pub(super) fn copied<'a>(members: impl Iterator<Item = (&'a str, &'a str)>) -> Self {
        let copied = members.map(|(name, json)| (name.into(), Zeroizing::new(json.to_owned())));
        Self(copied.collect())
    }

    /// Whether there is no member.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The members' names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| &**name)
    }

    /// The member's value as JSON text, which may hold card data.
    #[must_use]
    pub fn expose(&self, name: &str) -> Option<&str> {
        let member = self.0.iter().find(|(member, _)| **member == *name);
        member.map(|(_, json)| json.as_str())
    }
}

impl fmt::Debug for UnknownMembers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.names().map(|name| shown::printable(name, 64));
        let mut set = f.debug_set();
        set.entries(shown.take(Self::SHOWN));
        if self.0.len() > Self::SHOWN {
            set.finish_non_exhaustive()
        } else {
            set.finish()
        }
    }
}
