//! Rejects deeply nested JSON before any code recurses into it.

/// How many levels deep JSON may nest, in requests and responses; the service's own JSON nests 6 levels
/// deep.
pub const MAX_JSON_DEPTH: usize = 16;

/// Whether JSON nests no deeper than [`MAX_JSON_DEPTH`]. Call this before parsing.
///
/// This is a linear scan, which accepts any bytes. For text that isn't JSON the result means nothing; the
/// parser then reports the error.
///
/// ```
/// use payment_credentials_core::wire;
///
/// assert!(wire::is_within_json_depth(br#"{"a": [1]}"#));
/// assert!(!wire::is_within_json_depth("[".repeat(17).as_bytes()));
/// ```
#[must_use]
pub fn is_within_json_depth(json: &[u8]) -> bool {
    let mut depth = 0_usize;
    let mut in_string = false;
    let mut escaped = false;
    for byte in json {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'{' | b'[' if !in_string => depth += 1,
            b'}' | b']' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > MAX_JSON_DEPTH {
            return false;
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::Value;

    fn depth(json: &Value) -> usize {
        match json {
            Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
            Value::Object(members) => 1 + members.values().map(depth).max().unwrap_or(0),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 0,
        }
    }

    fn json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            r#"["\\{}\[\]a]{0,6}"#.prop_map(Value::from)
        ];
        leaf.prop_recursive(24, 64, 2, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
                (r#"["\\{}a]{0,3}"#, inner)
                    .prop_map(|(name, value)| Value::Object([(name, value)].into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn counts_what_a_parser_counts(json in json()) {
            let expected = depth(&json) <= MAX_JSON_DEPTH;
            prop_assert_eq!(is_within_json_depth(json.to_string().as_bytes()), expected);
        }
    }

    #[test]
    fn counts_what_opens_outside_of_strings() {
        assert!(is_within_json_depth("[".repeat(16).as_bytes()));
        assert!(!is_within_json_depth("[".repeat(17).as_bytes()));
        assert!(is_within_json_depth(
            format!(r#"["\"{}"]"#, "[".repeat(17)).as_bytes()
        ));
        assert!(!is_within_json_depth(
            format!(r#"["\\"{}"#, "[".repeat(17)).as_bytes()
        ));
    }
}
