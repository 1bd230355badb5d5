//! Reads the stored vectors of Project Wycheproof, for tests.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    reason = "stored vectors that can't be read fail the test"
)]

pub use serde_json::Value;

/// A stored file of vectors.
#[macro_export]
macro_rules! vectors {
    ($name:literal) => {
        include_str!(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../tests/vectors/wycheproof/",
            $name,
            ".json"
        ))
    };
}

/// The groups of vectors in a file.
#[must_use]
pub fn groups(vectors: &str) -> Vec<Value> {
    let file: Value = serde_json::from_str(vectors).expect("JSON");
    file["testGroups"].as_array().expect("groups").clone()
}

/// A member that is text.
#[must_use]
pub fn text<'a>(object: &'a Value, name: &str) -> &'a str {
    object[name].as_str().expect("a text")
}

/// A member of hex digits.
#[must_use]
pub fn bytes(object: &Value, name: &str) -> Vec<u8> {
    let digits = text(object, name).as_bytes();
    let byte = |pair: &[u8]| {
        let pair = str::from_utf8(pair).expect("hex");
        u8::from_str_radix(pair, 16).expect("hex")
    };
    digits.chunks(2).map(byte).collect()
}
