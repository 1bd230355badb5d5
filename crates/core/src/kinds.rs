//! Enums of what can happen. Each value has a word for metrics and logs, and a text for people.

/// Defines such an enum, with variant, word and text in one place.
macro_rules! kinds {
    (
        $(#[$doc:meta])*
        pub enum $name:ident {
            $($(#[$variant_doc:meta])* $variant:ident = $word:literal, $text:literal;)+
        }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
        #[non_exhaustive]
        pub enum $name {
            $(
                $(#[$variant_doc])*
                #[doc = concat!("\n\n[`name`](Self::name) returns `", $word, "`.")]
                $variant,
            )+
        }

        impl $name {
            /// Every variant in this release of the crate, in the order of declaration.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// One word for metrics, logs and dashboards, from a fixed list.
            ///
            /// To change a word is a breaking change.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(match self {
                    $(Self::$variant => $text,)+
                })
            }
        }
    };
}

pub(crate) use kinds;
