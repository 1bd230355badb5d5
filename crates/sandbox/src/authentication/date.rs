//! The date that a signature covers, in the form that the guide prescribes and in those that clients send.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::reading::Tolerated;

/// RFC 9110 §5.6.7, without the two obsolete formats.
pub(super) fn prescribed(text: &str) -> Option<SystemTime> {
    let date = httpdate::parse_http_date(text).ok()?;
    (httpdate::fmt_http_date(date) == text).then_some(date)
}

/// Another form that clients in use send, and which of them it is.
pub(super) fn tolerated(text: &str) -> Option<(SystemTime, Tolerated)> {
    if text.starts_with(|first: char| first.is_ascii_digit()) {
        Some((iso(text)?, Tolerated::IsoDate))
    } else {
        Some((unpadded(text)?, Tolerated::UnpaddedDate))
    }
}

/// The seconds since the epoch; 0 before it.
pub(super) fn seconds(date: SystemTime) -> i64 {
    let since = date.duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

/// `Fri, 27 Nov 2026 9:05:02 GMT` or `Fri, 4 Mar 2022 10:00:00 GMT`: the prescribed form, but for one zero or two.
pub(super) fn unpadded(text: &str) -> Option<SystemTime> {
    let (weekday, rest) = text.split_once(", ")?;
    let (day, rest) = rest.split_once(' ')?;
    let (month_and_year, time) = rest.split_at_checked("Nov 2026 ".len())?;
    let (hour, rest) = time.split_once(':')?;
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|it| it.is_ascii_digit());
    (is_number(day) && is_number(hour)).then_some(())?;
    prescribed(&format!(
        "{weekday}, {day:0>2} {month_and_year}{hour:0>2}:{rest}"
    ))
}

/// `2026-11-27T10:30:27Z`, `2026-11-27 10:30:27.998 +00:00:00` or `2026-11-27 10:28:41.566 +0000 UTC`.
fn iso(text: &str) -> Option<SystemTime> {
    let (date, rest) = text.split_once([' ', 'T'])?;
    let mut date = date.split('-');
    let (year, month, day) = (date.next()?, date.next()?, date.next()?);
    date.next().is_none().then_some(())?;
    let (month, day) = (number(month, 2)?, number(day, 2)?);
    let days = days(number(year, 4)?, month, day)?;
    let end = rest.find(['Z', ' ', '+'])?;
    let (time, zone) = rest.split_at_checked(end)?;
    // Other zones are of clients that nobody reported.
    let zones = ["Z", "+00:00", "+0000", "+00:00:00", "+0000 UTC"];
    zones.contains(&zone.trim_start()).then_some(())?;
    let (time, fraction) = time.split_once('.').unwrap_or((time, "0"));
    (1..=9).contains(&fraction.len()).then_some(())?;
    number(fraction, fraction.len())?;
    let date = UNIX_EPOCH.checked_add(Duration::from_secs(days * DAY + clock(time)?))?;
    // A day that the month doesn't have would be one of the next month.
    let written = httpdate::fmt_http_date(date);
    (number(written.get(5..7)?, 2)? == day).then_some(date)
}

const DAY: u64 = 24 * 60 * 60;

/// The seconds of `HH:MM:SS`.
fn clock(text: &str) -> Option<u64> {
    let mut parts = text.split(':').map(|part| number(part, 2));
    let (hour, minute, second) = (parts.next()??, parts.next()??, parts.next()??);
    let is_valid = hour < 24 && minute < 60 && second < 60 && parts.next().is_none();
    is_valid.then_some(hour * 3600 + minute * 60 + second)
}

fn number(text: &str, length: usize) -> Option<u64> {
    let is_number = text.len() == length && text.bytes().all(|it| it.is_ascii_digit());
    is_number.then(|| text.parse().ok())?
}

/// The days since 1970-01-01, in the Gregorian calendar.
fn days(year: u64, month: u64, day: u64) -> Option<u64> {
    let is_valid =
        (1970..=9999).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day);
    is_valid.then_some(())?;
    // Years that begin in March put the leap day at their end.
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let leap_days = year / 4 - year / 100 + year / 400;
    let day_of_year = (153 * month + 2) / 5 + day - 1;
    // 719,468 days lie between the first of March of the year 0 and 1970-01-01.
    (year * 365 + leap_days + day_of_year).checked_sub(719_468)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_forms_of_clients_in_use_are_read() {
        for (text, same_as, form) in [
            (
                "Fri, 27 Nov 2026 9:05:02 GMT",
                "Fri, 27 Nov 2026 09:05:02 GMT",
                Tolerated::UnpaddedDate,
            ),
            (
                "Fri, 4 Mar 2022 10:00:00 GMT",
                "Fri, 04 Mar 2022 10:00:00 GMT",
                Tolerated::UnpaddedDate,
            ),
            (
                "2026-11-27 10:30:27.998 +00:00:00",
                "Fri, 27 Nov 2026 10:30:27 GMT",
                Tolerated::IsoDate,
            ),
            (
                "2026-11-27 10:28:41.566 +0000 UTC",
                "Fri, 27 Nov 2026 10:28:41 GMT",
                Tolerated::IsoDate,
            ),
            (
                "2024-02-29T00:00:00Z",
                "Thu, 29 Feb 2024 00:00:00 GMT",
                Tolerated::IsoDate,
            ),
        ] {
            assert_eq!(prescribed(text), None, "{text}");
            let (date, is) = tolerated(text).expect(text);
            let expected = prescribed(same_as).expect("as prescribed");
            assert_eq!((seconds(date), is), (seconds(expected), form), "{text}");
        }
    }

    #[test]
    fn every_day_of_four_centuries_is_counted_as_the_library_does() {
        for day in 0..146_097_u64 {
            let date = UNIX_EPOCH + Duration::from_secs(day * DAY);
            let text = httpdate::fmt_http_date(date);
            let iso = format!("{}T00:00:00Z", iso_day(&text));
            assert_eq!(super::iso(&iso), Some(date), "{text}");
        }
    }

    /// The day of a date in the prescribed form, as in ISO 8601.
    fn iso_day(date: &str) -> String {
        let names = "JanFebMarAprMayJunJulAugSepOctNovDec";
        let month = names.find(&date[8..11]).expect("a month") / 3 + 1;
        format!("{}-{month:02}-{}", &date[12..16], &date[5..7])
    }

    #[test]
    fn what_no_source_backs_is_no_date() {
        for text in [
            "",
            "now",
            "Friday, 27-Nov-26 10:30:27 GMT",
            "Fri Nov 27 10:30:27 2026",
            "Fri, 27 Nov 2026 10:30:27 CET",
            "Fri, 27 Nov 2026 24:00:00 GMT",
            "Fri, 27 Nov 2026 10:30 GMT",
            "2026-11-27 10:30:27 +0100",
            "2026-13-27 10:30:27Z",
            "2026-11-31 10:30:27Z",
            "2026-11-27 9:30:27Z",
            "2026-11-27 10:30:27",
            "2026-11-27",
            "Thu, 27 Nov 2026 9:05:02 GMT",
            "Fri, 027 Nov 2026 9:05:02 GMT",
            "Tue, 31 Nov 2026 9:05:02 GMT",
            "1764239427",
            "2026-11-27T10:30:27Z more",
        ] {
            assert_eq!(tolerated(text), None, "{text}");
        }
    }
}
