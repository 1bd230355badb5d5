//! Writes PKCS#12 files, RFC 7292: modern ones, and those of the vendor's portal.

mod legacy;

use aws_lc_rs::cipher::{AES_256, PaddedBlockEncryptingKey, UnboundCipherKey};
use aws_lc_rs::digest::{self, SHA1_FOR_LEGACY_USE_ONLY, SHA256};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::{hmac, pbkdf2};
use yasna::models::ObjectIdentifier;
use yasna::{DERWriter, Tag, construct_der};
use zeroize::Zeroizing;

use crate::dice;

use legacy::Purpose;

/// Iterations of both key derivations: as many as `OpenSSL` uses. A password of 32 random bytes needs no
/// more.
const ITERATIONS: std::num::NonZeroU32 = std::num::NonZeroU32::MIN.saturating_add(2047);
const SALT: usize = 16;
/// Bytes of the salts in the vendor's files: until 2019, and since 2025.
const SHORT_SALT: usize = 8;
const LONG_SALT: usize = 512;

const DATA: &[u64] = &[1, 2, 840, 113_549, 1, 7, 1];
const ENCRYPTED_DATA: &[u64] = &[1, 2, 840, 113_549, 1, 7, 6];
const KEY_BAG: &[u64] = &[1, 2, 840, 113_549, 1, 12, 10, 1, 1];
const PBE_SHA_1_TRIPLE_DES: &[u64] = &[1, 2, 840, 113_549, 1, 12, 1, 3];
const SHA_1: &[u64] = &[1, 3, 14, 3, 2, 26];
/// Oracle's own: which certificates Java trusts.
const TRUSTED_KEY_USAGE: &[u64] = &[2, 16, 840, 1, 113_894, 746_875, 1, 1];
const ANY_EXTENDED_KEY_USAGE: &[u64] = &[2, 5, 29, 37, 0];
const SHROUDED_KEY_BAG: &[u64] = &[1, 2, 840, 113_549, 1, 12, 10, 1, 2];
const CERTIFICATE_BAG: &[u64] = &[1, 2, 840, 113_549, 1, 12, 10, 1, 3];
const X509_CERTIFICATE: &[u64] = &[1, 2, 840, 113_549, 1, 9, 22, 1];
const FRIENDLY_NAME: &[u64] = &[1, 2, 840, 113_549, 1, 9, 20];
const LOCAL_KEY_ID: &[u64] = &[1, 2, 840, 113_549, 1, 9, 21];
const PBES2: &[u64] = &[1, 2, 840, 113_549, 1, 5, 13];
const PBKDF2: &[u64] = &[1, 2, 840, 113_549, 1, 5, 12];
const HMAC_WITH_SHA256: &[u64] = &[1, 2, 840, 113_549, 2, 9];
const AES_256_CBC: &[u64] = &[2, 16, 840, 1, 101, 3, 4, 1, 42];
const SHA_256: &[u64] = &[2, 16, 840, 1, 101, 3, 4, 2, 1];

/// A certificate and its friendly name, in the vendor's format.
pub(crate) struct NamedCertificate {
    der: Vec<u8>,
    name: String,
}

impl NamedCertificate {
    pub(crate) fn new(der: &[u8], digits: &str, common_name: &str) -> Self {
        Self {
            der: der.to_vec(),
            name: format!("serialNumber={digits},CN={common_name}"),
        }
    }

    pub(crate) fn der(&self) -> &[u8] {
        &self.der
    }
}

/// How a file is encrypted and authenticated.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Anatomy {
    /// As OpenSSL 3 writes files.
    Modern,
    /// As the vendor's portal wrote files until 2019: the key in the clear, a MAC of SHA-1.
    Old,
    /// As the vendor's portal has written files since 2025: salts of 512 bytes, one iteration.
    Recent,
}

/// The MAC over a file.
struct Mac {
    hash: &'static digest::Algorithm,
    hmac: hmac::Algorithm,
    oid: &'static [u64],
    salt: Vec<u8>,
    iterations: u32,
}

