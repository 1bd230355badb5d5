"""Vectors made by Python libraries through their own interfaces. They draw keys and IVs afresh at every run."""

import base64
import json

from vectors import (
    KIDS, PAYLOADS, b64u, compact, fixed, header, opens, private_pem, public_pem, refused, unknown_members,
)

VISA = PAYLOADS["visa-v3"]


def with_jwcrypto():
    from jwcrypto import jwe, jwk, jws

    maker = "jwcrypto"

    def seal(members, plaintext, key, algs=None):
        sealed = jwe.JWE(plaintext, compact(members), algs=algs)
        sealed.add_recipient(key)
        return sealed

    def good(case, members, payload="visa-v3", key="merchant"):
        sealed = seal(members, PAYLOADS[payload], jwk.JWK.from_pem(public_pem(key)))
        opens(maker, case, sealed.serialize(compact=True), payload, members, key)

    good("visa-v3", header())
    good("no-kid", header(kid=None))
    good("utf8", header(), "utf8")
    good("empty-object", header(), "empty-object")
    good("rsa-3072", header("merchant-3072"), key="merchant-3072")
    good("next-key", header("merchant-next"), key="merchant-next")

    def bad(case, key, why, **changes):
        members = header(**changes)
        token = seal(members, VISA, key, [members["alg"], members["enc"]]).serialize(compact=True)
        refused(maker, case, token, members, "header", why)

    rsa = jwk.JWK.from_pem(public_pem("merchant"))
    shared = jwk.JWK(kty="oct", k=b64u(fixed("shared key", 32)))
    bad("rsa-oaep", rsa, "OAEP with SHA-1", alg="RSA-OAEP")
    bad("dir", shared, "a shared key used directly", alg="dir")
    bad("a256kw", shared, "a content key wrapped under a shared key", alg="A256KW")
    bad("a256cbc-hs512", rsa, "content sealed with CBC and HMAC", enc="A256CBC-HS512")
    bad("zip-def", rsa, "compressed content", zip="DEF")

    for case, flattened in [("json-flattened", True), ("json-general", False)]:
        sealed = jwe.JWE(VISA, compact(header()), flattened=flattened)
        sealed.add_recipient(rsa)
        refused(maker, case, sealed.serialize(compact=False), header(), "header",
                f"JSON serialization, {case[5:]}; all else is as it should be")

    signer = jwk.JWK.from_pem(private_pem("merchant"))
    members = {"alg": "RS256", "typ": "JWT", "kid": KIDS["merchant"]}
    signed = jws.JWS(VISA)
    signed.add_signature(signer, alg="RS256", protected=compact(members))
    refused(maker, "jws-rs256", signed.serialize(compact=True), members, "header",
            "a signed token, three parts; signed with the merchant's key")


def with_authlib():
    from authlib.jose import JsonWebEncryption

    maker = "authlib"

    def seal(members, payload, key):
        library = JsonWebEncryption(algorithms=[members["alg"], members["enc"]])
        return library.serialize_compact(dict(members), payload, public_pem(key))

    def good(case, members, key="merchant"):
        opens(maker, case, seal(members, VISA, key), "visa-v3", members, key)

    good("visa-v3", header())
    good("no-kid", header(kid=None))
    good("rsa-4096", header("merchant-4096"), key="merchant-4096")

    members = header(enc="A128GCM")
    refused(maker, "a128gcm", seal(members, VISA, "merchant"), members, "header", "content sealed with AES-128")


def with_joserfc():
    from joserfc import jwe
    from joserfc.jwk import ECKey, OctKey, RSAKey

    maker = "joserfc"

    def seal(members, plaintext, key):
        known = [members["alg"], members["enc"]]
        registry = jwe.JWERegistry(algorithms=known, strict_check_header=False)
        return jwe.encrypt_compact(dict(members), plaintext, key, registry=registry)

    def good(case, members):
        sealed = seal(members, VISA, RSAKey.import_key(public_pem("merchant")))
        opens(maker, case, sealed, "visa-v3", members)

    good("visa-v3", header())
    good("no-kid", header(kid=None))
    good("unknown-50", {**unknown_members(), **header()})
    # `iat` stands where MLE tokens of the same service have it: a number of seconds.
    good("iat-number", {"kid": KIDS["merchant"], "cty": "json", "typ": "JWT", "iat": 1767225600,
                        "enc": "A256GCM", "alg": "RSA-OAEP-256"})

    def bad(case, key, why, **changes):
        sealed = seal(header(**changes), VISA, key)
        refused(maker, case, sealed, sealed_header(sealed), "header", why)

    bad("ecdh-es", ECKey.import_key(private_pem("ec-p256")), "a content key agreed with ec-p256", alg="ECDH-ES")
    bad("a256gcmkw", OctKey.import_key(fixed("shared key", 32)), "a content key wrapped under a shared key",
        alg="A256GCMKW")
    bad("pbes2-hs256-a128kw", OctKey.import_key(b"test"), "a content key wrapped under the password `test`",
        alg="PBES2-HS256+A128KW", p2c=1000, p2s=b64u(fixed("p2s", 16)))


def with_pycryptodome():
    """No JOSE library, but an RSA-OAEP and an AES-GCM that share no code with OpenSSL."""
    from Crypto.Cipher import AES, PKCS1_OAEP
    from Crypto.Hash import SHA256
    from Crypto.PublicKey import RSA

    maker = "pycryptodome"

    def good(case, key):
        members = header(key)
        cek, iv = fixed(f"{maker} {case} cek", 32), fixed(f"{maker} {case} iv", 12)
        seed = lambda length: fixed(f"{maker} {case} seed", length)
        encrypted_key = PKCS1_OAEP.new(RSA.import_key(public_pem(key)), SHA256, randfunc=seed).encrypt(cek)
        protected = b64u(compact(members).encode())
        cipher = AES.new(cek, AES.MODE_GCM, nonce=iv)
        cipher.update(protected.encode())
        ciphertext, tag = cipher.encrypt_and_digest(VISA)
        opens(maker, case, ".".join([protected, *map(b64u, (encrypted_key, iv, ciphertext, tag))]), "visa-v3", members,
              key)

    good("visa-v3", "merchant")
    good("rsa-3072", "merchant-3072")


def sealed_header(token):
    """The header as sent: some algorithms put members of their own into it."""
    part = token.split(".")[0]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


if __name__ == "__main__":
    with_jwcrypto()
    with_authlib()
    with_joserfc()
    with_pycryptodome()
