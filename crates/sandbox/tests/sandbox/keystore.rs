//! The keystore, read by code written for these tests: RFC 7292 and RFC 8018.

use aws_lc_rs::cipher::{AES_256, DecryptionContext, PaddedBlockDecryptingKey, UnboundCipherKey};
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::iv::FixedLength;
use aws_lc_rs::rsa::KeyPair;
use aws_lc_rs::{hmac, pbkdf2};
use payment_credentials_sandbox::{AuthenticationCheck, Policy};
use yasna::{ASN1Result, BERReader, BERReaderSeq, Tag, parse_der};

use super::signer::{Jwt, Signing, assert_admitted, assert_refused, bearer, examined, start};

pub(crate) struct Opened {
    pub(crate) certificates: Vec<Vec<u8>>,
    pub(crate) names: Vec<String>,
    pub(crate) key: Vec<u8>,
}

/// Algorithm and content identifiers are skipped: the lengths below would not fit others.
fn skip(parts: &mut BERReaderSeq<'_, '_>) -> ASN1Result<()> {
    parts.next().read_der().map(|_skipped| ())
}

fn octets(reader: BERReader<'_, '_>) -> ASN1Result<Vec<u8>> {
    reader.read_bytes()
}

fn content(reader: BERReader<'_, '_>) -> ASN1Result<Vec<u8>> {
    reader.read_sequence(|info| {
        skip(info)?;
        info.next().read_tagged(Tag::context(0), octets)
    })
}

pub(crate) fn open(file: &[u8], password: &str) -> Opened {
    let (safe, mac, salt, rounds) = parse_der(file, |reader| {
        reader.read_sequence(|file| {
            assert_eq!(file.next().read_u8()?, 3);
            let safe = content(file.next())?;
            file.next().read_sequence(|data| {
                let mac = data.next().read_sequence(|info| {
                    skip(info)?;
                    info.next().read_bytes()
                })?;
                Ok((
                    safe,
                    mac,
                    data.next().read_bytes()?,
                    data.next().read_u32()?,
                ))
            })
        })
    })
    .unwrap();
    let key = hmac::Key::new(hmac::HMAC_SHA256, &mac_key(password, &salt, rounds));
    hmac::verify(&key, &safe, &mac).unwrap();
    let contents = parse_der(&safe, |reader| reader.collect_sequence_of(content)).unwrap();
    let [certificates, keys] = contents.try_into().unwrap();
    let certificates = bags(&certificates, |value| {
        value.read_sequence(|bag| {
            skip(bag)?;
            bag.next().read_tagged(Tag::context(0), octets)
        })
    });
    let mut keys = bags(&keys, |value| Ok(unshroud(password, &value.read_der()?)));
    assert_eq!(keys.len(), 1);
    let (certificates, names) = certificates.into_iter().unzip();
    Opened {
        certificates,
        names,
        key: keys.remove(0).0,
    }
}

fn bags(
    contents: &[u8],
    read: impl Fn(BERReader<'_, '_>) -> ASN1Result<Vec<u8>>,
) -> Vec<(Vec<u8>, String)> {
    parse_der(contents, |reader| {
        reader.collect_sequence_of(|bag| {
            bag.read_sequence(|bag| {
                skip(bag)?;
                let value = bag.next().read_tagged(Tag::context(0), &read)?;
                let attributes = bag.next().read_der()?;
                // In a BMPString each of these characters has a zero byte before it.
                let text = attributes.iter().filter(|byte| byte.is_ascii_graphic());
                Ok((value, text.map(|byte| char::from(*byte)).collect()))
            })
        })
    })
    .unwrap()
}

fn unshroud(password: &str, info: &[u8]) -> Vec<u8> {
    let (salt, rounds, vector, mut text) = parse_der(info, |reader| {
        reader.read_sequence(|info| {
            let (salt, rounds, vector) = info.next().read_sequence(|algorithm| {
                skip(algorithm)?;
                algorithm.next().read_sequence(|schemes| {
                    let (salt, rounds) = schemes.next().read_sequence(|derivation| {
                        skip(derivation)?;
                        derivation.next().read_sequence(|parameters| {
                            let salt = parameters.next().read_bytes()?;
                            let rounds = parameters.next().read_u32()?;
                            skip(parameters)?;
                            Ok((salt, rounds))
                        })
                    })?;
                    let vector = schemes.next().read_sequence(|encryption| {
                        skip(encryption)?;
                        encryption.next().read_bytes()
                    })?;
                    Ok((salt, rounds, vector))
                })
            })?;
            Ok((salt, rounds, vector, info.next().read_bytes()?))
        })
    })
    .unwrap();
    let mut key = [0; 32];
    let rounds = rounds.try_into().unwrap();
    pbkdf2::derive(
        pbkdf2::PBKDF2_HMAC_SHA256,
        rounds,
        &salt,
        password.as_bytes(),
        &mut key,
    );
    let key = UnboundCipherKey::new(&AES_256, &key).unwrap();
    let key = PaddedBlockDecryptingKey::cbc_pkcs7(key).unwrap();
    let vector: [u8; 16] = vector.try_into().unwrap();
    let context = DecryptionContext::Iv128(FixedLength::from(vector));
    key.decrypt(&mut text, context).unwrap().to_vec()
}

