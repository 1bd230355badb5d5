//! The facts about a response besides its body.

use std::borrow::Cow;
use std::fmt;
use std::sync::{Arc, LazyLock};
use std::time::{Duration, SystemTime};

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};

use crate::header::{CORRELATION_ID, RULES, ResponseUse, UNIQUE_TRANSACTION_ID};
use crate::id::{CorrelationId, UniqueTransactionId};
use crate::shown;

/// How many characters of a kept header's value are kept.
const MAX_VALUE: usize = 256;

/// Status, ids and the few headers that are kept beside a response.
///
/// The kept headers are those of [`RULES`](crate::header::RULES), as printable text of at most 256
/// characters, with card numbers masked. Cookies and all other headers are dropped.
#[derive(Clone, Eq, PartialEq)]
pub struct ResponseHead(Arc<Kept>);

/// Shared, since a call's record and its result both hold it.
#[derive(Clone, Eq, PartialEq)]
struct Kept {
    status: u16,
    correlation_id: Option<CorrelationId>,
    unique_transaction_id: Option<UniqueTransactionId>,
    headers: Vec<(&'static str, Box<str>)>,
}

impl ResponseHead {
    /// A head with only a status, for fakes and tests.
    #[must_use]
    pub fn new(status: u16) -> Self {
        Self(Arc::new(Kept {
            status,
            correlation_id: None,
            unique_transaction_id: None,
            headers: Vec::new(),
        }))
    }

    /// Adds the service's id for the call.
    #[must_use]
    pub fn with_correlation_id(mut self, id: CorrelationId) -> Self {
        Arc::make_mut(&mut self.0).correlation_id = Some(id);
        self
    }

    /// Adds the service's second id for the call.
    #[must_use]
    pub fn with_unique_transaction_id(mut self, id: UniqueTransactionId) -> Self {
        Arc::make_mut(&mut self.0).unique_transaction_id = Some(id);
        self
    }

    /// Keeps the headers of a response that the header table keeps.
    pub(crate) fn received(status: StatusCode, headers: &HeaderMap) -> Self {
        let kept = |name: &'static HeaderName| Some((name.as_str(), text(headers.get(name)?)));
        Self(Arc::new(Kept {
            status: status.as_u16(),
            correlation_id: first(headers, &CORRELATION_ID, CorrelationId::received),
            unique_transaction_id: first(
                headers,
                &UNIQUE_TRANSACTION_ID,
                UniqueTransactionId::received,
            ),
            headers: KEPT.iter().filter_map(kept).collect(),
        }))
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.0.status
    }

    /// The service's id for the call, which the vendor's support needs.
    #[must_use]
    pub fn correlation_id(&self) -> Option<&CorrelationId> {
        self.0.correlation_id.as_ref()
    }

    /// The service's second id for the call.
    #[must_use]
    pub fn unique_transaction_id(&self) -> Option<&UniqueTransactionId> {
        self.0.unique_transaction_id.as_ref()
    }

    /// The value of a kept header, by its lower-case name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let kept = self.0.headers.iter().find(|(kept, _)| *kept == name);
        kept.map(|(_, value)| &**value)
    }

    /// The service's own time when it sent the response.
    #[must_use]
    pub fn date(&self) -> Option<SystemTime> {
        httpdate::parse_http_date(self.header(header::DATE.as_str())?).ok()
    }

    /// How long the service asks to wait; a value that is neither a delay nor a date is ignored.
    #[must_use]
    pub fn retry_after(&self) -> Option<RetryAfter> {
        let text = self.header(header::RETRY_AFTER.as_str())?;
        if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
            let seconds = text.parse().unwrap_or(u64::MAX);
            return Some(RetryAfter::Delay(Duration::from_secs(seconds)));
        }
        httpdate::parse_http_date(text).ok().map(RetryAfter::At)
    }
}

impl fmt::Debug for ResponseHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseHead")
            .field("status", &self.0.status)
            .field("correlation_id", &self.0.correlation_id)
            .field("unique_transaction_id", &self.0.unique_transaction_id)
            .field("headers", &self.0.headers)
            .finish()
    }
}

/// The names of the headers that the table keeps as text, made once: each response is asked for them.
static KEPT: LazyLock<Vec<HeaderName>> = LazyLock::new(|| {
    let kept = RULES
        .iter()
        .filter(|rule| rule.response == ResponseUse::Kept);
    kept.map(|rule| HeaderName::from_static(rule.name))
        .collect()
});

