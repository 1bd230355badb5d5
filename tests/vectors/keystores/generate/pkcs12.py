"""Builds PKCS#12 (RFC 7292) by hand, with every liberty that files of the field take."""

import hashlib
import hmac

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, modes

from der import NULL, context_0, integer, octets, oid, open_tlv, seq, tlv

DATA = oid("1.2.840.113549.1.7.1")
SIGNED_DATA = oid("1.2.840.113549.1.7.2")
ENCRYPTED_DATA = oid("1.2.840.113549.1.7.6")
BAG = "1.2.840.113549.1.12.10.1."
PBE = "1.2.840.113549.1.12.1."
HASHES = {
    "sha1": oid("1.3.14.3.2.26"),
    "sha256": oid("2.16.840.1.101.3.4.2.1"),
    "md5": oid("1.2.840.113549.2.5"),
}


def derive(kind, purpose, password, salt, rounds, length):
    """RFC 7292 appendix B.2. Without a password, some programs leave out even the zero at its end."""
    block = 64
    password = b"" if password is None else password.encode("utf-16-be") + b"\0\0"

    def fill(text):
        size = -(-len(text) // block) * block
        return (text * (size // len(text) + 1))[:size] if text else b""

    state, derived = fill(salt) + fill(password), b""
    while len(derived) < length:
        digest = hashlib.new(kind, bytes([purpose]) * block + state).digest()
        for _ in range(rounds - 1):
            digest = hashlib.new(kind, digest).digest()
        derived += digest
        step = int.from_bytes((digest * block)[:block], "big") + 1
        blocks = (state[at : at + block] for at in range(0, len(state), block))
        sums = ((int.from_bytes(part, "big") + step) % 2 ** (8 * block) for part in blocks)
        state = b"".join(number.to_bytes(block, "big") for number in sums)
    return derived[:length]


def encrypt(password, clear, *, salt, rounds=1, stated=None, number=3):
    """pbeWithSHAAnd3-KeyTripleDES-CBC; the file may state `stated` iterations instead of the real number."""
    key = derive("sha1", 1, password, salt, rounds, 24)
    iv = derive("sha1", 2, password, salt, rounds, 8)
    padding = 8 - len(clear) % 8
    encryptor = Cipher(TripleDES(key), modes.CBC(iv)).encryptor()
    encrypted = encryptor.update(clear + bytes([padding]) * padding) + encryptor.finalize()
    parameters = seq(octets(salt), integer(rounds if stated is None else stated))
    return seq(oid(PBE + str(number)), parameters), encrypted


def bag(kind, value, friendly_name=None, local_key_id=None):
    attributes = []
    if friendly_name:
        text = tlv(0x1E, friendly_name.encode("utf-16-be"))
        attributes.append(seq(oid("1.2.840.113549.1.9.20"), tlv(0x31, text)))
    if local_key_id:
        attributes.append(seq(oid("1.2.840.113549.1.9.21"), tlv(0x31, octets(local_key_id))))
    return seq(oid(BAG + str(kind)), context_0(value), *([tlv(0x31, *attributes)] if attributes else []))


def certificate_bag(der, **attributes):
    value = seq(oid("1.2.840.113549.1.9.22.1"), context_0(octets(der)))
    return bag(3, value, **attributes)


def key_bag(pkcs8, **attributes):
    return bag(1, pkcs8, **attributes)


def shrouded_bag(pkcs8, password, *, attributes=None, **how):
    algorithm, encrypted = encrypt(password, pkcs8, **how)
    return bag(2, seq(algorithm, octets(encrypted)), **(attributes or {}))


def plain(*bags):
    return seq(DATA, context_0(octets(seq(*bags))))


def encrypted(password, *bags, **how):
    algorithm, text = encrypt(password, seq(*bags), **how)
    content = seq(DATA, algorithm, tlv(0x80, text))
    return seq(ENCRYPTED_DATA, context_0(seq(integer(0), content)))


def keystore(password, *infos, kind="sha256", salt=b"saltsalt", rounds=1, stated=None):
    """`stated` is the number of MAC iterations that the file states, or "" for the default left out."""
    safe = seq(*infos)
    content = seq(DATA, context_0(octets(safe)))
    if kind is None:
        return seq(integer(3), content)
    size = hashlib.new(kind).digest_size
    mac = hmac.digest(derive(kind, 3, password, salt, rounds, size), safe, kind)
    stated = b"" if stated == "" else integer(rounds if stated is None else stated)
    info = seq(seq(HASHES[kind], NULL), octets(mac))
    return seq(integer(3), content, seq(info, octets(salt), stated))


def pbmac1_keystore(password, *infos, kind="sha256", rounds=1000, stated=None, length=None):
    """With a MAC as in RFC 9579, whose key has `length` bytes, or as many as the hash; 0 leaves the length out."""
    prf = {"sha1": 7, "sha256": 9, "sha384": 10, "sha512": 11}[kind]
    hmac_name = seq(oid(f"1.2.840.113549.2.{prf}"), NULL)
    safe = seq(*infos)
    length = hashlib.new(kind).digest_size if length is None else length
    key = hashlib.pbkdf2_hmac(kind, password.encode(), b"saltsalt", rounds, length or 32)
    stated_length = integer(length) if length else b""
    stated = rounds if stated is None else stated
    parameters = seq(octets(b"saltsalt"), integer(stated), stated_length, hmac_name)
    pbkdf2 = seq(oid("1.2.840.113549.1.5.12"), parameters)
    algorithm = seq(oid("1.2.840.113549.1.5.14"), seq(pbkdf2, hmac_name))
    info = seq(algorithm, octets(hmac.digest(key, safe, kind)))
    content = seq(DATA, context_0(octets(safe)))
    return seq(integer(3), content, seq(info, octets(b"NOT USED"), integer(1)))


def open_keystore(password, *infos):
    """All lengths left open, and the strings in pieces."""
    safe = open_tlv(0x30, *infos)
    pieces = (octets(safe[at : at + 1000]) for at in range(0, len(safe), 1000))
    content = open_tlv(0x30, DATA, open_tlv(0xA0, open_tlv(0x24, *pieces)))
    mac = hmac.digest(derive("sha1", 3, password, b"saltsalt", 1, 20), safe, "sha1")
    info = seq(seq(HASHES["sha1"], NULL), octets(mac))
    return open_tlv(0x30, integer(3), content, seq(info, octets(b"saltsalt")))


def open_encrypted(password, *bags, **how):
    algorithm, text = encrypt(password, seq(*bags), **how)
    pieces = (octets(text[at : at + 1000]) for at in range(0, len(text), 1000))
    content = open_tlv(0x30, DATA, algorithm, open_tlv(0xA0, *pieces))
    return open_tlv(0x30, ENCRYPTED_DATA, open_tlv(0xA0, open_tlv(0x30, integer(0), content)))
