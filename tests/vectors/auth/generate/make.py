#!/usr/bin/env python3
"""Makes the vectors of this folder, with Python's own HMAC and OpenSSL's RSA.

Shares no code with the crate that they test. What is published, or was made elsewhere, stands here
as text and is compared. Usage: generate/make.py
"""

import base64
import hashlib
import hmac
import json
import pathlib
import shutil
import subprocess
from email.utils import formatdate

ROOT = pathlib.Path(__file__).resolve().parent.parent
RSA_KEY = ROOT.parent / "jwe" / "keys" / "merchant.pkcs8.pem"

TESTREST = {
    "owner": "testrest",
    "key_id": "08c94330-f618-42a3-b09d-e1e43be5efda",
    "secret": "yBJxy6LjM2TmcPGu+GaJrHtkke25fPpUX+UY6/L/1tE=",
}
GUIDE = {
    "owner": "testmid",
    "key_id": "01234567-0123-0123-0123-012345678912",
    "secret": "0123k20MBbIB2t012345678993gHCIZsQKFpf7dR0hY=",
}
CERTIFICATE = {"owner": "testrest", "key_id": "1780000000000000000001"}
GUIDE_DIGEST = "a/goIo1XUCr80rnKFCWp7yRpwVL50E9RaunuEHh11XM="
CRYPTOGRAM = '{"paymentCredentialType":"CRYPTOGRAM","transactionType":"ECOM"}'
SECURITY_CODE = '{"paymentCredentialType":"SECURITY_CODE"}'
RESPONSE_KEY = "a0eb65d572e556fddb68eb3a4078555605f7b283"
NOW = 1780000000

# Published with the key GUIDE, or derived from it by others' implementations: see README.md.
PUBLISHED = {
    "http-signature/guide": "ViHPF/tRP+jlFkWaUWBB53WQ6ASQ1ox1zbJ7ApVc7Q8=",
    "http-signature/guide-plain": "gBNffqEthQgscKdtNUJ8qFc/dk81ICtFCto38U8HBBg=",
    "http-signature/host": "0vPJsjMaV/RKbhY0/tcU+VTTaExxVOdOvd+KiF5pB4I=",
    "http-signature/host-no-slash": "qDEL4LO/fKfKj6yzKJVy2WdgDITERE+WJUqeaFqg6oI=",
    "http-signature/host-plain": "HZnonEDMUsdLycttARb7Md+/t2ElCDfT3aOKOBFaqvQ=",
    "http-signature/host-plain-no-slash": "skPpTwsaPAIJ7nuzkognJswLpVmEil7fYSqLkzu8ETo=",
    "http-signature/host-v-c-date": "KNxoZml/A07OTiZ6wR9syOVWb0AEA4bZLnH2+OV6je0=",
    "http-signature/host-v-c-date-no-slash": "0Upqk4lE5sxJy71sUjOF7ntbbRb2BfYv0Ic6bhhQGso=",
    "http-signature/v2": "mKsjGGW01It88bjUqyWi22QE80Nj1d3QBDYgzU9+YUs=",
    "http-signature/v3": "LomsLSrWmfGd+iM5Q/MWSSUudKArtJVvsDLvPxIvJpw=",
    "jwt-hs256/v3": "P1q-VzMSIE4Kpy8kAnqNV1-ximyf1aJVkbONsRTBfwk",
    "digest/braces": "RBNvo1WzZ4oRRq0W9+hknpT7T8If536DEMBg9hyq/4o=",
    "digest/cryptogram": "P8QrVd5LitJMuJL1nD3X+pbKg7gKbCMSn8CGYLouYAY=",
    "digest/hello": "k6I5cakU5erL8KjSUVTNownDwccvu5kU1Hxg88toFYg=",
    "digest/security-code": "Uck7KvXkNbqXLAQfQ1uCPZG+6mietdwMKFeCfGiyyJI=",
}


def endpoint(version, **changes):
    """A request of this operation."""
    path = f"/tms/{version}/tokens/7010000000016241111/payment-credentials"
    request = {"method": "POST", "host": "apitest.cybersource.com", "path": path}
    return {**request, "body": CRYPTOGRAM, "now": NOW, **changes}


def guide(**changes):
    """The request of the vendor's page on testing signatures; its body isn't published."""
    request = {"method": "POST", "host": "apitest.visaacceptance.com", "now": 1544745600}
    return {**request, "path": "/pts/v2/payments/", "digest": GUIDE_DIGEST, **GUIDE, **changes}


def sha256(body):
    return base64.b64encode(hashlib.sha256(body.encode()).digest()).decode() if body else None


def hs256(secret, message):
    return hmac.new(base64.b64decode(secret), message.encode(), hashlib.sha256).digest()


def rs256(message):
    """What `openssl dgst -sha256 -sign merchant.pkcs8.pem` makes of the message."""
    command = ["openssl", "dgst", "-sha256", "-sign", RSA_KEY]
    return subprocess.run(command, input=message.encode(), capture_output=True, check=True).stdout


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def write(case, request, steps):
    folder = ROOT / case
    folder.mkdir(parents=True)
    body = request.pop("body", None)
    if body is not None:
        (folder / "body").write_text(body)
    if request:
        (folder / "request.json").write_text(json.dumps(request, indent=2) + "\n")
    for name, text in steps.items():
        if text is not None:
            (folder / name).write_text(text)
    if case in PUBLISHED:
        made = steps["digest" if case.startswith("digest/") else "signature"]
        assert made == PUBLISHED.pop(case), case


