//! Credentials, heads and errors of the recorded shape, with published test values.

use std::time::{Duration, SystemTime};

use http::{HeaderMap, HeaderValue, StatusCode, header};
use payment_credentials_core::header::{CORRELATION_ID, UNIQUE_TRANSACTION_ID};
use payment_credentials_core::wire::{self, ResponseBody};
use payment_credentials_core::{
    ClockSkew, Delivery, PaymentCredentials, Phase, PortError, PortErrorKind, Repeatability,
    ResponseHead, TokenId, UnexpectedResponse, VendorError,
};
use serde_json::{Map, Value, json};

use super::encoding::Encoding;
use super::entry::Lines;
use super::grammar::PRESENT;

/// What makes the values of one entry differ from those of another: the alias, and the how-many-th of that alias.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'a> {
    pub(super) alias: &'a str,
    pub(super) nth: usize,
}

impl Place<'_> {
    /// The id of a call that the service would have made.
    fn id(self) -> String {
        format!("replayed-{}-{}", self.alias.replace(' ', "-"), self.nth + 1)
    }

    /// A seed for values, by FNV-1a.
    fn seed(self, name: &str) -> u64 {
        let place = format!("{}\n{}\n{name}", self.alias, self.nth);
        place.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        })
    }

    fn fresh(self, lines: &Lines, name: &str) -> Option<String> {
        let encoding = Encoding::parse(lines.get(name)?)?;
        Some(encoding.fresh(self.seed(name)))
    }
}

/// A published test number: of network tokens, then of cards.
fn test_number(brand: &str) -> [&'static str; 2] {
    match brand {
        "american-express" => ["370000000000002", "378282246310005"],
        "jcb" => ["3566111111111113", "3566111111111113"],
        "mastercard" => ["5204240250197840", "5555555555554444"],
        "visa" => ["4323126880354068", "4111111111111111"],
        _ => ["6011111111111117", "6011111111111117"],
    }
}

/// The number for display: the first six and the last four digits.
fn masked(number: &str) -> String {
    let digit = |(at, digit): (usize, char)| {
        let is_shown = at < 6 || at + 4 >= number.len();
        if is_shown { digit } else { 'X' }
    };
    number.chars().enumerate().map(digit).collect()
}

/// A head of the recorded shape. Only core's decoder makes heads with headers.
pub(super) fn head(lines: &Lines, place: Place<'_>) -> Option<ResponseHead> {
    let status = StatusCode::from_u16(lines.get("status")?.parse().ok()?).ok()?;
    let mut headers = HeaderMap::new();
    let id = HeaderValue::from_str(&place.id()).ok()?;
    if lines.get("correlation id").is_some() {
        headers.insert(CORRELATION_ID, id.clone());
    }
    if lines.get("unique transaction id").is_some() {
        headers.insert(UNIQUE_TRANSACTION_ID, id);
    }
    if let Some(wait) = lines.get("retry after") {
        headers.insert(header::RETRY_AFTER, HeaderValue::from_str(wait).ok()?);
    }
    let body = ResponseBody::Received("eyJ9.a.b.c.d".into());
    match wire::decode(status, &headers, body) {
        Ok(sealed) => Some(sealed.head().clone()),
        Err(error) => error.head().cloned(),
    }
}

/// An error of the recorded shape; `None` if a word isn't known, which the parser excludes.
pub(super) fn error(lines: &Lines, place: Place<'_>) -> Option<PortError> {
    let name = |name| lines.get(name);
    let kind = PortErrorKind::all().find(|it| Some(it.name()) == name("kind"))?;
    let delivery = named(Delivery::ALL, Delivery::name, name("delivery")?)?;
    let phase = named(Phase::ALL, Phase::name, name("phase")?)?;
    let repeatability = named(
        Repeatability::ALL,
        Repeatability::name,
        name("repeatability")?,
    )?;
    let head = head(lines, place);
    let mut error = base(kind, delivery, phase, repeatability, head.as_ref());
    if let Some(head) = head {
        error = error.with_head(head);
    }
    if let Some(attempts) = name("attempts") {
        error = error.with_attempts(attempts.parse().ok()?);
    }
    if let Some(reason) = name("reason") {
        let mut vendor = VendorError::default();
        vendor.code = Some(reason.to_owned());
        error = error.with_vendor_errors([vendor].into_iter().collect());
    }
    if let Some(skew) = name("clock skew").and_then(clock_skew) {
        error = error.with_clock_skew(skew);
    }
    if name("cause").is_some() {
        error = error.with_source("the cause was not recorded: a cassette holds no texts");
    }
    Some(error)
}

