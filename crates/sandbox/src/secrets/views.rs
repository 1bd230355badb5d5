//! A text with its encodings undone, and where in the text each byte stood.

use std::ops::Range;

/// Encodings that are undone, one in another: a client may encode twice.
const LAYERS: usize = 3;

/// Characters of the longest number of a byte, such as `0xff`.
const LONGEST_NUMBER: usize = 4;

/// Bytes, and the place in the text that each of them comes from.
pub(super) struct View {
    pub(super) bytes: Vec<u8>,
    /// Where each byte begins in the text, and where the last one ends; none of the text as it is.
    starts: Option<Vec<usize>>,
}

impl View {
    fn of(text: &str) -> Self {
        Self {
            bytes: text.as_bytes().to_vec(),
            starts: None,
        }
    }

    /// The place in the text of so many bytes.
    pub(super) fn range(&self, at: usize, length: usize) -> Range<usize> {
        let place = |at: usize| match &self.starts {
            Some(starts) => starts.get(at).or_else(|| starts.last()).copied(),
            None => Some(at.min(self.bytes.len())),
        };
        place(at).unwrap_or_default()..place(at + length).unwrap_or_default()
    }

    /// The view without its escapes; none if it has none.
    fn unescaped(&self) -> Option<Self> {
        self.decoded(|rest| match rest {
            [b'%', high, low, ..] | [b'\\', b'x', high, low, ..] => {
                let length = if rest.starts_with(b"%") { 3 } else { 4 };
                Some((hexadecimal(&[*high, *low])?, length))
            }
            // Letters of secrets are ASCII.
            [b'\\', b'u', b'0', b'0', high, low, ..] => Some((hexadecimal(&[*high, *low])?, 6)),
            [b'\\', letter @ (b'/' | b'"' | b'\\'), ..] => Some((*letter, 2)),
            _ => None,
        })
    }

    /// The bytes of which the text is a list, as in `[121, 66, 0x4a]`; none if it is no list.
    fn listed(&self) -> Option<Self> {
        self.decoded(|rest| {
            let is_in_it = |byte: &u8| byte.is_ascii_hexdigit() || *byte == b'x';
            // Longer ones are no bytes; this is called for each byte of a text.
            let digits = rest.iter().take(LONGEST_NUMBER + 1);
            let length = digits.take_while(|byte| is_in_it(byte)).count();
            let number = std::str::from_utf8(rest.get(..length)?).ok()?;
            let number = match number.strip_prefix("0x") {
                Some(digits) => u8::from_str_radix(digits, 16),
                None => number.parse(),
            };
            let number = number.ok()?;
            let between = rest.get(length..)?.iter();
            let between = between.take_while(|byte| matches!(byte, b',' | b' '));
            Some((number, length + between.count()))
        })
    }

    /// The view with what stands for one byte, and its length, replaced by that byte.
    fn decoded(&self, byte_of: impl Fn(&[u8]) -> Option<(u8, usize)>) -> Option<Self> {
        let (mut bytes, mut starts) = (Vec::new(), Vec::new());
        let mut at = 0;
        while let Some(rest) = self.bytes.get(at..).filter(|rest| !rest.is_empty()) {
            let as_it_is = (rest.first().copied().unwrap_or_default(), 1);
            let (byte, length) = byte_of(rest).unwrap_or(as_it_is);
            bytes.push(byte);
            starts.push(self.range(at, 0).start);
            at += length;
        }
        starts.push(self.range(at, 0).start);
        let is_shorter = bytes.len() < self.bytes.len();
        is_shorter.then_some(Self {
            bytes,
            starts: Some(starts),
        })
    }
}

/// The text as it is, and with its encodings undone.
pub(super) fn views(text: &str) -> Vec<View> {
    let mut views = vec![View::of(text)];
    let layers = if text.contains(['%', '\\']) {
        LAYERS
    } else {
        0
    };
    for _ in 0..layers {
        let Some(next) = views.last().and_then(View::unescaped) else {
            break;
        };
        views.push(next);
    }
    if text.contains(',') {
        views.extend(views.first().and_then(View::listed));
    }
    views
}

fn hexadecimal(digits: &[u8]) -> Option<u8> {
    u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}
