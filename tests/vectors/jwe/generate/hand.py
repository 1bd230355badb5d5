"""Vectors made by hand over `cryptography`: every byte is fixed, so a second run changes nothing."""

import hashlib
import hmac
import json

from vectors import (
    PAYLOADS, b64u, by_hand, compact, fixed, header, opens, pkcs1_v15, public_pem, refused, rsa, rsa_size, token,
    unknown_members,
)

MAKER = "cryptography"
VISA = PAYLOADS["visa-v3"]


def good(case, protected, payload="visa-v3", key="merchant"):
    step = by_hand(case, protected.encode(), PAYLOADS[payload], key)
    files = {
        "protected.json": step["protected"],
        "protected.b64u": step["protected_b64u"],
        "oaep_seed.hex": step["oaep_seed"].hex(),
        "cek.hex": step["cek"].hex(),
        "encrypted_key.hex": step["encrypted_key"].hex(),
        "iv.hex": step["iv"].hex(),
        "aad.ascii": step["aad"],
        "ciphertext.hex": step["ciphertext"].hex(),
        "tag.hex": step["tag"].hex(),
    }
    opens(MAKER, case, token(step), payload, json.loads(protected), key, files)


def bad(case, why, stage="header", protected=None, edit=None, key="merchant", **changes):
    """Seals with one thing changed; `edit` reworks the five parts afterwards."""
    members = protected if protected is not None else header()
    text = members if isinstance(members, str) else compact(members)
    parts = token(by_hand(case, text.encode(), VISA, key, **changes)).split(".")
    if edit:
        edit(parts)
    refused(MAKER, case, ".".join(parts), members, stage, why)