/// The error without its head. What a 4xx without any sign of the service would have meant follows from its status.
fn base(
    kind: PortErrorKind,
    delivery: Delivery,
    phase: Phase,
    repeatability: Repeatability,
    head: Option<&ResponseHead>,
) -> PortError {
    let new = || PortError::new(kind, delivery, phase, repeatability);
    if kind != PortErrorKind::Unexpected(UnexpectedResponse::NotTheService) {
        return new();
    }
    let status = head.and_then(|head| StatusCode::from_u16(head.status()).ok());
    let bare = ResponseBody::Received("".into());
    let decoded = status.map(|status| wire::decode(status, &HeaderMap::new(), bare));
    match decoded {
        Some(Err(error)) if error.kind() == kind => error
            .with_delivery(delivery)
            .with_repeatability(repeatability),
        Some(_) | None => new(),
    }
}

fn named<T: Copy>(all: &[T], name: impl Fn(T) -> &'static str, wanted: &str) -> Option<T> {
    all.iter().copied().find(|it| name(*it) == wanted)
}

/// A clock that is off by an hour.
fn clock_skew(direction: &str) -> Option<ClockSkew> {
    let local = SystemTime::UNIX_EPOCH + Duration::from_secs(1_780_000_000);
    let hour = Duration::from_secs(3600);
    let service = if direction == "behind" {
        local + hour
    } else {
        local - hour
    };
    ClockSkew::between(local, local, service)
}

/// Credentials of the recorded shape, for a request for this token id.
pub(super) fn credentials(
    lines: &Lines,
    place: Place<'_>,
    token_id: &TokenId,
) -> Option<PaymentCredentials> {
    let mut members = Map::new();
    if lines.get("account") == Some("network-token") {
        members.insert("tokenizedCard".to_owned(), network_token(lines, place));
    }
    if lines.get("card").is_some() {
        members.insert("card".to_owned(), card(lines));
    }
    if lines.get("issuer").is_some() {
        let issuer = json!({ "paymentAccountReference": REFERENCE });
        members.insert("issuer".to_owned(), issuer);
    }
    if let Some(indicator) = lines.get("commerce indicator") {
        let processing = json!({ "commerceIndicator": indicator });
        members.insert("processingInformation".to_owned(), processing);
    }
    if let Some(names) = lines.get("billing address") {
        let members_of = |name: &str| (name.to_owned(), Value::from(billing(name)));
        let address: Map<_, _> = names.split(' ').map(members_of).collect();
        members.insert("billTo".to_owned(), address.into());
    }
    if lines.get("token id").is_some() {
        let href = format!("/tms/v2/tokenized-cards/{}", token_id.as_str());
        let link = json!({ "tokenizedCard": { "href": href } });
        members.insert("_links".to_owned(), link);
    }
    let plaintext = Value::from(members).to_string();
    PaymentCredentials::from_plaintext(plaintext.as_bytes()).ok()
}

/// The payment account reference of the fixtures.
const REFERENCE: &str = "V0010013025198559200843564380";

