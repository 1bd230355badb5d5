//! What is secret by its form, whoever made it.

use std::ops::Range;

use super::views::View;

/// Characters of 32 bytes in base64, before the one of padding.
const OF_32_BYTES: usize = 43;
/// What stands before a digest, which has as many bytes.
const BEFORE_DIGESTS: [&[u8]; 4] = [b"sha-256=", b"digest: ", b"digest ", b"digest="];

/// Where JWTs stand, whole or cut behind their header.
pub(super) fn jwts(view: &View) -> impl Iterator<Item = Range<usize>> {
    let is_of_one = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.=".contains(&byte);
    words(&view.bytes, is_of_one)
        .into_iter()
        .filter_map(|word| {
            let bytes = view.bytes.get(word.clone())?;
            let start = bytes.windows(2).position(|it| it == b"ey")?;
            is_jwt(bytes.get(start..)?).then(|| view.range(word.start + start, bytes.len() - start))
        })
}

/// Where 32 bytes stand in base64 that are no digest: a shared secret, or the signature by one.
pub(super) fn signatures(view: &View) -> impl Iterator<Item = Range<usize>> {
    let is_of_one = |byte: u8| byte.is_ascii_alphanumeric() || b"+/-_".contains(&byte);
    words(&view.bytes, is_of_one)
        .into_iter()
        .filter_map(|word| {
            let is_padded = view.bytes.get(word.end) == Some(&b'=');
            let start = word.end.checked_sub(OF_32_BYTES)?;
            let before = view.bytes.get(..start)?.to_ascii_lowercase();
            let is_digest = BEFORE_DIGESTS.iter().any(|it| before.ends_with(it));
            let is_whole = start == word.start || before.ends_with(b"/");
            (is_padded && is_whole && !is_digest).then(|| view.range(start, OF_32_BYTES + 1))
        })
}

/// The longest runs of these bytes.
fn words(bytes: &[u8], is_in_it: impl Fn(u8) -> bool) -> Vec<Range<usize>> {
    let mut words = Vec::new();
    let mut start = None;
    for (at, byte) in bytes.iter().enumerate() {
        match (start, is_in_it(*byte)) {
            (None, true) => start = Some(at),
            (Some(first), false) => {
                words.push(first..at);
                start = None;
            }
            (None, false) | (Some(_), true) => {}
        }
    }
    words.extend(start.map(|first| first..bytes.len()));
    words
}

/// Whether a word has the shape of a JWT, or of one that was cut behind its header: two or more long parts, the first
/// of them a JSON object in base64url.
fn is_jwt(word: &[u8]) -> bool {
    let mut parts = word.split(|byte| *byte == b'.');
    let is_long = |part: &[u8]| part.len() >= 8;
    parts.next().is_some_and(is_long) && parts.next().is_some_and(is_long)
}
