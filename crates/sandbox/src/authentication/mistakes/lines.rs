//! Other strings that clients sign instead of the string to sign of an HTTP signature.

use std::time::{Duration, SystemTime};

use super::super::date;
use super::super::directory::SharedSecret;
use super::super::examination::Examination;
use crate::hosts;
use crate::masking::quoted;

/// Lines of the longest string that is tried. The guide's has five; a stranger could name thousands.
const MOST_LINES: usize = 16;
/// Lines of which every order is tried: there are 120 orders of five.
const MOST_ORDERED: usize = 5;
/// Seconds between the signed date and the one that is sent, of a client that reads its clock twice.
const MOST_SECONDS: u64 = 3;

/// A name that is signed, and its value.
pub(in super::super) type Line = (String, String);

/// A string that may have been signed, and what it is.
type Variant = (String, String);

/// What the signature covers instead of the lines, or by what it was made; none if nothing fits.
pub(in super::super) fn signature(
    secret: &SharedSecret,
    lines: &[Line],
    tag: &[u8],
    at: &Examination<'_>,
) -> Option<String> {
    const AS_TEXT: &str = "the shared secret as text; the key is the secret decoded from base64";
    if lines.len() > MOST_LINES {
        return None;
    }
    let text = joined(lines);
    if secret.verifies_as_text(text.as_bytes(), tag) {
        return Some(format!("a signature by {AS_TEXT}"));
    }
    variants(lines, at).find_map(|(text, what)| {
        if secret.verifies(text.as_bytes(), tag) {
            Some(format!("a signature over {what}"))
        } else if secret.verifies_as_text(text.as_bytes(), tag) {
            Some(format!("a signature over {what}, and by {AS_TEXT}"))
        } else {
            None
        }
    })
}

fn joined(lines: &[Line]) -> String {
    joined_by(lines, ": ", "\n")
}

fn joined_by(lines: &[Line], colon: &str, end: &str) -> String {
    let lines = lines
        .iter()
        .map(|(name, value)| format!("{name}{colon}{value}"));
    lines.collect::<Vec<_>>().join(end)
}

fn variants<'a>(lines: &'a [Line], at: &'a Examination<'a>) -> impl Iterator<Item = Variant> + 'a {
    layouts(lines)
        .into_iter()
        .chain(lines.iter().enumerate().flat_map(move |(place, line)| {
            let others = other_values(line, at).into_iter();
            others.map(move |other| with(lines, place, other))
        }))
        .chain((0..lines.len()).map(|place| without(lines, place)))
        .chain(orders(lines))
}

/// The same lines in another layout.
fn layouts(lines: &[Line]) -> Vec<Variant> {
    let named = |change: fn(&str) -> String| -> Vec<Line> {
        let changed = lines
            .iter()
            .map(|(name, value)| (change(name), value.clone()));
        changed.collect()
    };
    let text = joined(lines);
    let variant = |text: String, what: &str| (text, what.to_owned());
    let capitals = "names in capitals, as in Host; the names are in lower case";
    vec![
        variant(
            format!("{text}\n"),
            "these lines and a line feed at their end; the last line has none",
        ),
        variant(
            joined_by(lines, ": ", "\r\n"),
            "lines that end with CR LF; they are divided by LF alone",
        ),
        variant(
            joined_by(lines, ":", "\n"),
            "lines without a blank after the colon",
        ),
        variant(
            joined_by(lines, ": ", ""),
            "lines without line feeds between them",
        ),
        variant(joined(&named(title_case)), capitals),
        variant(joined(&named(str::to_ascii_uppercase)), capitals),
        variant(
            joined_by(&named(|_| String::new()), "", "\n"),
            "the values without their names",
        ),
    ]
}

fn title_case(name: &str) -> String {
    let words = name.split('-').map(|word| match word.split_at_checked(1) {
        Some((first, rest)) => format!("{}{rest}", first.to_ascii_uppercase()),
        None => word.to_owned(),
    });
    words.collect::<Vec<_>>().join("-")
}

