//! Just enough BER to take key files and keystores apart; the cryptography library reads the keys.
//!
//! DER is BER with one encoding for each value. Keystores are often not DER: lengths are indefinite,
//! strings come in pieces, defaults are written out. Elements are found one by one, so nesting costs
//! nothing until it is looked into; only indefinite lengths make the search go deeper, to a limit.

use zeroize::Zeroizing;

use crate::lengths::Lengths;

pub(crate) const INTEGER: u8 = 0x02;
pub(crate) const BIT_STRING: u8 = 0x03;
pub(crate) const OCTET_STRING: u8 = 0x04;
pub(crate) const OBJECT_IDENTIFIER: u8 = 0x06;
pub(crate) const UTC_TIME: u8 = 0x17;
pub(crate) const GENERALIZED_TIME: u8 = 0x18;
pub(crate) const SEQUENCE: u8 = 0x30;
pub(crate) const SET: u8 = 0x31;
/// `[0]`, with an element inside.
pub(crate) const CONTEXT_0: u8 = 0xa0;
/// `[0]` in place of a string's own tag.
pub(crate) const CONTEXT_0_STRING: u8 = 0x80;

/// The bit of a tag that says that elements are inside.
const CONSTRUCTED: u8 = 0x20;
/// What ends an element of indefinite length.
const END: &[u8] = &[0, 0];
/// How many indefinite lengths may stand within one another; a keystore has at most eight.
const MAX_INDEFINITE: usize = 16;

/// One element: what it is, and what is inside.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Element<'a> {
    pub(crate) tag: u8,
    pub(crate) content: &'a [u8],
}

/// Elements that follow one another.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(crate) fn new(ber: &'a [u8]) -> Self {
        Self(ber)
    }

    /// The next element, whatever it is; none at the end and where the bytes make no sense.
    pub(crate) fn next(&mut self) -> Option<Element<'a>> {
        let (element, rest) = take(self.0, MAX_INDEFINITE)?;
        self.0 = rest;
        Some(element)
    }

    /// The content of the next element, which must have this tag.
    pub(crate) fn content(&mut self, tag: u8) -> Option<&'a [u8]> {
        let element = self.next()?;
        (element.tag == tag).then_some(element.content)
    }

    /// The next element with its tag and length, which must have this tag.
    pub(crate) fn whole(&mut self, tag: u8) -> Option<&'a [u8]> {
        let before = self.0;
        self.content(tag)?;
        before.get(..before.len() - self.0.len())
    }

    /// What is inside of the next element, which must have this tag.
    pub(crate) fn enter(&mut self, tag: u8) -> Option<Self> {
        self.content(tag).map(Self)
    }

    /// The next element, an octet string in one piece or in several.
    pub(crate) fn octets(&mut self) -> Option<Zeroizing<Vec<u8>>> {
        self.string(OCTET_STRING)
    }

    /// The next element, an octet string under another tag, in one piece or in several.
    pub(crate) fn string(&mut self, tag: u8) -> Option<Zeroizing<Vec<u8>>> {
        let element = self.next()?;
        if element.tag == tag {
            return Some(Zeroizing::new(element.content.to_vec()));
        }
        if element.tag != tag | CONSTRUCTED {
            return None;
        }
        let mut pieces = Self(element.content);
        // Of the right size at once: what a growing vector leaves behind isn't wiped.
        let mut octets = Zeroizing::new(Vec::with_capacity(element.content.len()));
        while !pieces.is_empty() {
            octets.extend_from_slice(pieces.content(OCTET_STRING)?);
        }
        Some(octets)
    }

    /// The next element, an integer of 0 to 2³¹ − 1.
    pub(crate) fn small_integer(&mut self) -> Option<u32> {
        small(self.content(INTEGER)?)
    }

    /// The tag of the next element, and what there is of its content, which may end before it should.
    pub(crate) fn begun(&self) -> Option<(u8, Self)> {
        let (tag, rest) = self.0.split_first()?;
        let content = length(rest).map_or(&[][..], |(_, content)| content);
        Some((*tag, Self(content)))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The value of an integer's content, if it is 0 to 2³¹ − 1.
pub(crate) fn small(content: &[u8]) -> Option<u32> {
    let (first, _) = content.split_first()?;
    if content.len() > 4 || *first >= 0x80 {
        return None;
    }
    let digits = content.iter();
    Some(digits.fold(0, |sum, byte| sum << 8 | u32::from(*byte)))
}

/// The tags of the elements in a file's one sequence; none, if it doesn't hold one.
pub(crate) fn tags(file: &[u8]) -> Option<Vec<u8>> {
    let mut inner = Reader::new(file).enter(SEQUENCE)?;
    let mut tags = Vec::new();
    while !inner.is_empty() {
        tags.push(inner.next()?.tag);
    }
    Some(tags)
}

/// What there is of a sequence that ends before it should: its lengths, if it states one, and its content.
pub(crate) fn cut(file: &[u8]) -> Option<(Option<Lengths>, Reader<'_>)> {
    let (length, content) = length(file.strip_prefix(&[SEQUENCE])?)?;
    let lengths = match length {
        Some(stated) if stated > content.len() => Some(Lengths {
            stated: stated.saturating_add(file.len() - content.len()),
            there: file.len(),
        }),
        None if !content.ends_with(END) => None,
        Some(_) | None => return None,
    };
    Some((lengths, Reader(content)))
}

/// The first element, and what follows it.
fn take(ber: &[u8], depth: usize) -> Option<(Element<'_>, &[u8])> {
    let (tag, rest) = ber.split_first()?;
    // Nothing in a key file has a tag of more than a byte.
    if tag & 0x1f == 0x1f {
        return None;
    }
    let (length, rest) = length(rest)?;
    let (content, rest) = match length {
        Some(length) => rest.split_at_checked(length)?,
        None if tag & CONSTRUCTED != 0 => take_indefinite(rest, depth.checked_sub(1)?)?,
        None => return None,
    };
    Some((Element { tag: *tag, content }, rest))
}

/// The length of an element, and what follows it; no length, if it is indefinite.
fn length(ber: &[u8]) -> Option<(Option<usize>, &[u8])> {
    let (length, rest) = ber.split_first()?;
    match *length {
        short @ 0..=0x7f => Some((Some(usize::from(short)), rest)),
        0x80 => Some((None, rest)),
        // Three bytes of length are more than any key file has; keytool writes four.
        long @ 0x81..=0x84 => {
            let (length, rest) = rest.split_at_checked(usize::from(long & 0x7f))?;
            let length = length
                .iter()
                .fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte));
            Some((Some(usize::try_from(length).ok()?), rest))
        }
        _ => None,
    }
}

