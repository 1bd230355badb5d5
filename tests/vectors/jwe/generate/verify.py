"""Checks every vector, with readers that did not make it.

`opens`: by jwcrypto, by joserfc, by a strict reader written here over `cryptography`, and by pycryptodome, which
alone of these does not lean on OpenSSL.
`refused`: by the strict reader, at the stage that about.json names; and, with the one fault forgiven, each of
them must open after all, so that the fault is the only reason to refuse it.
"""

import base64
import hashlib
import hmac
import json
import os
import re
import zlib

from Crypto.Cipher import AES, PKCS1_OAEP
from Crypto.Hash import SHA256
from Crypto.PublicKey import RSA
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from joserfc import jwe as joserfc_jwe
from joserfc.jwk import OctKey, RSAKey
from jwcrypto import jwe, jwk, jws

from vectors import ALG, ENC, KEYS, KIDS, PAYLOADS, ROOT, b64u, fixed, private_pem, public_pem

VISA = PAYLOADS["visa-v3"]


class Header(Exception):
    """Refused before any private-key operation."""


class Crypto(Exception):
    """Refused because it does not decrypt; never says why."""


# The strict reader.

def part(text):
    """One part, in the one base64url encoding of its bytes."""
    if not re.fullmatch(r"[A-Za-z0-9_-]*", text) or len(text) % 4 == 1:
        raise Header("not base64url")
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if b64u(data) != text:
        raise Header("spare bits")
    return data


def once(pairs):
    if len({name for name, _ in pairs}) != len(pairs):
        raise Header("a member twice")
    return dict(pairs)