def http_signature(case, request):
    date_name = request.get("date", "date")
    date = formatdate(request["now"], usegmt=True)
    digest = request.pop("digest", None) or sha256(request["body"])
    target = f"{request['method'].lower()} {request['path']}"
    lines = {
        "host": request["host"],
        date_name: date,
        request.get("request_target", "request-target"): target,
        **({"digest": f"SHA-256={digest}"} if digest else {}),
        "v-c-merchant-id": request["owner"],
    }
    text = "\n".join(f"{name}: {value}" for name, value in lines.items())
    signature = base64.b64encode(hs256(request["secret"], text)).decode()
    value = (
        f'keyid="{request["key_id"]}", algorithm="HmacSHA256", '
        f'headers="{" ".join(lines)}", signature="{signature}"'
    )
    headers = {
        date_name: date,
        "v-c-merchant-id": request.get("merchant", request["owner"]),
        **({"digest": f"SHA-256={digest}"} if digest else {}),
        "signature": value,
    }
    steps = {"digest": digest, "string-to-sign": text, "signature": signature}
    if "body" in request:
        steps["headers"] = "".join(f"{name}: {headers[name]}\n" for name in sorted(headers))
    write(f"http-signature/{case}", request, steps)


def jwt(scheme, case, request):
    algorithm = {"jwt-hs256": "HS256", "jwt-rs256": "RS256"}[scheme]
    issued = request["now"] - request.get("backdating", 5)
    digest = sha256(request["body"])
    upper = request.get("request_method") == "upper"
    method = request["method"].upper() if upper else request["method"].lower()
    header = {"alg": algorithm, "kid": request["key_id"], "typ": "JWT"}
    claims = {}
    if digest:
        claims["digest"] = digest
        claims[request.get("digest_algorithm", "digestAlgorithm")] = "SHA-256"
    claims |= {
        "exp": issued + 120,
        "iat": issued,
        "iss": request["owner"],
        "jti": request["jti"],
        "request-host": request["host"],
        "request-method": method,
        "request-resource-path": request["path"],
        "v-c-jwt-version": "2",
        "v-c-merchant-id": request.get("merchant", request["owner"]),
    }
    if "response_key_id" in request:
        claims[request.get("response_key", "v-c-response-mle-kid")] = request["response_key_id"]
    header, claims = (json.dumps(part, separators=(",", ":")) for part in (header, claims))
    signed = f"{base64url(header.encode())}.{base64url(claims.encode())}"
    signature = hs256(request["secret"], signed) if "secret" in request else rs256(signed)
    steps = {
        "digest": digest,
        "header.json": header,
        "claims.json": claims,
        "signature": base64url(signature),
        "headers": f"authorization: Bearer {signed}.{base64url(signature)}\n",
    }
    write(f"{scheme}/{case}", request, steps)


def http_signatures():
    parenthesised = {"request_target": "(request-target)"}
    host = {"host": "apitest.cybersource.com"}
    no_slash = {"path": "/pts/v2/payments"}
    v_c_date = {"date": "v-c-date"}
    http_signature("guide", guide(**parenthesised))
    http_signature("guide-plain", guide())
    http_signature("host", guide(**host, **parenthesised))
    http_signature("host-no-slash", guide(**host, **parenthesised, **no_slash))
    http_signature("host-plain", guide(**host))
    http_signature("host-plain-no-slash", guide(**host, **no_slash))
    http_signature("host-v-c-date", guide(**host, **v_c_date))
    http_signature("host-v-c-date-no-slash", guide(**host, **v_c_date, **no_slash))
    http_signature("v2", endpoint("v2", **TESTREST))
    http_signature("v3", endpoint("v3", **TESTREST))
    http_signature("v3-empty-body", endpoint("v3", **TESTREST, body=""))
    http_signature("v3-meta-key", endpoint("v3", **TESTREST, merchant="shop_7"))
    http_signature("v3-other-names", endpoint("v3", **TESTREST, **parenthesised, **v_c_date))


def jwts():
    nonce = {"jti": "123e4567-e89b-42d3-a456-426614174000"}
    exact = {"backdating": 0}
    portfolio = {"owner": "portfolio", "merchant": "shop_7"}
    answer = {"response_key_id": RESPONSE_KEY}
    other_names = {
        "digest_algorithm": "digest-algorithm",
        "request_method": "upper",
        "response_key": "v-c-api-response-mle-kid",
    }
    for scheme, key in (("jwt-hs256", TESTREST), ("jwt-rs256", CERTIFICATE)):
        key = {**key, **nonce}
        jwt(scheme, "v2", endpoint("v2", **key, **exact, body=SECURITY_CODE))
        jwt(scheme, "v3", endpoint("v3", **key, **exact))
        jwt(scheme, "v3-backdated", endpoint("v3", **key))
        jwt(scheme, "v3-empty-body", endpoint("v3", **key, body=""))
        jwt(scheme, "v3-meta-key", endpoint("v3", **{**key, **portfolio}, **answer))
        jwt(scheme, "v3-other-names", endpoint("v3", **key, **answer, **other_names))
        jwt(scheme, "v3-response-key", endpoint("v3", **key, **answer))


def digests():
    bodies = {
        "braces": "{}",
        "cryptogram": CRYPTOGRAM,
        "empty": "",
        "hello": '{"hello":"world"}',
        "security-code": SECURITY_CODE,
    }
    for name, body in bodies.items():
        write(f"digest/{name}", {"body": body}, {"digest": sha256(body)})


if __name__ == "__main__":
    for scheme in ("digest", "http-signature", "jwt-hs256", "jwt-rs256"):
        shutil.rmtree(ROOT / scheme, ignore_errors=True)
    digests()
    http_signatures()
    jwts()
    assert not PUBLISHED, PUBLISHED
