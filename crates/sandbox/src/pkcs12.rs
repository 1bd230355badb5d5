//! Writes PKCS#12 files, RFC 7292: certificates in the clear, the key encrypted, and a MAC over both.

use aws_lc_rs::cipher::{AES_256, PaddedBlockEncryptingKey, UnboundCipherKey};
use aws_lc_rs::digest::{self, SHA256};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::{hmac, pbkdf2};
use yasna::models::ObjectIdentifier;
use yasna::{DERWriter, Tag, construct_der};
use zeroize::Zeroizing;

use crate::dice;

/// Iterations of both key derivations: as many as `OpenSSL` uses. A password of 32 random bytes needs no
/// more.
const ITERATIONS: std::num::NonZeroU32 = std::num::NonZeroU32::MIN.saturating_add(2047);
const SALT: usize = 16;

const DATA: &[u64] = &[1, 2, 840, 113_549, 1, 7, 1];
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

/// A file with one private key (PKCS#8) and certificates; the first certificate is that of the key.
pub(crate) fn encode(
    password: &str,
    key: &[u8],
    certificates: &[NamedCertificate],
) -> Result<Zeroizing<Vec<u8>>, Unspecified> {
    let name = certificates.first().map_or("", |first| &first.name);
    let shrouded = Shrouded::new(password, key)?;
    let keys = construct_der(|writer| {
        writer.write_sequence(|bags| {
            let write = |value: DERWriter<'_>| shrouded.write(value);
            write_bag(bags.next(), SHROUDED_KEY_BAG, write, name, Linked::ToTheKey);
        });
    });
    let certificates = construct_der(|writer| {
        writer.write_sequence(|bags| {
            let mut linked = Linked::ToTheKey;
            for certificate in certificates {
                let write = |value: DERWriter<'_>| write_certificate(value, &certificate.der);
                write_bag(
                    bags.next(),
                    CERTIFICATE_BAG,
                    write,
                    &certificate.name,
                    linked,
                );
                linked = Linked::ToNothing;
            }
        });
    });
    let safe = construct_der(|writer| {
        writer.write_sequence(|contents| {
            write_data(contents.next(), &certificates);
            write_data(contents.next(), &keys);
        });
    });
    let salt = dice::bytes::<SALT>()?;
    let mac_key = hmac::Key::new(hmac::HMAC_SHA256, mac_key(password, &salt).as_slice());
    let mac = hmac::sign(&mac_key, &safe);
    Ok(Zeroizing::new(construct_der(|writer| {
        writer.write_sequence(|file| {
            file.next().write_u8(3);
            write_data(file.next(), &safe);
            file.next().write_sequence(|data| {
                data.next().write_sequence(|info| {
                    write_algorithm(info.next(), SHA_256);
                    info.next().write_bytes(mac.as_ref());
                });
                data.next().write_bytes(&salt);
                data.next().write_u32(ITERATIONS.get());
            });
        });
    })))
}

/// Whether a bag states that it belongs to the key.
#[derive(Clone, Copy)]
enum Linked {
    ToNothing,
    ToTheKey,
}

/// RFC 7292 §4.2: the kind of the bag, its value, and its attributes.
fn write_bag(
    writer: DERWriter<'_>,
    kind: &[u64],
    value: impl FnOnce(DERWriter<'_>),
    name: &str,
    linked: Linked,
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
            if matches!(linked, Linked::ToTheKey) {
                attributes.next().write_sequence(|attribute| {
                    write_oid(attribute.next(), LOCAL_KEY_ID);
                    let write = |value: DERWriter<'_>| value.write_bytes(&[1]);
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

/// RFC 7292 appendix B.2, for SHA-256 and a key as long as its output, so that one block suffices.
fn mac_key(password: &str, salt: &[u8]) -> Zeroizing<Vec<u8>> {
    const BLOCK: usize = 64;
    /// B.3: key material for a MAC.
    const PURPOSE: u8 = 3;
    let mut text: Zeroizing<Vec<u8>> = Zeroizing::new(Vec::with_capacity(password.len() * 2 + 2));
    for unit in password.encode_utf16().chain([0]) {
        text.extend_from_slice(&unit.to_be_bytes());
    }
    let mut input = Zeroizing::new(vec![PURPOSE; BLOCK]);
    for part in [salt, text.as_slice()] {
        let length = part.len().next_multiple_of(BLOCK);
        input.extend(part.iter().cycle().take(length));
    }
    let mut key = Zeroizing::new(digest::digest(&SHA256, &input).as_ref().to_vec());
    for _ in 1..ITERATIONS.get() {
        key = Zeroizing::new(digest::digest(&SHA256, &key).as_ref().to_vec());
    }
    key
}
