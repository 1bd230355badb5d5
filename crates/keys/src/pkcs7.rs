//! The certificates of a PKCS#7 file (RFC 5652 §5.1), which is how some tools pass a chain on.

use crate::ber::{CONTEXT_0, INTEGER, OBJECT_IDENTIFIER, Reader, SEQUENCE, SET};

const SIGNED_DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02];

/// The certificates in DER; none, if the file is broken or isn't signed data.
pub(crate) fn certificates(file: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut info = Reader::new(file).enter(SEQUENCE)?;
    if info.content(OBJECT_IDENTIFIER)? != SIGNED_DATA {
        return None;
    }
    // Version, algorithms, content; then the certificates.
    let mut signed = info.enter(CONTEXT_0)?.enter(SEQUENCE)?;
    signed.content(INTEGER)?;
    signed.content(SET)?;
    signed.content(SEQUENCE)?;
    let mut set = signed.enter(CONTEXT_0)?;
    let mut certificates = Vec::new();
    while !set.is_empty() {
        certificates.push(set.whole(SEQUENCE)?.to_vec());
    }
    Some(certificates)
}
