//! Encrypted keys in PEM, as OpenSSL wrote them before PKCS#8.

use zeroize::Zeroizing;

use crate::base64_lines;

/// An encrypted key in the format that OpenSSL had before PKCS#8: PEM with `DEK-Info` (RFC 1421 §4.6.1.3).
pub(crate) struct OpensslKey {
    /// The cipher, as OpenSSL names it.
    pub(crate) cipher: Vec<u8>,
    pub(crate) iv: Vec<u8>,
    pub(crate) text: Zeroizing<Vec<u8>>,
}

impl OpensslKey {
    /// Whether the lines of a section are such a key.
    pub(crate) fn is_in(section: &[u8]) -> bool {
        section.windows(11).any(|window| window == b"4,ENCRYPTED")
    }

    /// Reads the lines of a section: headers, an empty line, and base64.
    pub(crate) fn read(section: &[u8]) -> Option<Self> {
        let mut lines = section.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
        let headers = lines.by_ref().take_while(|line| !line.is_empty());
        let info = headers
            .filter_map(|line| line.strip_prefix(b"DEK-Info:"))
            .last();
        let (cipher, iv) = info.and_then(named)?;
        // Of the right size at once: what a growing vector leaves behind isn't wiped.
        let mut text = Zeroizing::new(Vec::with_capacity(section.len()));
        for line in lines {
            text.extend_from_slice(line);
        }
        Some(Self {
            cipher: cipher.to_vec(),
            iv,
            text: base64_lines::decode(&text)?,
        })
    }
}

/// The cipher's name and the initialisation vector of `DEK-Info`.
fn named(info: &[u8]) -> Option<(&[u8], Vec<u8>)> {
    let mut parts = info.trim_ascii().splitn(2, |byte| *byte == b',');
    Some((parts.next()?, hex(parts.next()?)?))
}

fn hex(text: &[u8]) -> Option<Vec<u8>> {
    let (pairs, []) = text.as_chunks::<2>() else {
        return None;
    };
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let byte = |[high, low]: &[u8; 2]| u8::try_from(digit(*high)? * 16 + digit(*low)?).ok();
    pairs.iter().map(byte).collect()
}