/// Other values that clients sign for this line, or another name.
fn other_values((name, value): &Line, at: &Examination<'_>) -> Vec<Line> {
    let valued = |values: Vec<String>| -> Vec<Line> {
        let values = values.into_iter().filter(|other| other != value);
        values.map(|other| (name.clone(), other)).collect()
    };
    match name.as_str() {
        "host" => {
            let names = hosts::HOSTS.iter().map(|host| (*host).to_owned());
            let mut hosts: Vec<String> = names.collect();
            hosts.push(format!("https://{value}"));
            hosts.extend(at.header("host").map(str::to_owned));
            valued(hosts)
        }
        "request-target" | "(request-target)" => {
            let mut others = valued(targets(at));
            let other = if name.starts_with('(') {
                "request-target"
            } else {
                "(request-target)"
            };
            others.push((other.to_owned(), value.clone()));
            others
        }
        "v-c-merchant-id" => valued(at.header(name).map(str::to_owned).into_iter().collect()),
        "digest" => {
            let algorithm = value.split_once('=').map(|(_, digest)| digest.to_owned());
            let mut digests: Vec<String> = algorithm.into_iter().collect();
            digests.push(format!("SHA-256={value}"));
            digests.extend(at.body.map(super::digests::wanted));
            valued(digests)
        }
        _ => valued(dates(value)),
    }
}

fn targets(at: &Examination<'_>) -> Vec<String> {
    let (method, path) = (at.method(), at.path());
    let with_path = |path: &str| format!("{method} {path}");
    let version = if path.starts_with("/tms/v2/") {
        path.replacen("/v2/", "/v3/", 1)
    } else {
        path.replacen("/v3/", "/v2/", 1)
    };
    let slashed = path
        .strip_suffix('/')
        .map_or_else(|| format!("{path}/"), str::to_owned);
    let mut targets = vec![
        with_path(&slashed),
        with_path(path.trim_start_matches('/')),
        with_path(&path.to_ascii_lowercase()),
        with_path(&version),
        with_path(&format!("https://{}{path}", at.host())),
        format!("{} {path}", method.to_ascii_uppercase()),
        format!("{method}{path}"),
        path.to_owned(),
    ];
    targets.extend(
        at.head
            .uri
            .path_and_query()
            .map(|whole| with_path(whole.as_str())),
    );
    targets
}

/// The dates just before and after a date.
fn dates(value: &str) -> Vec<String> {
    let Some(date) = date::prescribed(value) else {
        return Vec::new();
    };
    let near = (1..=MOST_SECONDS).map(Duration::from_secs);
    let near = near.flat_map(|it| [date.checked_add(it), date.checked_sub(it)]);
    near.flatten()
        .map(|it: SystemTime| httpdate::fmt_http_date(it))
        .collect()
}

fn with(lines: &[Line], place: usize, other: Line) -> Variant {
    let mut changed = lines.to_vec();
    let what = format!(
        "another line: {}",
        quoted(&format!("{}: {}", other.0, other.1))
    );
    if let Some(line) = changed.get_mut(place) {
        *line = other;
    }
    (joined(&changed), what)
}

fn without(lines: &[Line], place: usize) -> Variant {
    let mut changed = lines.to_vec();
    let (name, _) = changed.remove(place);
    (
        joined(&changed),
        format!("lines without the one of {}", quoted(&name)),
    )
}

/// Every other order of the lines.
fn orders(lines: &[Line]) -> impl Iterator<Item = Variant> + '_ {
    let number = if lines.len() <= MOST_ORDERED {
        (1..=lines.len()).product()
    } else {
        1
    };
    (1..number).map(|number| {
        let order = order(lines.to_vec(), number);
        let names: Vec<&str> = order.iter().map(|(name, _)| name.as_str()).collect();
        let names = quoted(&names.join(" "));
        let what =
            format!("another order of the lines, {names}; the order is that of headers=\"…\"");
        (joined(&order), what)
    })
}

/// The order of this number, in the factorial number system.
fn order(mut rest: Vec<Line>, mut number: usize) -> Vec<Line> {
    let mut order = Vec::with_capacity(rest.len());
    while !rest.is_empty() {
        let place = number % rest.len();
        number /= rest.len();
        order.push(rest.remove(place));
    }
    order
}