/// The content of an element of indefinite length, and what follows its end.
fn take_indefinite(ber: &[u8], depth: usize) -> Option<(&[u8], &[u8])> {
    let mut rest = ber;
    loop {
        if let Some(after) = rest.strip_prefix(END) {
            let content = ber.get(..ber.len() - rest.len())?;
            return Some((content, after));
        }
        (_, rest) = take(rest, depth)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// An element in DER.
    fn der(tag: u8, content: &[u8]) -> Vec<u8> {
        let length = u16::try_from(content.len()).expect("short").to_be_bytes();
        [&[tag, 0x82], &length[..], content].concat()
    }

    /// The same element with an indefinite length.
    fn open(tag: u8, content: &[u8]) -> Vec<u8> {
        [&[tag, 0x80], content, END].concat()
    }

    #[test]
    fn an_open_length_reads_like_a_definite_one() {
        let inner = der(OCTET_STRING, b"abc");
        for whole in [
            der(SEQUENCE, &inner),
            open(SEQUENCE, &inner),
            der(SEQUENCE, &open(OCTET_STRING | CONSTRUCTED, &inner)),
            open(
                SEQUENCE,
                &open(
                    OCTET_STRING | CONSTRUCTED,
                    &[der(OCTET_STRING, b"a"), der(OCTET_STRING, b"bc")].concat(),
                ),
            ),
        ] {
            let mut reader = Reader::new(&whole).enter(SEQUENCE).expect("a sequence");
            assert_eq!(reader.octets().expect("octets")[..], *b"abc");
            assert!(reader.is_empty());
        }
    }

    #[test]
    fn open_lengths_nest_to_a_limit_and_definite_ones_as_they_like() {
        let nested = |wrap: fn(u8, &[u8]) -> Vec<u8>, depth| {
            (0..depth).fold(Vec::new(), |inner, _| wrap(SEQUENCE, &inner))
        };
        assert!(tags(&nested(open, MAX_INDEFINITE)).is_some());
        assert!(tags(&nested(open, MAX_INDEFINITE + 1)).is_none());
        assert!(tags(&nested(der, 10_000)).is_some());
        assert!(tags(&[SEQUENCE, 0x80].repeat(500_000)).is_none());
    }

    #[test]
    fn a_small_integer_has_no_sign_and_four_bytes_at_most() {
        let integer = |content: &[u8]| Reader::new(&der(INTEGER, content)).small_integer();
        assert_eq!(integer(&[]), None);
        assert_eq!(integer(&[0]), Some(0));
        assert_eq!(integer(&[0x80]), None);
        assert_eq!(integer(&[0, 0x80]), Some(0x80));
        assert_eq!(integer(&[0x7f, 0xff, 0xff, 0xff]), Some(0x7fff_ffff));
        assert_eq!(integer(&[0, 0xff, 0xff, 0xff, 0xff]), None);
    }

    proptest! {
        #[test]
        fn never_panics(ber in proptest::collection::vec(any::<u8>(), 0..64), length in any::<u8>()) {
            let framed = [&[SEQUENCE, length], &*ber].concat();
            for ber in [&ber, &framed] {
                let _ = (tags(ber), Reader::new(ber).octets(), Reader::new(ber).small_integer());
            }
        }

        #[test]
        fn what_is_taken_and_what_follows_is_all_there_was(
            content in proptest::collection::vec(any::<u8>(), 0..300),
            rest in proptest::collection::vec(any::<u8>(), 0..8),
        ) {
            let whole = [der(OCTET_STRING, &content), rest.clone()].concat();
            let mut reader = Reader::new(&whole);
            prop_assert_eq!(reader.content(OCTET_STRING), Some(&*content));
            prop_assert_eq!(reader.0, &*rest);
            prop_assert_eq!(Reader::new(&whole).content(INTEGER), None);
        }
    }
}
