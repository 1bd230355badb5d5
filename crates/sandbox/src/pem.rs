//! DER as PEM, RFC 7468.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

/// Characters of a full line, RFC 7468 §2.
const LINE: usize = 64;

/// A PKCS#8 private key in PEM, RFC 7468 §10. No unwiped copy of the key remains.
pub(crate) fn private_key(der: &[u8]) -> Zeroizing<String> {
    armoured("PRIVATE KEY", der)
}

/// A certificate in PEM, RFC 7468 §5.
pub(crate) fn certificate(der: &[u8]) -> String {
    armoured("CERTIFICATE", der).to_string()
}

fn armoured(label: &str, der: &[u8]) -> Zeroizing<String> {
    let encoded = Zeroizing::new(STANDARD.encode(der));
    // The capacity suffices for the whole text, because growing would leave an unwiped copy.
    let mut pem = Zeroizing::new(String::with_capacity(encoded.len() * 2 + 128));
    pem.push_str("-----BEGIN ");
    pem.push_str(label);
    pem.push_str("-----\n");
    for (at, c) in encoded.chars().enumerate() {
        if at > 0 && at % LINE == 0 {
            pem.push('\n');
        }
        pem.push(c);
    }
    pem.push_str("\n-----END ");
    pem.push_str(label);
    pem.push_str("-----\n");
    pem
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_64_characters_and_none_is_empty() {
        for length in [1, 47, 48, 49, 96, 1_217] {
            let pem = private_key(&vec![7; length]);
            let body: Vec<&str> = pem
                .lines()
                .filter(|line| !line.starts_with("-----"))
                .collect();
            assert!(
                body.iter()
                    .all(|line| !line.is_empty() && line.len() <= LINE)
            );
            assert_eq!(STANDARD.decode(body.concat()).unwrap(), vec![7; length]);
        }
    }
}
