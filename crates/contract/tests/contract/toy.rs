//! A service in memory with a trivial encryption.

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use payment_credentials_contract::port::{GivenId, Service};
use payment_credentials_core::{ResponseHead, SealedCredentials};

/// `{"alg":"toy"}`.
const HEADER: &str = "eyJhbGciOiJ0b3kifQ";

const KEY: &str = "dGhlLWtleQ";
const OTHER_KEY: &str = "YW5vdGhlcg";
const IV: &str = "aXYtaXYtaXYtaXYt";

/// For which key the content is sealed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum SealedFor {
    Another,
    Us,
}

pub(crate) fn seal(plaintext: &str, key: SealedFor, head: ResponseHead) -> SealedCredentials {
    let key = match key {
        SealedFor::Another => OTHER_KEY,
        SealedFor::Us => KEY,
    };
    let mut ciphertext = String::new();
    for byte in plaintext.bytes() {
        write!(ciphertext, "{byte:02x}").expect("a text");
    }
    let tag = tag([KEY, IV, &ciphertext]);
    let compact = format!("{HEADER}.{key}.{IV}.{ciphertext}.{tag}");
    SealedCredentials::new(compact.parse().expect("a JWE by its shape"), head)
}

/// Why the sealed content can't be opened.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Unopened {
    Ciphertext,
    Header,
    Key,
    Tag,
}

pub(crate) fn validate_header(parts: [&str; 5]) -> Result<(), Unopened> {
    let [header, ..] = parts;
    (header == HEADER).then_some(()).ok_or(Unopened::Header)
}

pub(crate) fn unseal(parts: [&str; 5]) -> Result<Vec<u8>, Unopened> {
    let [_, key, iv, ciphertext, found] = parts;
    if key != KEY {
        return Err(Unopened::Key);
    }
    if found != tag([key, iv, ciphertext]) {
        return Err(Unopened::Tag);
    }
    let pairs = ciphertext.as_bytes().chunks(2);
    let byte = |pair| u8::from_str_radix(str::from_utf8(pair).unwrap_or(""), 16);
    let plaintext: Result<_, _> = pairs.map(byte).collect();
    plaintext.map_err(|_not_hex| Unopened::Ciphertext)
}

fn tag(parts: [&str; 3]) -> String {
    let bytes = parts.iter().flat_map(|part| part.bytes());
    let sum = bytes.fold(7_u64, |sum, byte| {
        sum.wrapping_mul(31).wrapping_add(byte.into())
    });
    format!("{sum:016x}")
}

/// A service that creates cryptograms and counts its requests.
#[derive(Debug, Default)]
pub(crate) struct ToyService {
    asked: AtomicUsize,
}

impl ToyService {
    /// Accepts a request, whatever its outcome, and returns its number.
    pub(crate) fn take(&self) -> usize {
        self.asked.fetch_add(1, Ordering::SeqCst) + 1
    }

    pub(crate) fn head(&self, status: u16) -> ResponseHead {
        let id = format!("toy-{}", self.asked());
        ResponseHead::new(status).with_correlation_id(id.parse().expect("an id"))
    }

    /// Returns a sealed response with a new cryptogram.
    pub(crate) fn mint(self: &Arc<Self>) -> SealedCredentials {
        let number = self.take();
        let plaintext = format!(
            r#"{{"tokenizedCard":{{"state":"ACTIVE","number":"4895370016750801","type":"visa",
            "cryptogram":"AwAAAADggP/Ce5+ZciCXQ{number:05}AA="}}}}"#
        );
        seal(&plaintext, SealedFor::Us, self.head(201))
    }
}

impl Service for ToyService {
    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    fn gave(&self) -> GivenId {
        let id = self.head(201).correlation_id().cloned();
        id.map_or(GivenId::None, GivenId::Known)
    }
}