/// The value in the form that is kept.
fn text(value: &HeaderValue) -> Box<str> {
    let text = match value.to_str() {
        Ok(text) => Cow::Borrowed(text),
        Err(_not_ascii) => String::from_utf8_lossy(value.as_bytes()),
    };
    shown::printable(&text, MAX_VALUE).into()
}

fn first<Id>(
    headers: &HeaderMap,
    name: &HeaderName,
    received: fn(&HeaderValue) -> Option<Id>,
) -> Option<Id> {
    headers.get_all(name).iter().find_map(received)
}

/// How long the service asks to wait before the next attempt (RFC 9110 §10.2.3).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum RetryAfter {
    /// Wait until this time. Compare it with the response's own `Date` rather than with the local clock.
    At(SystemTime),
    /// Wait for this long. The value comes from the service and may be unreasonable: limit it.
    Delay(Duration),
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn head(headers: &[(&'static str, &str)]) -> ResponseHead {
        let headers = headers.iter().map(|(name, value)| {
            (
                HeaderName::from_static(name),
                value.parse().expect("a value"),
            )
        });
        ResponseHead::received(StatusCode::CREATED, &headers.collect())
    }

    #[test]
    fn keeps_the_ids_and_drops_cookies() {
        let head = head(&[
            ("v-c-correlation-id", "6612345"),
            ("uniquetransactionid", "abc"),
            ("set-cookie", "session=hunter2"),
            ("x-other", "hunter2"),
        ]);
        assert_eq!(head.correlation_id().expect("an id").as_str(), "6612345");
        assert_eq!(head.unique_transaction_id().expect("an id").as_str(), "abc");
        assert!(!format!("{head:?}").contains("hunter2"));
    }

    #[test]
    fn keeps_plain_values_as_they_are_and_makes_others_printable() {
        for (value, kept) in [
            (
                "Sun, 22 Nov 2026 12:00:00 GMT",
                "Sun, 22 Nov 2026 12:00:00 GMT",
            ),
            (
                "application/jose;charset=utf-8",
                "application/jose;charset=utf-8",
            ),
            ("", ""),
            ("a\tb", "a?b"),
            ("é", "?"),
            ("4111 1111 1111 1111", "4111 11XX XXXX 1111"),
        ] {
            let head = head(&[("content-type", value), ("date", value)]);
            assert_eq!(head.header("content-type"), Some(kept));
            assert_eq!(head.header("date"), Some(kept));
        }
    }

    #[test]
    fn reads_a_delay_or_a_date_and_ignores_junk() {
        let wait = |text| head(&[("retry-after", text)]).retry_after();
        assert_eq!(wait("2"), Some(RetryAfter::Delay(Duration::from_secs(2))));
        assert_eq!(wait("0"), Some(RetryAfter::Delay(Duration::ZERO)));
        let date = httpdate::parse_http_date("Thu, 28 May 2026 20:26:40 GMT").expect("a date");
        assert_eq!(
            wait("Thu, 28 May 2026 20:26:40 GMT"),
            Some(RetryAfter::At(date))
        );
        for junk in ["", "-1", "soon", "1.5", "+3"] {
            assert_eq!(wait(junk), None, "{junk}");
        }
        let most = Duration::from_secs(u64::MAX);
        assert_eq!(wait("99999999999999999999"), Some(RetryAfter::Delay(most)));
    }

    proptest! {
        #[test]
        fn keeps_bounded_printable_text_of_any_value(
            bytes in proptest::collection::vec(any::<u8>(), 0..600),
        ) {
            let Ok(value) = HeaderValue::from_bytes(&bytes) else { return Ok(()) };
            let kept = [header::RETRY_AFTER, header::DATE, CORRELATION_ID, UNIQUE_TRANSACTION_ID];
            let headers = kept.into_iter().map(|name| (name, value.clone()));
            let head = ResponseHead::received(StatusCode::CREATED, &headers.collect());
            let _ = (head.retry_after(), head.date());
            for (_, text) in &head.0.headers {
                prop_assert!(text.len() <= MAX_VALUE);
                prop_assert!(text.bytes().all(|byte| matches!(byte, b' '..=b'~')));
            }
            if let Some(id) = head.correlation_id() {
                prop_assert!(id.as_str().bytes().all(|byte| byte.is_ascii_graphic()));
            }
        }
    }

    #[test]
    fn masks_card_numbers_and_bounds_what_it_keeps() {
        let head = head(&[(
            "retry-after",
            &format!("4111111111111111 {}", "x".repeat(10_000)),
        )]);
        let kept = head.header("retry-after").expect("kept");
        assert!(kept.starts_with("411111XXXXXX1111 x"));
        assert_eq!(kept.len(), MAX_VALUE);
    }
}
