use super::super::directory::{Directory, VerifyingKey};

/// Enrolled keys that are tried for one request. Each costs the verification of a signature.
const MOST_KEYS: usize = 16;

/// The id of an enrolled key that made this signature. Its sender has that key, so its id may be told.
pub(in super::super) fn signer<'a>(
    directory: &'a Directory,
    signed: &[u8],
    signature: &[u8],
) -> Option<&'a str> {
    let mut keys = directory.keys().take(MOST_KEYS);
    keys.find_map(|(id, key)| key.verifies(signed, signature).then_some(id))
}

/// What is wrong with a signature that the key's owner made in another way than the JWT's.
pub(in super::super) fn by_another_form(
    key: VerifyingKey<'_>,
    signed: &[u8],
    signature: &[u8],
) -> Option<&'static str> {
    let line_feed = [signed, b"\n"].concat();
    if key.verifies(&line_feed, signature) {
        return Some("a signature over these parts and a line feed, which must not be signed");
    }
    let VerifyingKey::Secret(secret) = key else {
        return None;
    };
    secret.verifies_as_text(signed, signature).then_some(
        "a signature by the shared secret as text; the key is the secret decoded from base64",
    )
}
