"""Encrypted responses and requests made by Python libraries through their own interfaces.

Other bytes at every run. `requests` or `answers` as an argument makes these alone.
"""

import json
import sys
from importlib import metadata
from pathlib import Path

from authlib.jose import JsonWebEncryption
from joserfc import jwe as joserfc_jwe
from joserfc.jwk import RSAKey
from jwcrypto import jwe, jwk

ROOT = Path(__file__).resolve().parent.parent
JWE = ROOT.parent / "jwe"
KIDS = json.loads((JWE / "keys/kids.json").read_text())
VISA = (JWE / "generate/payloads/visa-v3.json").read_bytes()
ERROR = json.dumps({"errors": [{"type": "notFound", "message": "Token not found"}]}).encode()
ALGORITHMS = ["RSA-OAEP-256", "A256GCM"]

# Which stored key stands for which of the two that people confuse.
RESPONSE, CREDENTIALS = "merchant-3072", "merchant"

# The key of the service's certificate in ../../keystores/loads/service.pem, and its key id.
SERVICE, SERVICE_KID = "merchant-next", "1700000000000000000033"
REQUEST = b'{"paymentCredentialType":"CRYPTOGRAM","transactionType":"ECOM"}'


def header(key):
    members = {"alg": ALGORITHMS[0], "enc": ALGORITHMS[1]}
    if key == SERVICE:
        return members | {"cty": "JWT", "kid": SERVICE_KID, "iat": 1767225600}
    members["kid"] = KIDS[key]
    return members | ({"cty": "JWT", "iat": 1767225600} if key == RESPONSE else {"cty": "json", "typ": "JWT"})


def pem(key):
    return (JWE / f"keys/{key}.public.pem").read_bytes()


def by_jwcrypto(plaintext, key):
    sealed = jwe.JWE(plaintext, json.dumps(header(key)))
    sealed.add_recipient(jwk.JWK.from_pem(pem(key)))
    return sealed.serialize(compact=True)


def by_joserfc(plaintext, key):
    # It would take no member that RFC 7516 doesn't know, such as iat.
    registry = joserfc_jwe.JWERegistry(algorithms=ALGORITHMS, strict_check_header=False)
    return joserfc_jwe.encrypt_compact(header(key), plaintext, RSAKey.import_key(pem(key)), registry=registry)


def by_authlib(plaintext, key):
    return JsonWebEncryption(ALGORITHMS).serialize_compact(header(key), plaintext, pem(key)).decode()


def write(folder, name, value, about):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "body.json").write_text(json.dumps({name: value}))
    (folder / "about.json").write_text(json.dumps(about) + "\n")


def answers(maker, version, seal):
    inner = seal(VISA, CREDENTIALS)
    shapes = {"json": VISA, "jwe": inner.encode(), "quoted-jwe": json.dumps(inner).encode(), "error": ERROR}
    for shape, plaintext in shapes.items():
        about = {"maker": maker, "version": version, "status": 404 if shape == "error" else 201}
        write(ROOT / "answers" / f"{maker}-{shape}", "encryptedResponse", seal(plaintext, RESPONSE), about)


def requests(maker, version, seal):
    write(ROOT / "requests" / maker, "encryptedRequest", seal(REQUEST, SERVICE), {"maker": maker, "version": version})


for what in sys.argv[1:] or ["answers", "requests"]:
    make = {"answers": answers, "requests": requests}[what]
    make("jwcrypto", metadata.version("jwcrypto"), by_jwcrypto)
    make("joserfc", metadata.version("joserfc"), by_joserfc)
    make("authlib", metadata.version("Authlib"), by_authlib)
