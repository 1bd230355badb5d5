//! How strictly requests are read; this applies to headers, authentication, encryption and body.

use std::fmt;

/// Whether forms are accepted that neither the vendor's guide nor its `OpenAPI` document prescribes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Reading {
    Strict,
    Tolerant,
}

/// Defines the forms once: variant, page and name.
macro_rules! tolerances {
    ($($(#[$page:meta])+ $variant:ident = $name:literal;)+) => {
        /// A form that the vendor's documents don't prescribe, and that an official source or a report backs.
        ///
        /// [`Policy::tolerant`](crate::Policy::tolerant) accepts and notes these;
        /// [`Policy::strict`](crate::Policy::strict) refuses each at its check. What is not in this list is refused
        /// by both. The [crate's page](crate#what-it-tolerates) has the source of each.
        #[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
        #[non_exhaustive]
        pub enum Tolerated {
            $($(#[$page])+ $variant,)+
        }

        impl Tolerated {
            /// The forms of this release.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The name of the form, such as `hostWithPort`.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }
        }
    };
}

tolerances! {
    /// `Accept` as a list of media types with `application/jose` in it, as `*/*`, or not sent.
    Accept = "accept";
    /// The claim `v-c-api-response-mle-kid` instead of `v-c-response-mle-kid`.
    ApiResponseKeyId = "apiResponseKeyId";
    /// The value of `digestAlgorithm`, or the prefix of `Digest`, as `sha-256`.
    DigestAlgorithmCase = "digestAlgorithmCase";
    /// The claim `digest-algorithm` instead of `digestAlgorithm`.
    DigestAlgorithmName = "digestAlgorithmName";
    /// No body instead of `{}`.
    EmptyBody = "emptyBody";
    /// `{}` or no body in the clear, where the policy demands encrypted requests.
    EmptyInTheClear = "emptyInTheClear";
    /// The host signed with the port that `Host` has.
    HostWithPort = "hostWithPort";
    /// A request that is encrypted, and signed by HTTP Signature.
    HttpSignatureMle = "httpSignatureMle";
    /// A date as in ISO 8601, such as `2026-11-27 10:28:41.566 +0000 UTC`.
    IsoDate = "isoDate";
    /// A JWT of version 1.
    JwtVersion1 = "jwtVersion1";
    /// `v-c-jwt-version` as the number 2 instead of the text.
    JwtVersionNumber = "jwtVersionNumber";
    /// `request-resource-path` in lower case, where the path has capitals.
    LowerCasePath = "lowerCasePath";
    /// `request-method` in capitals.
    MethodCase = "methodCase";
    /// An encrypted request without `cty`.
    NoContentType = "noContentType";
    /// An encrypted request without `iat`.
    NoIssuedAt = "noIssuedAt";
    /// `request-host` as another name of the sandbox's certificate than `Host`.
    OtherHost = "otherHost";
    /// `(request-target)` instead of `request-target`.
    ParenthesisedTarget = "parenthesisedTarget";
    /// An encrypted request with `alg` RSA-OAEP instead of RSA-OAEP-256.
    RsaOaep = "rsaOaep";
    /// `iat` or `exp` as text instead of a number.
    TextTime = "textTime";
    /// A date whose day or hour has one digit, such as `Fri, 27 Nov 2026 9:05:02 GMT`.
    UnpaddedDate = "unpaddedDate";
    /// `v-c-date` instead of `date`.
    VcDate = "vcDate";
}

impl fmt::Display for Tolerated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::Tolerated;

    const PAGE: &str = include_str!("tolerances.md");

    /// The cells of each row of the page, without the head of the table.
    fn rows() -> Vec<Vec<&'static str>> {
        let lines = PAGE.lines().filter(|line| line.starts_with('|')).skip(2);
        lines.map(cells).collect()
    }

    fn cells(line: &'static str) -> Vec<&'static str> {
        let inner = line.trim_matches('|');
        inner.split(" | ").map(str::trim).collect()
    }

    #[test]
    fn every_tolerance_is_a_row_of_the_page_with_its_source() {
        let named: Vec<String> = rows().iter().map(|cells| cells[0].to_owned()).collect();
        let expected: Vec<String> = Tolerated::ALL
            .iter()
            .map(|form| format!("`{form}`"))
            .collect();
        assert_eq!(named, expected);
        for cells in rows() {
            assert_eq!(cells.len(), 4, "{cells:?}");
            assert!(cells.iter().all(|cell| !cell.is_empty()), "{cells:?}");
        }
    }
}
