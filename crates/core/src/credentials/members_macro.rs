//! Structs of the response, each member of which is defined once: field, type and wire name in one line.

use crate::secret::Personal;

use super::payload::PayloadError;
use super::secret_json::Object;
use super::text::Text;

/// A type that a member of the response can be read into.
pub(super) trait Take: Sized {
    /// Takes the member out of its object; `None` if it is absent or of another JSON type.
    fn take(object: &mut Object<'_, '_>, name: &str) -> Result<Option<Self>, PayloadError>;
}

/// Takes a member; the path of an error then begins with its name.
pub(super) fn take<T: Take>(
    object: &mut Object<'_, '_>,
    name: &str,
) -> Result<Option<T>, PayloadError> {
    T::take(object, name).map_err(|error| error.within(name))
}

impl Take for Text {
    fn take(object: &mut Object<'_, '_>, name: &str) -> Result<Option<Self>, PayloadError> {
        Ok(object.take_text(name).map(Self::new))
    }
}

impl Take for Personal {
    fn take(object: &mut Object<'_, '_>, name: &str) -> Result<Option<Self>, PayloadError> {
        Ok(object.take_text(name).map(Self::from_plaintext))
    }
}

/// Reads an open enum from a text.
macro_rules! take_as_text {
    ($($name:ident),+) => {$(
        impl $crate::credentials::members_macro::Take for $name {
            fn take(
                object: &mut $crate::credentials::secret_json::Object<'_, '_>,
                name: &str,
            ) -> Result<Option<Self>, $crate::credentials::payload::PayloadError> {
                Ok(object.take_decoded(name).map(|text| Self::from(&*text)))
            }
        }
    )+};
}

/// Defines structs of optional members that are read from an object of the response.
macro_rules! members {
    ($(
        $(#[$doc:meta])*
        pub struct $name:ident {
            $( $(#[$member_doc:meta])* $field:ident: $type:ty = $wire:literal; )+
        }
    )+) => {$(
        $(#[$doc])*
        #[derive(Debug, Default)]
        #[non_exhaustive]
        pub struct $name {
            $( $(#[$member_doc])* #[doc = concat!("\n\n`", $wire, "`.")] pub $field: Option<$type>, )+
            /// Members that this version doesn't know.
            pub unknown: $crate::credentials::UnknownMembers,
        }

        impl $crate::credentials::members_macro::Take for $name {
            fn take(
                object: &mut $crate::credentials::secret_json::Object<'_, '_>,
                name: &str,
            ) -> Result<Option<Self>, $crate::credentials::payload::PayloadError> {
                let Some(mut object) = object.take_object(name)? else {
                    return Ok(None);
                };
                Ok(Some(Self {
                    $( $field: $crate::credentials::members_macro::take(&mut object, $wire)?, )+
                    unknown: object.into_unknown(),
                }))
            }
        }
    )+};
}

pub(super) use members;
pub(super) use take_as_text;
