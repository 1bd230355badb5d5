"""What the Python makers share: where things lie, base64url, RSA-OAEP by hand, and how a vector is written."""

import base64
import hashlib
import json
from importlib import metadata
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
KEYS = ROOT / "keys"
KIDS = json.loads((KEYS / "kids.json").read_text())
PAYLOADS = {p.stem: p.read_bytes() for p in sorted((HERE / "payloads").glob("*.json"))}

ALG, ENC = "RSA-OAEP-256", "A256GCM"


def b64u(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def compact(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def header(key="merchant", **changes):
    """The protected header as the service orders it; a change of None takes the member out."""
    members = {"kid": KIDS[key], "cty": "json", "typ": "JWT", "enc": ENC, "alg": ALG}
    members.update(changes)
    return {name: value for name, value in members.items() if value is not None}


def unknown_members():
    """Fifty members that no specification knows and that a reader must ignore."""
    kinds = [lambda i: f"value {i}", lambda i: i, lambda i: i % 2 == 0, lambda i: None, lambda i: [i, {"deep": [i]}]]
    return {f"x-unknown-{i:02}": kinds[i % 5](i) for i in range(50)}


def private_pem(key):
    return (KEYS / f"{key}.pkcs8.pem").read_bytes()


def public_pem(key):
    return (KEYS / f"{key}.public.pem").read_bytes()


def private_key(key):
    return serialization.load_pem_private_key(private_pem(key), None)


def public_numbers(key):
    return private_key(key).public_key().public_numbers()


def fixed(label, length):
    """Bytes that look random and are the same at every run."""
    out = b""
    while len(out) < length:
        out += hashlib.sha256(f"payment-credentials vector|{label}|{len(out)}".encode()).digest()
    return out[:length]


def mgf1(seed, length, digest):
    blocks = -(-length // hashlib.new(digest).digest_size)
    return b"".join(hashlib.new(digest, seed + i.to_bytes(4, "big")).digest() for i in range(blocks))[:length]


def oaep(message, size, seed, digest="sha256", mgf="sha256", label=b""):
    """EME-OAEP of RFC 8017, 7.1.1, with the seed given: the libraries draw theirs and accept none."""
    left = hashlib.new(digest, label).digest()
    data = left + bytes(size - len(message) - 2 * len(left) - 2) + b"\x01" + message
    masked = bytes(a ^ b for a, b in zip(data, mgf1(seed, len(data), mgf)))
    masked_seed = bytes(a ^ b for a, b in zip(seed, mgf1(masked, len(seed), mgf)))
    return b"\x00" + masked_seed + masked


def pkcs1_v15(message, size, label):
    """EME-PKCS1-v1_5 of RFC 8017, 7.2.1, with fixed padding."""
    padding = fixed(label, 4 * size).replace(b"\x00", b"")[: size - len(message) - 3]
    return b"\x00\x02" + padding + b"\x00" + message


def rsa(key, encoded):
    """RSAEP of RFC 8017, 5.1.1: public numbers only, so a power is all it takes."""
    numbers = public_numbers(key)
    size = (numbers.n.bit_length() + 7) // 8
    return pow(int.from_bytes(encoded, "big"), numbers.e, numbers.n).to_bytes(size, "big")


def rsa_size(key):
    return (public_numbers(key).n.bit_length() + 7) // 8


def gcm(cek, iv, aad, plaintext):
    sealed = AESGCM(cek).encrypt(iv, plaintext, aad)
    return sealed[:-16], sealed[-16:]


def by_hand(case, protected, plaintext, key="merchant", **changes):
    """Seals by hand; every step is in the dictionary returned, and each can be put in by name."""
    step = {"protected": protected, "plaintext": plaintext}
    step.update({name: changes.pop(name) for name in list(changes) if name in STEPS})
    step.setdefault("protected_b64u", b64u(protected))
    step.setdefault("cek", fixed(f"{case} cek", 32))
    step.setdefault("iv", fixed(f"{case} iv", 12))
    if "encrypted_key" not in step:
        digest = changes.get("digest", "sha256")
        step["oaep_seed"] = fixed(f"{case} seed", hashlib.new(digest).digest_size)
        encoded = oaep(step["cek"], rsa_size(key), step["oaep_seed"], **changes)
        step["encrypted_key"] = rsa(key, encoded)
    step["aad"] = step["protected_b64u"].encode("ascii")
    step["ciphertext"], step["tag"] = gcm(step.pop("aes_key", step["cek"]), step["iv"], step["aad"], plaintext)
    return step


STEPS = {"protected_b64u", "cek", "iv", "encrypted_key", "aes_key"}


def token(step):
    return ".".join(
        [step["protected_b64u"]] + [b64u(step[part]) for part in ("encrypted_key", "iv", "ciphertext", "tag")]
    )


def about(maker, members, **more):
    """What about.json says; `members` is the protected header, or its text where that is no plain object."""
    said = {"maker": maker, "version": metadata.version(maker)}
    if isinstance(members, dict):
        said.update({"alg": members.get("alg"), "enc": members.get("enc"), "header": members})
    else:
        said.update({"alg": None, "enc": None, "header_text": members})
    said.update(more)
    return json.dumps(said, indent=2) + "\n"


def write(folder, files):
    folder = ROOT / folder
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    for name, content in files.items():
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())


def opens(maker, case, sealed, payload, members, key="merchant", steps=None):
    files = {
        "token.jwe": sealed,
        "plaintext.json": PAYLOADS[payload],
        "key": f"{key}.pkcs8.pem",
        "about.json": about(maker, members),
    }
    write(f"opens/{maker}-{case}", files | (steps or {}))


def refused(maker, case, sealed, members, stage, why, key="merchant", **more):
    files = {
        "token.jwe": sealed,
        "key": f"{key}.pkcs8.pem",
        "about.json": about(maker, members, stage=stage, why=why, **more),
    }
    write(f"refused/{maker}-{case}", files)