impl Mac {
    fn of(anatomy: Anatomy) -> Result<Self, Unspecified> {
        let sha256 = |salt, iterations| Self {
            hash: &SHA256,
            hmac: hmac::HMAC_SHA256,
            oid: SHA_256,
            salt,
            iterations,
        };
        Ok(match anatomy {
            Anatomy::Modern => sha256(dice::bytes::<SALT>()?.to_vec(), ITERATIONS.get()),
            Anatomy::Recent => sha256(dice::bytes::<LONG_SALT>()?.to_vec(), 1),
            Anatomy::Old => Self {
                hash: &SHA1_FOR_LEGACY_USE_ONLY,
                hmac: hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
                oid: SHA_1,
                salt: dice::bytes::<SHORT_SALT>()?.to_vec(),
                iterations: 1,
            },
        })
    }
}

/// A file with one private key (PKCS#8) and certificates; the first certificate is that of the key.
pub(crate) fn encode(
    password: &str,
    key: &[u8],
    certificates: &[NamedCertificate],
    anatomy: Anatomy,
) -> Result<Zeroizing<Vec<u8>>, Unspecified> {
    let name = certificates.first().map_or("", |first| &first.name);
    let key = KeyBag::new(password, key, anatomy)?;
    let keys = Zeroizing::new(construct_der(|writer| {
        writer.write_sequence(|bags| {
            let write = |value: DERWriter<'_>| key.write(value);
            write_bag(bags.next(), key.kind(), write, name, Marked::OfTheKey);
        });
    }));
    let certificates = certificate_bags(certificates, Marked::OfTheKey);
    let sealed = match anatomy {
        Anatomy::Modern | Anatomy::Recent => None,
        Anatomy::Old => Some(Pbe::new::<SHORT_SALT>(password, &certificates)?),
    };
    let safe = Zeroizing::new(construct_der(|writer| {
        writer.write_sequence(|contents| {
            match &sealed {
                None => write_data(contents.next(), &certificates),
                Some(sealed) => sealed.write_encrypted_data(contents.next()),
            }
            write_data(contents.next(), &keys);
        });
    }));
    Ok(authenticated(password, &safe, &Mac::of(anatomy)?))
}

/// A file that Java reads as a trust store: one certificate, marked as trusted.
pub(crate) fn encode_trusted(
    password: &str,
    certificate: &[u8],
    name: &str,
) -> Result<Zeroizing<Vec<u8>>, Unspecified> {
    let certificate = NamedCertificate {
        der: certificate.to_vec(),
        name: name.to_owned(),
    };
    let certificates = certificate_bags(&[certificate], Marked::Trusted);
    let safe = construct_der(|writer| {
        writer.write_sequence(|contents| write_data(contents.next(), &certificates));
    });
    Ok(authenticated(password, &safe, &Mac::of(Anatomy::Modern)?))
}

/// The certificates, the first of which is marked.
fn certificate_bags(certificates: &[NamedCertificate], first: Marked) -> Vec<u8> {
    construct_der(|writer| {
        writer.write_sequence(|bags| {
            let mut marked = first;
            for NamedCertificate { der, name } in certificates {
                let write = |value: DERWriter<'_>| write_certificate(value, der);
                write_bag(bags.next(), CERTIFICATE_BAG, write, name, marked);
                marked = Marked::No;
            }
        });
    })
}

/// RFC 7292 §4: the content, and the MAC over it.
fn authenticated(password: &str, safe: &[u8], mac: &Mac) -> Zeroizing<Vec<u8>> {
    let length = mac.hash.output_len();
    let (salt, iterations) = (&mac.salt, mac.iterations);
    let key = legacy::derive(mac.hash, Purpose::Mac, password, salt, iterations, length);
    let tag = hmac::sign(&hmac::Key::new(mac.hmac, &key), safe);
    Zeroizing::new(construct_der(|writer| {
        writer.write_sequence(|file| {
            file.next().write_u8(3);
            write_data(file.next(), safe);
            file.next().write_sequence(|data| {
                data.next().write_sequence(|info| {
                    write_algorithm(info.next(), mac.oid);
                    info.next().write_bytes(tag.as_ref());
                });
                data.next().write_bytes(salt);
                // One iteration is the default, which DER would leave out; the vendor's files have it.
                data.next().write_u32(iterations);
            });
        });
    }))
}

