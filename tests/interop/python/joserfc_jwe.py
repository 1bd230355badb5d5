"""Seals or opens one JWE with joserfc, which is not the library that the SDK brings along.

Reads {"seal": {"header", "plaintext", "key"}} or {"open": {"jwe", "key"}} from standard input, each
key a PEM, and prints {"jwe"} or {"header", "plaintext"}.
"""

import json
import sys

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jwe
from joserfc.jwk import RSAKey

# Strict, it would take no header that RFC 7516 doesn't know, such as iat.
REGISTRY = jwe.JWERegistry(algorithms=["RSA-OAEP-256", "A256GCM"], strict_check_header=False)


def key(pem: str) -> RSAKey:
    if "BEGIN CERTIFICATE" in pem:
        public = x509.load_pem_x509_certificate(pem.encode()).public_key()
        pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    return RSAKey.import_key(pem)


def seal(wish: dict) -> dict:
    header, plaintext = wish["header"], wish["plaintext"].encode()
    return {"jwe": jwe.encrypt_compact(header, plaintext, key(wish["key"]), registry=REGISTRY)}


def unseal(wish: dict) -> dict:
    opened = jwe.decrypt_compact(wish["jwe"], key(wish["key"]), registry=REGISTRY)
    return {"header": opened.protected, "plaintext": opened.plaintext.decode()}


request = json.load(sys.stdin)
print(json.dumps(seal(request["seal"]) if "seal" in request else unseal(request["open"])))
