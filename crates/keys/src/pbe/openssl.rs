use md5::{Digest as _, Md5};
use zeroize::Zeroizing;

use super::cipher::Cipher;
use crate::openssl_key::OpensslKey;

/// How many bytes of the initialisation vector are the salt.
const SALT: usize = 8;

/// The key, or whatever a wrong password makes of it.
pub(super) fn decrypt(
    key: &OpensslKey,
    cipher: Cipher,
    password: &[u8],
) -> Option<Zeroizing<Vec<u8>>> {
    let derived = derive(password, key.iv.get(..SALT)?, cipher.key_len());
    cipher.decrypt(&derived, &key.iv, key.text.clone())
}

/// `EVP_BytesToKey` of OpenSSL, with MD5 and one round.
fn derive(password: &[u8], salt: &[u8], length: usize) -> Zeroizing<Vec<u8>> {
    let mut key = Zeroizing::new(Vec::with_capacity(length + 16));
    let mut before = Zeroizing::new([0; 16]);
    while key.len() < length {
        let mut hash = Md5::new();
        if !key.is_empty() {
            hash.update(*before);
        }
        hash.update(password);
        hash.update(salt);
        before = Zeroizing::new(hash.finalize().into());
        key.extend_from_slice(&*before);
    }
    key.truncate(length);
    key
}