/// What a bag states of itself.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Marked {
    No,
    /// That it belongs to the key.
    OfTheKey,
    /// That Java may trust it, for any purpose.
    Trusted,
}

/// RFC 7292 §4.2: the kind of the bag, its value, and its attributes.
fn write_bag(
    writer: DERWriter<'_>,
    kind: &[u64],
    value: impl FnOnce(DERWriter<'_>),
    name: &str,
    marked: Marked,
) {
    writer.write_sequence(|bag| {
        write_oid(bag.next(), kind);
        bag.next().write_tagged(Tag::context(0), value);
        bag.next().write_set_of(|attributes| {
            attributes.next().write_sequence(|attribute| {
                write_oid(attribute.next(), FRIENDLY_NAME);
                let write = |value: DERWriter<'_>| value.write_bmp_string(name);
                attribute.next().write_set_of(|values| write(values.next()));
            });
            if marked == Marked::OfTheKey {
                attributes.next().write_sequence(|attribute| {
                    write_oid(attribute.next(), LOCAL_KEY_ID);
                    let write = |value: DERWriter<'_>| value.write_bytes(&[1]);
                    attribute.next().write_set_of(|values| write(values.next()));
                });
            }
            if marked == Marked::Trusted {
                attributes.next().write_sequence(|attribute| {
                    write_oid(attribute.next(), TRUSTED_KEY_USAGE);
                    let write = |value: DERWriter<'_>| write_oid(value, ANY_EXTENDED_KEY_USAGE);
                    attribute.next().write_set_of(|values| write(values.next()));
                });
            }
        });
    });
}

fn write_certificate(writer: DERWriter<'_>, der: &[u8]) {
    writer.write_sequence(|bag| {
        write_oid(bag.next(), X509_CERTIFICATE);
        let write = |value: DERWriter<'_>| value.write_bytes(der);
        bag.next().write_tagged(Tag::context(0), write);
    });
}

/// RFC 5652 §3 and §4.
fn write_data(writer: DERWriter<'_>, content: &[u8]) {
    writer.write_sequence(|info| {
        write_oid(info.next(), DATA);
        let write = |value: DERWriter<'_>| value.write_bytes(content);
        info.next().write_tagged(Tag::context(0), write);
    });
}

fn write_algorithm(writer: DERWriter<'_>, oid: &[u64]) {
    writer.write_sequence(|algorithm| {
        write_oid(algorithm.next(), oid);
        algorithm.next().write_null();
    });
}

fn write_oid(writer: DERWriter<'_>, oid: &[u64]) {
    writer.write_oid(&ObjectIdentifier::from_slice(oid));
}

/// A private key under PBES2, RFC 8018 §6.2: PBKDF2 with HMAC-SHA-256, AES-256-CBC.
struct Shrouded {
    salt: [u8; SALT],
    vector: Vec<u8>,
    text: Vec<u8>,
}

impl Shrouded {
    fn new(password: &str, key: &[u8]) -> Result<Self, Unspecified> {
        let salt = dice::bytes::<SALT>()?;
        let mut derived = Zeroizing::new([0; 32]);
        let password = password.as_bytes();
        pbkdf2::derive(
            pbkdf2::PBKDF2_HMAC_SHA256,
            ITERATIONS,
            &salt,
            password,
            derived.as_mut_slice(),
        );
        let cipher = UnboundCipherKey::new(&AES_256, derived.as_slice())?;
        let cipher = PaddedBlockEncryptingKey::cbc_pkcs7(cipher)?;
        // The capacity includes the padding, because growing would leave an unwiped copy.
        let mut text = Vec::with_capacity(key.len() + 16);
        text.extend_from_slice(key);
        let context = cipher.encrypt(&mut text)?;
        let vector: &[u8] = (&context).try_into()?;
        let vector = vector.to_vec();
        Ok(Self { salt, vector, text })
    }

    fn write(&self, writer: DERWriter<'_>) {
        writer.write_sequence(|info| {
            info.next().write_sequence(|algorithm| {
                write_oid(algorithm.next(), PBES2);
                algorithm.next().write_sequence(|schemes| {
                    schemes.next().write_sequence(|derivation| {
                        write_oid(derivation.next(), PBKDF2);
                        derivation.next().write_sequence(|parameters| {
                            parameters.next().write_bytes(&self.salt);
                            parameters.next().write_u32(ITERATIONS.get());
                            write_algorithm(parameters.next(), HMAC_WITH_SHA256);
                        });
                    });
                    schemes.next().write_sequence(|encryption| {
                        write_oid(encryption.next(), AES_256_CBC);
                        encryption.next().write_bytes(&self.vector);
                    });
                });
            });
            info.next().write_bytes(&self.text);
        });
    }
}

/// A text under the encryption of PKCS#12 itself, iterated once.
struct Pbe {
    salt: Vec<u8>,
    text: Vec<u8>,
}

impl Pbe {
    fn new<const SALT: usize>(password: &str, plain: &[u8]) -> Result<Self, Unspecified> {
        let salt = dice::bytes::<SALT>()?.to_vec();
        let text = legacy::encrypt(password, &salt, plain)?;
        Ok(Self { salt, text })
    }

    /// `EncryptedPrivateKeyInfo`, RFC 5958 §3.
    fn write(&self, writer: DERWriter<'_>) {
        writer.write_sequence(|info| {
            self.write_scheme(info.next());
            info.next().write_bytes(&self.text);
        });
    }

    /// RFC 5652 §8.
    fn write_encrypted_data(&self, writer: DERWriter<'_>) {
        writer.write_sequence(|info| {
            write_oid(info.next(), ENCRYPTED_DATA);
            let write = |data: DERWriter<'_>| {
                data.write_sequence(|data| {
                    data.next().write_u8(0);
                    data.next().write_sequence(|content| {
                        write_oid(content.next(), DATA);
                        self.write_scheme(content.next());
                        let write = |text: DERWriter<'_>| text.write_bytes(&self.text);
                        content.next().write_tagged_implicit(Tag::context(0), write);
                    });
                });
            };
            info.next().write_tagged(Tag::context(0), write);
        });
    }

    fn write_scheme(&self, writer: DERWriter<'_>) {
        writer.write_sequence(|algorithm| {
            write_oid(algorithm.next(), PBE_SHA_1_TRIPLE_DES);
            algorithm.next().write_sequence(|parameters| {
                parameters.next().write_bytes(&self.salt);
                parameters.next().write_u32(1);
            });
        });
    }
}

/// The private key as a bag holds it.
enum KeyBag<'a> {
    Clear(&'a [u8]),
    Pbe(Pbe),
    Shrouded(Shrouded),
}

impl<'a> KeyBag<'a> {
    fn new(password: &str, key: &'a [u8], anatomy: Anatomy) -> Result<Self, Unspecified> {
        Ok(match anatomy {
            Anatomy::Modern => Self::Shrouded(Shrouded::new(password, key)?),
            Anatomy::Old => Self::Clear(key),
            Anatomy::Recent => Self::Pbe(Pbe::new::<LONG_SALT>(password, key)?),
        })
    }

    const fn kind(&self) -> &'static [u64] {
        match self {
            Self::Clear(_) => KEY_BAG,
            Self::Pbe(_) | Self::Shrouded(_) => SHROUDED_KEY_BAG,
        }
    }

    fn write(&self, writer: DERWriter<'_>) {
        match self {
            Self::Clear(key) => writer.write_der(key),
            Self::Pbe(sealed) => sealed.write(writer),
            Self::Shrouded(sealed) => sealed.write(writer),
        }
    }
}