def spare_bit(part):
    """Sets the lowest spare bit of the last character, which decoding drops."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    assert len(part) % 4 != 0, "the part has no spare bits"
    return part[:-1] + alphabet[alphabet.index(part[-1]) | 1]


# What opens.

good("visa-v3", compact(header()))
good("no-kid", compact(header(kid=None)))
good("header-order", compact(dict(sorted(header().items()))))
good("header-spacing", json.dumps(header(), indent="\t", separators=(" ,", " : ")).replace("\n", "\r\n"))
good("utf8", compact(header()), payload="utf8")
good("unknown-50", compact({**unknown_members(), **header()}))

# What the header or the shape gives away.

bad("pbes2-p2c-max", "PBES2 with 2^31-1 rounds, which must never be run",
    protected=header(alg="PBES2-HS256+A128KW", p2s=b64u(fixed("p2s", 16)), p2c=2**31 - 1),
    encrypted_key=fixed("pbes2-p2c-max key", 40))
bad("alg-none", "alg is none in a token of five parts", protected=header(alg="none"))
bad("alg-missing", "no alg", protected=header(alg=None))
bad("alg-lower-case", "algorithm names are compared exactly", protected=header(alg="rsa-oaep-256"))
bad("enc-missing", "no enc", protected=header(enc=None))
bad("crit-unknown", "crit names an extension that no reader knows",
    protected={**header(), "crit": ["urn:example:understand-me"], "urn:example:understand-me": True})
bad("crit-empty", "crit is an empty list, which RFC 7515, 4.1.11 forbids", protected={**header(), "crit": []})


def cut_tag(length):
    def edit(parts):
        step = by_hand(f"tag-{length}", compact(header()).encode(), VISA)
        parts[4] = b64u(step["tag"][:length])
    return edit


bad("tag-15", "a tag of 15 bytes, the first of the right 16", edit=cut_tag(15))
bad("tag-12", "a tag of 12 bytes, the first of the right 16", edit=cut_tag(12))
bad("iv-16", "an IV of 16 bytes, with which the content was really sealed", iv=fixed("iv-16", 16))


def last_padded(parts):
    parts[4] += "=="


def spare(index):
    def edit(parts):
        parts[index] = spare_bit(parts[index])
    return edit


bad("base64-padding", "= at the end of the tag, whose base64url is otherwise right", edit=last_padded)
bad("base64-standard", "the encrypted key in the alphabet of plain base64, with + and /",
    edit=lambda parts: parts.__setitem__(1, parts[1].replace("-", "+").replace("_", "/")))
bad("spare-bits-tag", "spare bits set in the last character of the tag", edit=spare(4))
bad("spare-bits-key", "spare bits set in the last character of the encrypted key", edit=spare(1))
bad("spare-bits-header", "spare bits set in the last character of the header, and sealed that way",
    protected=header(typ="JOSE"), protected_b64u=spare_bit(b64u(compact(header(typ="JOSE")).encode())))

ONE = compact(header())
bad("header-duplicate-alg", "alg twice, first RSA1_5, then RSA-OAEP-256",
    protected=ONE.replace("{", '{"alg":"RSA1_5",', 1))
bad("header-duplicate-alg-escaped", "duplicate alg, the second written with an escape",
    protected=ONE.replace("}", ',"\\u0061lg":"RSA-OAEP-256"}'))
bad("header-array", "the header is an array", protected=f"[{ONE}]")
bad("header-string", "the header is a string", protected=compact(ONE))
bad("header-bom", "a byte order mark before the header object", protected="\ufeff" + ONE)
bad("header-trailing", "a second object after the header object", protected=ONE + "{}")

# What only the private key gives away. All of these must fail in one and the same way.

bad("oaep-mgf1-sha1", "OAEP with SHA-256, but SHA-1 in MGF1", "crypto", mgf="sha1")
bad("oaep-sha1", "OAEP with SHA-1 twice, under a header that says RSA-OAEP-256", "crypto", digest="sha1", mgf="sha1")
bad("oaep-label", "OAEP with the label `label`, where RFC 7518, 4.3 has an empty one", "crypto", label=b"label")

CEK = fixed("odd content keys", 64)
bad("cek-0", "an empty content key; the content is sealed under 32 zero bytes", "crypto", cek=b"", aes_key=bytes(32))
bad("cek-16", "a content key of 16 bytes; the content is sealed under it as A128GCM", "crypto", cek=CEK[:16])
bad("cek-31", "a content key of 31 bytes; the content is sealed under it and a zero byte", "crypto",
    cek=CEK[:31], aes_key=CEK[:31] + b"\0")
bad("cek-33", "a content key of 33 bytes; the content is sealed under its first 32", "crypto",
    cek=CEK[:33], aes_key=CEK[:32])
bad("cek-64", "a content key of 64 bytes; the content is sealed under its first 32", "crypto",
    cek=CEK[:64], aes_key=CEK[:32])
bad("pkcs1-v15-cek", "the content key in PKCS#1 v1.5 padding, under a header that says RSA-OAEP-256", "crypto",
    encrypted_key=rsa("merchant", pkcs1_v15(fixed("pkcs1-v15-cek cek", 32), rsa_size("merchant"), "pkcs1-v15-cek")))


def other_header(parts):
    parts[0] = b64u(compact(header(typ="JOSE")).encode())


bad("header-swapped", "a fine header, but not the one it was sealed with", "crypto", edit=other_header)

# Signed tokens of three parts, where a sealed one of five is due.

JWS = {"alg": "HS256", "typ": "JWT", "kid": header()["kid"]}
body = f"{b64u(compact(JWS).encode())}.{b64u(VISA)}"
refused(MAKER, "jws-hs256", f"{body}.{b64u(hmac.digest(public_pem('merchant'), body.encode(), hashlib.sha256))}", JWS,
        "header", "a signed token; its HMAC key is the text of merchant.public.pem")
NONE = {"alg": "none"}
refused(MAKER, "jws-none", f"{b64u(compact(NONE).encode())}.{b64u(VISA)}.", NONE,
        "header", "an unsecured token: three parts, the last one empty")
