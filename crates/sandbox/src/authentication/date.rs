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
    let (seconds, form) = if text.starts_with(|first: char| first.is_ascii_digit()) {
        (iso(text)?, Tolerated::IsoDate)
    } else {
        (unpadded(text)?, Tolerated::UnpaddedDate)
    };
    let date = UNIX_EPOCH.checked_add(Duration::from_secs(seconds))?;
    Some((date, form))
}

/// `Fri, 27 Nov 2026 9:05:02 GMT` or `Fri, 4 Mar 2022 10:00:00 GMT`.
fn unpadded(text: &str) -> Option<u64> {
    let (_weekday, rest) = text.split_once(", ")?;
    let mut parts = rest.split(' ');
    let day = number(parts.next()?, 2)?;
    let month = parts.next()?;
    let month = MONTHS.iter().position(|name| *name == month)?;
    let year = number(parts.next()?, 4)?;
    let time = clock(parts.next()?)?;
    (parts.next() == Some("GMT") && parts.next().is_none()).then_some(())?;
    Some(days(year, u64::try_from(month).ok()? + 1, day)? * DAY + time)
}

/// `2026-11-27T10:30:27Z`, `2026-11-27 10:30:27.998 +00:00:00` or `2026-11-27 10:28:41.566 +0000 UTC`.
fn iso(text: &str) -> Option<u64> {
    let (date, rest) = text.split_once([' ', 'T'])?;
    let mut date = date.split('-');
    let (year, month, day) = (date.next()?, date.next()?, date.next()?);
    date.next().is_none().then_some(())?;
    let day = days(number(year, 4)?, number(month, 2)?, number(day, 2)?)?;
    let end = rest.find(['Z', ' ', '+']).unwrap_or(rest.len());
    let (time, zone) = rest.split_at_checked(end)?;
    // Other zones are of clients that nobody reported.
    let zones = ["", "Z", "+00:00", "+0000", "+00:00:00", "+0000 UTC", "UTC"];
    zones.contains(&zone.trim_start()).then_some(())?;
    let (time, fraction) = time.split_once('.').unwrap_or((time, "0"));
    number(fraction, 9)?;
    Some(day * DAY + clock(time)?)
}

const DAY: u64 = 24 * 60 * 60;

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// The seconds of `H:M:S`, each with one digit or two.
fn clock(text: &str) -> Option<u64> {
    let mut parts = text.split(':').map(|part| number(part, 2));
    let (hour, minute, second) = (parts.next()??, parts.next()??, parts.next()??);
    let is_valid = hour < 24 && minute < 60 && second < 61 && parts.next().is_none();
    is_valid.then_some(hour * 3600 + minute * 60 + second)
}

fn number(text: &str, most: usize) -> Option<u64> {
    let is_number = (1..=most).contains(&text.len()) && text.bytes().all(|it| it.is_ascii_digit());
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

    fn seconds(date: SystemTime) -> u64 {
        date.duration_since(UNIX_EPOCH)
            .expect("after 1970")
            .as_secs()
    }

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
            assert_eq!(unpadded(&text), Some(day * DAY), "{text}");
        }
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
            "2026-13-27 10:30:27",
            "2026-11-27",
            "1764239427",
            "2026-11-27T10:30:27Z more",
        ] {
            assert_eq!(tolerated(text), None, "{text}");
        }
    }
}