def strict_parts(token, key):
    parts = token.split(".")
    if len(parts) != 5:
        raise Header("not five parts")
    protected, encrypted_key, iv, ciphertext, tag = map(part, parts)
    try:
        members = json.loads(protected.decode("utf-8"), object_pairs_hook=once)
    except ValueError as error:
        raise Header("not JSON") from error
    if not isinstance(members, dict):
        raise Header("not an object")
    if members.get("alg") != ALG or members.get("enc") != ENC or "zip" in members or "crit" in members:
        raise Header("not what we open")
    if (len(encrypted_key), len(iv), len(tag)) != (key.key_size // 8, 12, 16):
        raise Header("lengths")
    return members, parts[0].encode(), encrypted_key, iv, ciphertext, tag


def oaep_padding(digest=hashes.SHA256, mgf=hashes.SHA256, label=None):
    return padding.OAEP(padding.MGF1(mgf()), digest(), label)


def strict(token, key):
    members, aad, encrypted_key, iv, ciphertext, tag = strict_parts(token, key)
    try:
        cek = key.decrypt(encrypted_key, oaep_padding())
    except ValueError:
        cek = b""
    if len(cek) != 32:
        cek = os.urandom(32)  # RFC 7516, 11.5
    try:
        return members, AESGCM(cek).decrypt(iv, ciphertext + tag, aad)
    except InvalidTag as error:
        raise Crypto from error


# Readers that forgive one thing.

def loose_part(text):
    text = text.rstrip("=").replace("+", "-").replace("/", "_")
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def forgiving(token, unwrap=oaep_padding(), fit=lambda cek: cek, key="merchant", aad=None):
    """Ignores the header; accepts any base64, any lengths, and the given padding and content key."""
    parts = token.split(".")
    _, encrypted_key, iv, ciphertext, tag = map(loose_part, parts)
    cek = fit(rsa(key).decrypt(encrypted_key, unwrap))
    cipher = Cipher(algorithms.AES(cek), modes.GCM(iv, tag, min_tag_length=12)).decryptor()
    cipher.authenticate_additional_data((aad or parts[0]).encode())
    return cipher.update(ciphertext) + cipher.finalize()


def rsa(key):
    return serialization.load_pem_private_key(private_pem(key), None)


def by_jwcrypto(token, key=None, algs=None):
    key = key or jwk.JWK.from_pem(private_pem("merchant"))
    reader = jwe.JWE(algs=algs)
    reader.deserialize(token, key)
    return reader.payload


def by_joserfc(token, key=None, algs=(ALG, ENC)):
    key = key or RSAKey.import_key(private_pem("merchant"))
    registry = joserfc_jwe.JWERegistry(algorithms=list(algs), strict_check_header=False)
    registry.max_protected_header_length = 4096  # its own limit is 1024, and fifty unknown members are longer
    return joserfc_jwe.decrypt_compact(token, key, registry=registry).plaintext


def by_pycryptodome(token, pem):
    protected, encrypted_key, iv, ciphertext, tag = token.split(".")
    cek = PKCS1_OAEP.new(RSA.import_key(pem), SHA256).decrypt(part(encrypted_key))
    cipher = AES.new(cek, AES.MODE_GCM, nonce=part(iv))
    cipher.update(protected.encode())
    return cipher.decrypt_and_verify(part(ciphertext), part(tag))


def named(reader, key=None):
    """Reads with the algorithms that the header asks for."""
    def read(token):
        members = json.loads(loose_part(token.split(".")[0]))
        return reader(token, key, [members["alg"], members["enc"]])
    return read


def signed_hs256(token):
    body, _, mac = token.rpartition(".")
    assert hmac.compare_digest(hmac.digest(public_pem("merchant"), body.encode(), hashlib.sha256), loose_part(mac))
    return loose_part(body.split(".")[1])


def signed_rs256(token):
    reader = jws.JWS()
    reader.deserialize(token, jwk.JWK.from_pem(public_pem("merchant")), alg="RS256")
    return reader.payload


def rsa_oaep(digest):
    return lambda token: forgiving(token, oaep_padding(digest, digest))


SHARED = fixed("shared key", 32)
EC = private_pem("ec-p256")

# How each vector that is no plain case of `forgiving` opens when its fault is forgiven.
FORGIVEN = {
    "authlib-a128gcm": named(by_joserfc),
    "cryptography-cek-0": lambda t: forgiving(t, fit=lambda cek: bytes(32) if cek == b"" else None),
    "cryptography-cek-31": lambda t: forgiving(t, fit=lambda cek: cek + b"\0"),
    "cryptography-cek-33": lambda t: forgiving(t, fit=lambda cek: cek[:32]),
    "cryptography-cek-64": lambda t: forgiving(t, fit=lambda cek: cek[:32]),
    "cryptography-header-swapped": lambda t: forgiving(t, aad=original_header()),
    "cryptography-jws-hs256": signed_hs256,
    "cryptography-jws-none": lambda t: loose_part(t.split(".")[1]),
    "cryptography-oaep-label": lambda t: forgiving(t, oaep_padding(label=b"label")),
    "cryptography-oaep-mgf1-sha1": lambda t: forgiving(t, oaep_padding(mgf=hashes.SHA1)),
    "cryptography-oaep-sha1": rsa_oaep(hashes.SHA1),
    "cryptography-pbes2-p2c-max": None,  # has no content key behind it, and nobody will run the rounds to see
    "cryptography-pkcs1-v15-cek": lambda t: forgiving(t, padding.PKCS1v15()),
    "jose-a128cbc-hs256": named(by_jwcrypto),
    "jose-ecdh-es-a256kw": named(by_jwcrypto, jwk.JWK.from_pem(EC)),
    "jose-other-key-same-kid": lambda t: forgiving(t, key="merchant-next"),
    "jose-rsa-oaep-384": rsa_oaep(hashes.SHA384),
    "jose-rsa-oaep-512": rsa_oaep(hashes.SHA512),
    "joserfc-a256gcmkw": named(by_jwcrypto, jwk.JWK(kty="oct", k=b64u(SHARED))),
    "joserfc-ecdh-es": named(by_jwcrypto, jwk.JWK.from_pem(EC)),
    "joserfc-pbes2-hs256-a128kw": named(by_jwcrypto, jwk.JWK(kty="oct", k=b64u(b"test"))),
    "jwcrypto-a256cbc-hs512": named(by_joserfc),
    "jwcrypto-a256kw": named(by_joserfc, OctKey.import_key(SHARED)),
    "jwcrypto-dir": named(by_joserfc, OctKey.import_key(SHARED)),
    "jwcrypto-json-flattened": by_jwcrypto,
    "jwcrypto-json-general": by_jwcrypto,
    "jwcrypto-jws-rs256": signed_rs256,
    "jwcrypto-rsa-oaep": rsa_oaep(hashes.SHA1),
    "jwcrypto-zip-def": lambda t: zlib.decompress(forgiving(t), -15),
    "node-jose-a192gcm": named(by_jwcrypto),
    "node-jose-rsa1-5": lambda t: forgiving(t, padding.PKCS1v15()),
}


def original_header():
    """The header of which cryptography-header-swapped was robbed: the usual one."""
    return (ROOT / "opens/cryptography-visa-v3/protected.b64u").read_text()


# The walk.

def load(folder):
    files = {path.name: path.read_bytes() for path in folder.iterdir()}
    for name in ("token.jwe", "key"):
        assert not files[name].endswith(b"\n"), f"{folder.name}/{name} ends in a newline"
    return files, json.loads(files["about.json"]), (KEYS / files["key"].decode()).read_bytes()


def check_opens(folder):
    files, about, pem = load(folder)
    token = files["token.jwe"].decode("ascii")
    key = serialization.load_pem_private_key(pem, None)
    members, plaintext = strict(token, key)
    assert plaintext == files["plaintext.json"], "by hand: other plaintext"
    assert by_jwcrypto(token, jwk.JWK.from_pem(pem)) == plaintext, "jwcrypto: other plaintext"
    assert by_joserfc(token, RSAKey.import_key(pem)) == plaintext, "joserfc: other plaintext"
    assert by_pycryptodome(token, pem) == plaintext, "pycryptodome: other plaintext"
    assert isinstance(json.loads(plaintext), dict)
    assert list(members.items()) == list(about["header"].items()), "about.json has another header"
    assert (about["alg"], about["enc"]) == (ALG, ENC)
    assert members.get("kid") in (None, KIDS[files["key"].decode().removesuffix(".pkcs8.pem")])
    if "cek.hex" in files:
        check_steps(files, key, strict_parts(token, key))


def check_steps(files, key, read):
    _, aad, encrypted_key, iv, ciphertext, tag = read
    hexed = lambda name: bytes.fromhex(files[f"{name}.hex"].decode())
    assert files["aad.ascii"] == files["protected.b64u"] == aad == b64u(files["protected.json"]).encode()
    assert (hexed("encrypted_key"), hexed("iv")) == (encrypted_key, iv)
    assert (hexed("ciphertext"), hexed("tag")) == (ciphertext, tag)
    assert key.decrypt(encrypted_key, oaep_padding()) == hexed("cek")
    # An OAEP that shares no code with ours, given the same seed, must give the same bytes.
    public = RSA.construct((key.public_key().public_numbers().n, key.public_key().public_numbers().e))
    assert PKCS1_OAEP.new(public, SHA256, randfunc=lambda _: hexed("oaep_seed")).encrypt(hexed("cek")) == encrypted_key


def check_refused(folder):
    files, about, pem = load(folder)
    token = files["token.jwe"].decode("ascii")
    try:
        strict(token, serialization.load_pem_private_key(pem, None))
        raise AssertionError("opens")
    except (Header, Crypto) as refusal:
        assert type(refusal).__name__.lower() == about["stage"], f"refused at another stage: {refusal!r}"
    assert about["why"]
    if forgive := FORGIVEN.get(folder.name, forgiving):
        assert forgive(token) == VISA, "its fault forgiven, it opens to something else"


def opened_anyway(folder):
    """Which libraries, limited to RSA-OAEP-256 and A256GCM, open a token that should be rejected."""
    token = (folder / "token.jwe").read_text()
    readers = {"jwcrypto": lambda: by_jwcrypto(token, algs=[ALG, ENC]), "joserfc": lambda: by_joserfc(token)}
    opened = []
    for name, read in readers.items():
        try:
            read()
            opened.append(name)
        except Exception:
            pass
    return opened


def check_keys():
    usual = {"merchant": 2048, "merchant-next": 2048, "merchant-3072": 3072, "merchant-4096": 4096}
    for name, bits in usual.items():
        key = rsa(name)
        same = serialization.load_pem_private_key((KEYS / f"{name}.pkcs1.pem").read_bytes(), None)
        public = serialization.load_pem_public_key(public_pem(name))
        assert isinstance(key, RSAPrivateKey) and key.key_size == bits
        assert key.private_numbers() == same.private_numbers() and key.public_key() == public
        der = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        assert KIDS[name] == hashlib.sha256(der).hexdigest()[:40]
    encrypted = serialization.load_pem_private_key((KEYS / "merchant.encrypted.pkcs8.pem").read_bytes(), b"test")
    assert encrypted.private_numbers() == rsa("merchant").private_numbers()


def walk(kind, check):
    folders = sorted((ROOT / kind).iterdir())
    failed = 0
    for folder in folders:
        try:
            check(folder)
        except Exception as error:
            failed += 1
            print(f"FAILED {kind}/{folder.name}: {error!r}")
    print(f"{kind}: {len(folders) - failed} passed, {failed} failed")
    return failed


if __name__ == "__main__":
    check_keys()
    failures = walk("opens", check_opens) + walk("refused", check_refused)
    for folder in sorted((ROOT / "refused").iterdir()):
        if names := opened_anyway(folder):
            print(f"note: refused/{folder.name} is opened by {', '.join(names)}")
    raise SystemExit(failures != 0)
