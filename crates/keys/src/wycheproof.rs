//! Reads the stored vectors of Project Wycheproof, for tests.

use serde_json::Value;

/// A stored file of vectors.
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

pub(crate) use vectors;

pub(crate) fn groups(vectors: &str) -> Vec<Value> {
    let file: Value = serde_json::from_str(vectors).expect("JSON");
    file["testGroups"].as_array().expect("groups").clone()
}

pub(crate) fn text<'a>(object: &'a Value, name: &str) -> &'a str {
    object[name].as_str().expect("a text")
}

/// A member of hex digits.
pub(crate) fn bytes(object: &Value, name: &str) -> Vec<u8> {
    let digits = text(object, name).as_bytes();
    let byte = |pair: &[u8]| {
        let pair = str::from_utf8(pair).expect("hex");
        u8::from_str_radix(pair, 16).expect("hex")
    };
    digits.chunks(2).map(byte).collect()
}
