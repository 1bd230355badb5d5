//! Block ciphers in CBC mode, as old as files have them.

use aws_lc_rs::cipher::{
    AES_128, AES_192, AES_256, Algorithm, DecryptionContext, PaddedBlockDecryptingKey,
    UnboundCipherKey,
};
use aws_lc_rs::iv::FixedLength;
use rc2::Rc2;
use rc2::cipher::{Array, BlockCipherDecrypt as _};
use zeroize::Zeroizing;

const AES: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01];
const DES_EDE3: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x03, 0x07];

/// A cipher that key files and keystores are encrypted with.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Cipher {
    Aes128,
    Aes192,
    Aes256,
    /// Two keys in three places.
    DesEde,
    DesEde3,
    Rc2At40Bits,
    Rc2At128Bits,
}

impl Cipher {
    /// By the name that PBES2 has for it.
    pub(super) fn pbes2(name: &[u8]) -> Option<Self> {
        if name == DES_EDE3 {
            return Some(Self::DesEde3);
        }
        match name.strip_prefix(AES)? {
            [2] => Some(Self::Aes128),
            [22] => Some(Self::Aes192),
            [42] => Some(Self::Aes256),
            _ => None,
        }
    }

    /// By the number that PKCS#12 has for it; its RC4 isn't used in the field.
    pub(super) fn pkcs12(number: u8) -> Option<Self> {
        match number {
            3 => Some(Self::DesEde3),
            4 => Some(Self::DesEde),
            5 => Some(Self::Rc2At128Bits),
            6 => Some(Self::Rc2At40Bits),
            _ => None,
        }
    }

    /// By the name that OpenSSL has for it in `DEK-Info`.
    pub(super) fn openssl(name: &[u8]) -> Option<Self> {
        match name {
            b"AES-128-CBC" => Some(Self::Aes128),
            b"AES-192-CBC" => Some(Self::Aes192),
            b"AES-256-CBC" => Some(Self::Aes256),
            b"DES-EDE3-CBC" => Some(Self::DesEde3),
            _ => None,
        }
    }

    /// In bytes.
    pub(super) fn key_len(self) -> usize {
        match self {
            Self::Rc2At40Bits => 5,
            Self::Aes128 | Self::DesEde | Self::Rc2At128Bits => 16,
            Self::Aes192 | Self::DesEde3 => 24,
            Self::Aes256 => 32,
        }
    }

    /// In bytes.
    pub(super) fn block_len(self) -> usize {
        match self {
            Self::Aes128 | Self::Aes192 | Self::Aes256 => 16,
            Self::DesEde | Self::DesEde3 | Self::Rc2At40Bits | Self::Rc2At128Bits => 8,
        }
    }

    /// The text without its padding; none, if the key is wrong or the text broken.
    pub(super) fn decrypt(
        self,
        key: &[u8],
        iv: &[u8],
        mut text: Zeroizing<Vec<u8>>,
    ) -> Option<Zeroizing<Vec<u8>>> {
        let length = match self.algorithm() {
            Some(algorithm) => decrypt(algorithm, key, iv, &mut text)?,
            None => decrypt_rc2(key, iv, &mut text)?,
        };
        text.truncate(length);
        Some(text)
    }

    #[expect(
        deprecated,
        reason = "the service's own keystores are encrypted with 3DES"
    )]
    fn algorithm(self) -> Option<&'static Algorithm> {
        use aws_lc_rs::cipher::{DES_EDE_FOR_LEGACY_USE_ONLY, DES_EDE3_FOR_LEGACY_USE_ONLY};
        match self {
            Self::Aes128 => Some(&AES_128),
            Self::Aes192 => Some(&AES_192),
            Self::Aes256 => Some(&AES_256),
            Self::DesEde => Some(&DES_EDE_FOR_LEGACY_USE_ONLY),
            Self::DesEde3 => Some(&DES_EDE3_FOR_LEGACY_USE_ONLY),
            Self::Rc2At40Bits | Self::Rc2At128Bits => None,
        }
    }
}

/// Decrypts in place: how long the text is without its padding.
fn decrypt(algorithm: &'static Algorithm, key: &[u8], iv: &[u8], text: &mut [u8]) -> Option<usize> {
    let key = UnboundCipherKey::new(algorithm, key).ok()?;
    let key = PaddedBlockDecryptingKey::cbc_pkcs7(key).ok()?;
    let context = match algorithm.block_len() {
        8 => DecryptionContext::Iv64(FixedLength::from(<&[u8; 8]>::try_from(iv).ok()?)),
        _ => DecryptionContext::Iv128(FixedLength::from(<&[u8; 16]>::try_from(iv).ok()?)),
    };
    key.decrypt(text, context).ok().map(|text| text.len())
}

/// The same for RC2 (RFC 2268), which the cryptography library doesn't have.
fn decrypt_rc2(key: &[u8], iv: &[u8], text: &mut [u8]) -> Option<usize> {
    let cipher = Rc2::new_with_eff_key_len(key, key.len() * 8);
    let mut previous = <[u8; 8]>::try_from(iv).ok()?;
    let (blocks, []) = text.as_chunks_mut::<8>() else {
        return None;
    };
    for block in blocks {
        let encrypted = *block;
        let mut decrypted = Array(encrypted);
        cipher.decrypt_block(&mut decrypted);
        for ((clear, mixed), before) in block.iter_mut().zip(decrypted).zip(previous) {
            *clear = mixed ^ before;
        }
        previous = encrypted;
    }
    let padding = *text.last()?;
    let length = text.len().checked_sub(usize::from(padding))?;
    let padded = text.get(length..)?.iter().all(|byte| *byte == padding);
    (padded && (1..=8).contains(&padding)).then_some(length)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rc2::cipher::BlockCipherEncrypt as _;

    #[test]
    fn rc2_takes_whole_blocks_whose_padding_says_its_own_length() {
        let length = |clear: [u8; 8]| {
            let mut block = Array(clear);
            Rc2::new_with_eff_key_len(b"12345", 40).encrypt_block(&mut block);
            decrypt_rc2(b"12345", &[0; 8], &mut block.0)
        };
        assert_eq!(length([8; 8]), Some(0));
        assert_eq!(length([9, 9, 9, 9, 9, 9, 9, 1]), Some(7));
        assert_eq!(length([9, 9, 9, 9, 9, 9, 2, 2]), Some(6));
        assert_eq!(length([9, 9, 9, 9, 9, 9, 1, 2]), None);
        assert_eq!(length([0; 8]), None);
        assert_eq!(length([9; 8]), None);
        assert_eq!(decrypt_rc2(b"12345", &[0; 8], &mut []), None);
        assert_eq!(decrypt_rc2(b"12345", &[0; 8], &mut [0; 7]), None);
        assert_eq!(decrypt_rc2(b"12345", &[0; 7], &mut [0; 8]), None);
    }
}