/// RFC 7292 appendix B, for a key of one block.
fn mac_key(password: &str, salt: &[u8], rounds: u32) -> Vec<u8> {
    let password: Vec<u8> = format!("{password}\0")
        .encode_utf16()
        .flat_map(u16::to_be_bytes)
        .collect();
    let whole_blocks = |part: &[u8]| {
        let length = part.len().div_ceil(64) * 64;
        part.iter()
            .copied()
            .cycle()
            .take(length)
            .collect::<Vec<_>>()
    };
    let start = [vec![3; 64], whole_blocks(salt), whole_blocks(&password)].concat();
    (0..rounds).fold(start, |text, _| digest(&SHA256, &text).as_ref().to_vec())
}

#[tokio::test]
async fn the_keystores_key_signs_for_its_owner() {
    let sandbox = start(Policy::strict());
    let (merchant, portfolio) = (sandbox.merchant(), sandbox.portfolio());
    for (keystore, password, key_id, owner) in [
        (
            merchant.keystore().unwrap(),
            merchant.keystore_password(),
            merchant.certificate_key_id(),
            merchant.id(),
        ),
        (
            portfolio.keystore().unwrap(),
            portfolio.keystore_password(),
            portfolio.certificate_key_id(),
            portfolio.id(),
        ),
    ] {
        let opened = open(keystore, password);
        let key = KeyPair::from_pkcs8(&opened.key).unwrap();
        assert_eq!(key.public_modulus_len(), 256);
        let jwt = Jwt::new("RS256", key_id, owner, merchant.id());
        let call = bearer(&jwt.signed(Signing::Rsa(&key)));
        let validated = examined(&sandbox, &call).await;
        assert_admitted(&validated, owner);
        assert_eq!(validated.1.key_owner(), Some(owner));
    }
}

#[test]
fn the_keystore_holds_what_the_vendors_do() {
    let sandbox = start(Policy::strict());
    let merchant = sandbox.merchant();
    let opened = open(merchant.keystore().unwrap(), merchant.keystore_password());
    let digits = merchant.certificate_key_id();
    assert_eq!(digits.len(), 22);
    assert_eq!(opened.certificates.len(), 3);
    for (name, common_name) in opened.names.iter().zip([
        "sandbox_merchant",
        "CyberSource_SJC_US",
        "CyberSourceCertAuth",
    ]) {
        assert!(name.contains("serialNumber="), "{name}");
        assert!(name.contains(&format!(",CN={common_name}")), "{name}");
    }
    assert!(opened.names[0].contains(digits));
    let holds = |text: &str| {
        let certificate = &opened.certificates[0];
        let windows = certificate.windows(text.len());
        windows.filter(|window| *window == text.as_bytes()).count()
    };
    // The digits are the certificate's serial number, and an attribute of its subject.
    assert_eq!(holds(digits), 2);
    assert_eq!(holds("sandbox_merchant"), 1);
    assert_eq!(holds("CyberSourceCertAuth"), 1);
}

#[tokio::test]
async fn a_keystore_is_made_once_and_known_from_then_on() {
    let sandbox = start(Policy::strict());
    let merchant = sandbox.merchant();
    let jwt = Jwt::new("RS256", merchant.certificate_key_id(), "a", "b");
    let call = bearer(&jwt.signed(Signing::Unsigned));
    assert_refused(
        &examined(&sandbox, &call).await,
        AuthenticationCheck::KeyId,
        "nobody has it yet",
    );
    assert_eq!(merchant.keystore().unwrap(), merchant.keystore().unwrap());
    assert_refused(
        &examined(&sandbox, &call).await,
        AuthenticationCheck::Signature,
        "now somebody may",
    );
    assert_ne!(
        merchant.keystore().unwrap(),
        sandbox.portfolio().keystore().unwrap()
    );
}
