//! Structs whose members are defined once: type, wire name and limit in one table.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;

use crate::secret::Personal;

/// Members that this version doesn't know. They are sent unchanged.
///
/// So a new member of the API never blocks a caller. A member that this version does know is rejected here,
/// so that its checks can't be bypassed. `Debug` shows names, never values.
///
/// ```
/// use payment_credentials_core::request::ExtraMembers;
///
/// let extra: ExtraMembers = [("id", "device-1".into())].into_iter().collect();
/// assert_eq!(format!("{extra:?}"), r#"{"id"}"#);
/// ```
#[derive(Clone, Default, PartialEq)]
pub struct ExtraMembers(BTreeMap<String, Value>);

impl ExtraMembers {
    /// Whether there is no member.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The members, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }
}

impl<Name: Into<String>> FromIterator<(Name, Value)> for ExtraMembers {
    fn from_iter<Pairs: IntoIterator<Item = (Name, Value)>>(pairs: Pairs) -> Self {
        let pairs = pairs.into_iter().map(|(name, value)| (name.into(), value));
        Self(pairs.collect())
    }
}

impl fmt::Debug for ExtraMembers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// A struct that is encoded as a JSON object.
pub(crate) trait Members {
    /// Every member of the object that this version knows, set or not.
    fn members(&self) -> Vec<Member<'_>>;
    /// The members that this version doesn't know.
    fn extra(&self) -> &ExtraMembers;
}

/// One member of an object.
pub(crate) struct Member<'a> {
    pub(crate) name: &'static str,
    /// The smallest number of characters of a text.
    pub(crate) min: Option<usize>,
    /// The greatest number of characters of a text.
    pub(crate) max: Option<usize>,
    /// The member's value, if it is set.
    pub(crate) held: Option<Held<'a>>,
}

/// A value that a member can have.
pub(crate) enum Held<'a> {
    Flag(bool),
    List(Vec<&'a dyn Members>),
    Object(&'a dyn Members),
    Text(&'a str),
}

/// A type of fields that a member's value can be read from.
pub(crate) trait Hold {
    fn held(&self) -> Option<Held<'_>>;
}

impl<T: Hold> Hold for Option<T> {
    fn held(&self) -> Option<Held<'_>> {
        self.as_ref().and_then(T::held)
    }
}

impl Hold for bool {
    fn held(&self) -> Option<Held<'_>> {
        Some(Held::Flag(*self))
    }
}

impl Hold for String {
    fn held(&self) -> Option<Held<'_>> {
        Some(Held::Text(self))
    }
}

impl Hold for Personal {
    fn held(&self) -> Option<Held<'_>> {
        Some(Held::Text(self.expose()))
    }
}

impl<T: Members> Hold for Vec<T> {
    /// An empty list isn't sent.
    fn held(&self) -> Option<Held<'_>> {
        let objects = || self.iter().map(|object| object as &dyn Members).collect();
        (!self.is_empty()).then(|| Held::List(objects()))
    }
}

/// Defines structs of optional members: field, type, name on the wire and limit in one line.
macro_rules! members {
    ($(
        $(#[$doc:meta])*
        pub struct $name:ident {
            $(
                $(#[$member_doc:meta])*
                $field:ident / $with:ident: $type:ty = $wire:literal
                    $(, min $min:literal)? $(, max $max:literal)?;
            )+
        }
    )+) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, Default)]
        #[non_exhaustive]
        pub struct $name {
            $(
                $(#[$member_doc])*
                #[doc = concat!("\n\n`", $wire, "`" $(, ", at least ", $min)? $(, ", at most ", $max, " characters")?, ".")]
                pub $field: Option<$type>,
            )+
            /// Members that this version doesn't know.
            pub extra: ExtraMembers,
        }

        impl $name {
            $(
                #[doc = concat!("Sets [`", stringify!($field), "`](Self::", stringify!($field), ").")]
                #[must_use]
                pub fn $with(mut self, value: impl Into<$type>) -> Self {
                    self.$field = Some(value.into());
                    self
                }
            )+

            /// Sets the members that this version doesn't know.
            #[must_use]
            pub fn with_extra(mut self, extra: ExtraMembers) -> Self {
                self.extra = extra;
                self
            }
        }

        impl $crate::request::members_macro::Members for $name {
            fn members(&self) -> Vec<$crate::request::members_macro::Member<'_>> {
                use $crate::request::members_macro::{Hold, Member};
                vec![$(Member {
                    name: $wire,
                    min: [$($min,)?].first().copied(),
                    max: [$($max,)?].first().copied(),
                    held: self.$field.held(),
                }),+]
            }

            fn extra(&self) -> &ExtraMembers {
                &self.extra
            }
        }

        impl $crate::request::members_macro::Hold for $name {
            fn held(&self) -> Option<$crate::request::members_macro::Held<'_>> {
                Some($crate::request::members_macro::Held::Object(self))
            }
        }
    )+};
}

pub(super) use members;
