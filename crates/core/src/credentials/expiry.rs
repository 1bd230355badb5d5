use std::fmt;

use crate::secret::Personal;

use super::chargeable::NotChargeable;

/// The month in which a card or a network token expires.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Expiry {
    /// The month, 1 to 12.
    pub month: u8,
    /// The year, 2000 to 2099.
    pub year: u16,
}

impl Expiry {
    pub(super) fn read(
        month: Option<&Personal>,
        year: Option<&Personal>,
    ) -> Result<Self, NotChargeable> {
        let number = |text: Option<&Personal>, digits| {
            let text = text?.expose();
            let all_digits = text.bytes().all(|byte| byte.is_ascii_digit());
            (all_digits && text.len() == digits).then(|| text.parse::<u16>().ok())?
        };
        let month = number(month, 2).and_then(|month| u8::try_from(month).ok());
        match (month, number(year, 4)) {
            (Some(month @ 1..=12), Some(year @ 2000..=2099)) => Ok(Self { month, year }),
            _ => Err(NotChargeable::BadExpiry),
        }
    }
}

impl fmt::Display for Expiry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}/{}", self.month, self.year)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn an_expiry_is_shown_as_it_is_written(month in "\\PC{0,3}|[01][0-9]", year in "\\PC{0,5}|20[0-9]{2}") {
            let (month_text, year_text) = (Personal::from(&*month), Personal::from(&*year));
            match Expiry::read(Some(&month_text), Some(&year_text)) {
                Ok(expiry) => prop_assert_eq!(expiry.to_string(), format!("{month}/{year}")),
                Err(error) => prop_assert_eq!(error, NotChargeable::BadExpiry),
            }
        }
    }
}