fn network_token(lines: &Lines, place: Place<'_>) -> Value {
    let mut token = Map::new();
    let mut add = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            token.insert(name.to_owned(), value.into());
        }
    };
    let word = |name: &str| lines.get(name).map(str::to_owned);
    add("state", word("state"));
    add("reason", word("reason"));
    add("type", word("network"));
    add("source", word("source"));
    add("eci", word("eci"));
    add("number", lines.get("number").map(number));
    if lines.get("expiry").is_some() {
        add("expirationMonth", Some("12".to_owned()));
        add("expirationYear", Some("2031".to_owned()));
    }
    add("cryptogram", place.fresh(lines, "cryptogram"));
    add("securityCode", place.fresh(lines, "security code"));
    for name in lines
        .get("members")
        .into_iter()
        .flat_map(|it| it.split(' '))
    {
        add(name, Some(member(name, place)));
    }
    if ["details", "details type"]
        .iter()
        .any(|it| lines.get(it).is_some())
    {
        token.insert("card".to_owned(), details(lines));
    }
    let checks = [
        ("securityCode", "security code check"),
        ("address", "address check"),
    ];
    let results = checks.into_iter().filter_map(|(name, line)| {
        let result = lines.get(line)?;
        Some((name.to_owned(), result.into()))
    });
    let results: Map<String, Value> = results.collect();
    if !results.is_empty() {
        token.insert("verificationResults".to_owned(), results.into());
    }
    token.into()
}

/// A number that isn't one is recorded as being there.
fn number(brand: &str) -> String {
    let [number, _] = test_number(brand);
    if brand == PRESENT {
        "malformed"
    } else {
        number
    }
    .to_owned()
}

fn member(name: &str, place: Place<'_>) -> String {
    match name {
        "applicationTransactionCounter" => (place.nth + 1).to_string(),
        "object" => "tokenizedCard".to_owned(),
        "paymentAccountReference" => REFERENCE.to_owned(),
        "requestorId" => "40010052236".to_owned(),
        _ => format!("replayed-{name}"),
    }
}

fn details(lines: &Lines) -> Value {
    let brand = match lines.get("details type") {
        Some("001") => "visa",
        Some("002") => "mastercard",
        Some("003") => "american-express",
        Some("007") => "jcb",
        _ => lines.get("number").unwrap_or_default(),
    };
    let [_, number] = test_number(brand);
    let suffix = number.get(number.len() - 4..).unwrap_or_default();
    let names = lines.get("details").unwrap_or_default();
    let mut details = Map::new();
    for name in names.split(' ').filter(|name| !name.is_empty()) {
        let value = match name {
            "expirationMonth" => "12".to_owned(),
            "expirationYear" => "2031".to_owned(),
            "number" => masked(number),
            _ => suffix.to_owned(),
        };
        details.insert(name.to_owned(), value.into());
    }
    if let Some(card_type) = lines.get("details type") {
        details.insert("type".to_owned(), card_type.into());
    }
    details.into()
}

fn card(lines: &Lines) -> Value {
    let [_, number] = test_number(lines.get("card brand").unwrap_or_default());
    let number = match lines.get("card") {
        Some("full") => Some(number.to_owned()),
        Some("masked") => Some(masked(number)),
        Some("malformed") => Some("malformed".to_owned()),
        Some(_) | None => None,
    };
    let mut card = Map::new();
    if let Some(number) = number {
        card.insert("number".to_owned(), number.into());
    }
    if lines.get("card expiry").is_some() {
        card.insert("expirationMonth".to_owned(), "12".into());
        card.insert("expirationYear".to_owned(), "2031".into());
    }
    if let Some(card_type) = lines.get("card type") {
        card.insert("type".to_owned(), card_type.into());
    }
    card.into()
}

/// The vendor's published example of an address.
fn billing(name: &str) -> &'static str {
    match name {
        "address1" => "1 Market St",
        "address2" => "Address 2",
        "administrativeArea" => "CA",
        "company" => "CyberSource",
        "country" => "US",
        "email" => "john.doe@example.com",
        "firstName" => "John",
        "lastName" => "Doe",
        "locality" => "San Francisco",
        "phoneNumber" => "4158880000",
        _ => "94105",
    }
}
