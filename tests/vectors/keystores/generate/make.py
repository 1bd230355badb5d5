#!/usr/bin/env python3
"""Makes the key files of this folder, with the keys of ../jwe/keys. They guard nothing.

Needs Python 3 with requirements.txt, OpenSSL 3.0 with its legacy provider, and keytool 17.
"""

import base64
import hashlib
import json
import math
import pathlib
import random
import subprocess
import tempfile

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.hazmat.primitives.serialization.pkcs12 import load_key_and_certificates

from der import certificate, context_0, integer, oid, octets, seq, tlv
import pkcs12
from pkcs12 import certificate_bag, encrypted, key_bag, keystore, plain, shrouded_bag

HERE = pathlib.Path(__file__).resolve().parent.parent
KEYS = HERE.parent / "jwe/keys"
PASSWORD = "testpass"
DIGITS = "1700000000000000000017"
SALT = b"saltsalt"
LONG_SALT = hashlib.shake_256(b"a salt of 512 bytes").digest(512)


def key(name):
    return serialization.load_pem_private_key((KEYS / f"{name}.pkcs8.pem").read_bytes(), None)


def pkcs8(name):
    # Not through the library: it writes some keys in another way than they were.
    command = ["openssl", "pkcs8", "-topk8", "-nocrypt", "-in", KEYS / f"{name}.pkcs8.pem"]
    return subprocess.run([*command, "-outform", "DER"], check=True, capture_output=True).stdout


CA = key("weak-1024")


def issue(common_name, owner, number=DIGITS, serial=b"\x2a", **more):
    public_key = key(owner).public_key()
    return certificate(common_name, public_key, CA, serial_number=number, serial=serial, **more)


MERCHANT = issue("keystore_mid", "merchant", serial=DIGITS.encode())
NEXT = issue("other_mid", "merchant-next", "1700000000000000000025")
SERVICE = issue("CyberSource_SJC_US", "merchant-next", "1700000000000000000033")
AUTHORITY = issue("CyberSourceCertAuth", "weak-1024", None)
OWNED = {"friendly_name": f"serialNumber={DIGITS},CN=keystore_mid", "local_key_id": b"\1"}


def write(path, content):
    (HERE / path).write_bytes(content)


def pem(label, der):
    lines = subprocess.run(["openssl", "base64"], input=der, check=True, capture_output=True).stdout
    return f"-----BEGIN {label}-----\n".encode() + lines + f"-----END {label}-----\n".encode()


def run(*command, **options):
    return subprocess.run(command, check=True, capture_output=True, **options).stdout


def by_openssl(work):
    chain = work / "chain.pem"
    chain.write_bytes(pem("CERTIFICATE", SERVICE) + pem("CERTIFICATE", AUTHORITY))
    leaf = work / "leaf.pem"
    leaf.write_bytes(pem("CERTIFICATE", MERCHANT))
    files = ["-inkey", KEYS / "merchant.pkcs8.pem", "-in", leaf, "-certfile", chain]
    export = ["openssl", "pkcs12", "-export", *files, "-name", "keystore_mid"]
    for name, password, options in [
        ("openssl-default", PASSWORD, []),
        ("openssl-legacy", PASSWORD, ["-legacy"]),
        ("openssl-3des", PASSWORD, ["-keypbe", "PBE-SHA1-3DES", "-certpbe", "PBE-SHA1-3DES"]),
        ("openssl-2des-rc2-128", PASSWORD, ["-legacy", "-keypbe", "PBE-SHA1-2DES", "-certpbe", "PBE-SHA1-RC2-128"]),
        ("openssl-aes-128-sha512", PASSWORD, ["-keypbe", "AES-128-CBC", "-certpbe", "AES-192-CBC", "-macalg", "sha512"]),
        ("openssl-no-mac", PASSWORD, ["-nomac"]),
        ("openssl-plain-certificates", PASSWORD, ["-certpbe", "NONE"]),
        ("openssl-no-encryption", PASSWORD, ["-keypbe", "NONE", "-certpbe", "NONE"]),
        ("openssl-100000-rounds", PASSWORD, ["-iter", "100000"]),
        ("openssl-empty-password", "", []),
        ("openssl-unicode-password", "pässwörd-€", ["-legacy"]),
        ("openssl-emoji-password", "🔑-testpass", ["-legacy"]),
    ]:
        write(f"loads/{name}.p12", run(*export, *options, "-passout", f"pass:{password}"))
    rc4 = ["-legacy", "-keypbe", "PBE-SHA1-RC4-128", "-certpbe", "PBE-SHA1-RC4-128"]
    write("refused/rc4.p12", run(*export, *rc4, "-passout", f"pass:{PASSWORD}"))
    pkcs8 = ["openssl", "pkcs8", "-topk8", "-in", KEYS / "merchant.pkcs8.pem", "-passout", f"pass:{PASSWORD}"]
    legacy = ["-provider", "legacy", "-provider", "default"]
    for name, options in [
        ("aes-256", ["-v2", "aes-256-cbc", "-iter", "1000"]),
        ("aes-128-sha1", ["-v2", "aes-128-cbc", "-v2prf", "hmacWithSHA1"]),
        ("aes-256-sha512", ["-v2", "aes-256-cbc", "-v2prf", "hmacWithSHA512"]),
        ("3des", ["-v1", "PBE-SHA1-3DES"]),
        ("rc2-40", ["-v1", "PBE-SHA1-RC2-40", *legacy]),
        ("pbes2-3des", ["-v2", "des3"]),
    ]:
        write(f"loads/{name}.pkcs8.pem", run(*pkcs8, *options))
    write("loads/aes-256.pkcs8.der", run(*pkcs8, "-v2", "aes-256-cbc", "-outform", "DER"))
    write("refused/scrypt.pkcs8.pem", run(*pkcs8, "-scrypt"))
    write("refused/pbes1-des.pkcs8.pem", run(*pkcs8, "-v1", "PBE-MD5-DES", *legacy))
    write("refused/pbes2-rc2.pkcs8.der", run(*pkcs8, "-v2", "rc2-cbc", *legacy, "-outform", "DER"))
    bundle = ["openssl", "crl2pkcs7", "-nocrl", "-certfile", leaf, "-outform", "DER"]
    write("refused/certificates.p7b", run(*bundle))


def openssl_keys():
    """Keys in the format that OpenSSL had before PKCS#8, and one of it for mutual TLS."""
    rsa = ["openssl", "rsa", "-traditional", "-in", KEYS / "merchant.pkcs8.pem", "-passout", f"pass:{PASSWORD}"]
    for cipher in ["aes128", "aes192", "aes256", "des3"]:
        write(f"loads/openssl-{cipher}.pkcs1.pem", run(*rsa, f"-{cipher}"))
    write("refused/openssl-des.pkcs1.pem", run(*rsa, "-des", "-provider", "legacy", "-provider", "default"))
    client = HERE / "client/client.p12"
    opened = ["openssl", "pkcs12", "-in", client, "-passin", f"pass:{PASSWORD}", "-nodes"]
    key = run(*opened, "-nocerts")
    encrypted = run("openssl", "ec", "-aes256", "-passout", f"pass:{PASSWORD}", input=key)
    write("client/client-openssl.pem", run(*opened, "-nokeys") + encrypted)


def client_with_two_passwords():
    """The identity of client.p12, as Java's tools can make it: the key has the password `another`."""
    content = (HERE / "client/client.p12").read_bytes()
    private, leaf, issuers = load_key_and_certificates(content, PASSWORD.encode())
    clear = private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    certificates = [certificate_bag(each.public_bytes(Encoding.DER)) for each in [*issuers, leaf]]
    made = keystore(PASSWORD, plain(*certificates), plain(shrouded_bag(clear, "another", salt=SALT)))
    write("client/client-two-passwords.p12", made)


def jwk(name, key_id):
    """A private key as RFC 7518 §6.3 has it."""
    private = key(name).private_numbers()
    members = {
        "n": private.public_numbers.n, "e": private.public_numbers.e, "d": private.d, "p": private.p,
        "q": private.q, "dp": private.dmp1, "dq": private.dmq1, "qi": private.iqmp,
    }

    def encoded(number):
        digits = number.to_bytes((number.bit_length() + 7) // 8, "big")
        return base64.urlsafe_b64encode(digits).rstrip(b"=").decode()

    return {"kty": "RSA", "kid": key_id} | {member: encoded(number) for member, number in members.items()}


def jwks():
    one, other = jwk("merchant", "current"), jwk("merchant-next", "next")
    public = {member: one[member] for member in ["kty", "kid", "n", "e"]}
    short = {member: one[member] for member in ["kty", "kid", "n", "e", "d"]}
    for path, content in [
        ("loads/merchant.jwk", one),
        ("loads/set.jwk", {"keys": [one, other]}),
        ("refused/public.jwk", public),
        ("refused/without-primes.jwk", short),
    ]:
        write(path, json.dumps(content, indent=2).encode())


def recent():
    """What tools write today, and what Java's can."""
    merchant, leaf = pkcs8("merchant"), certificate_bag(MERCHANT, **OWNED)
    for kind in ["sha1", "sha256", "sha384", "sha512"]:
        made = pkcs12.pbmac1_keystore(PASSWORD, plain(key_bag(merchant), leaf), kind=kind)
        write(f"loads/pbmac1-{kind}.p12", made)
    # The length of the MAC's key: RFC 9579 demands one, of 20 bytes or more, and sets no highest.
    for path, how in [
        ("loads/pbmac1-length-20", {"length": 20}),
        ("loads/pbmac1-length-256", {"length": 256}),
        ("refused/pbmac1-length-19", {"length": 19}),
        ("refused/pbmac1-no-length", {"length": 0}),
        ("refused/pbmac1-length-32767", {"kind": "sha1", "rounds": 1, "stated": 2_000_000, "length": 32767}),
    ]:
        write(f"{path}.p12", pkcs12.pbmac1_keystore(PASSWORD, plain(key_bag(merchant), leaf), **how))
    for name, password in [("empty", ""), ("null", None)]:
        shrouded = shrouded_bag(merchant, password, salt=SALT)
        made = keystore(password, encrypted(password, leaf, salt=SALT), plain(shrouded))
        write(f"loads/{name}-password.p12", made)
    shrouded = shrouded_bag(merchant, "another", salt=SALT)
    made = keystore(PASSWORD, encrypted(PASSWORD, leaf, salt=SALT), plain(shrouded))
    write("loads/two-passwords.p12", made)
    gost = seq(oid("1.2.840.113549.1.5.12"), seq(octets(SALT), integer(1), seq(oid("1.2.643.7.1.1.4.1"))))
    aes = seq(oid("2.16.840.1.101.3.4.1.42"), octets(bytes(16)))
    algorithm = seq(oid("1.2.840.113549.1.5.13"), seq(gost, aes))
    write("refused/pbes2-gost-hash.pkcs8.der", seq(algorithm, octets(bytes(64))))


def by_keytool(work):
    source = HERE / "loads/openssl-default.p12"
    base = ["keytool", "-importkeystore", "-srckeystore", source, "-srcstoretype", "pkcs12"]
    passwords = ["-srcstorepass", PASSWORD, "-deststorepass", PASSWORD]
    for name, options in [("keytool", []), ("keytool-legacy", ["-J-Dkeystore.pkcs12.legacy"])]:
        made = work / f"{name}.p12"
        run(*base, *options, "-destkeystore", made, "-deststoretype", "pkcs12", *passwords)
        trusted = work / "service.pem"
        trusted.write_bytes(pem("CERTIFICATE", SERVICE))
        trust = ["keytool", "-importcert", "-noprompt", "-alias", "mle", "-file", trusted]
        run(*trust, *options, "-keystore", made, "-storepass", PASSWORD)
        write(f"loads/{name}.p12", made.read_bytes())
    java = work / "java.jks"
    run(*base, "-destkeystore", java, "-deststoretype", "jks", *passwords)
    write("refused/java.jks", java.read_bytes())


def by_hand():
    merchant, other = pkcs8("merchant"), pkcs8("merchant-next")
    leaf = certificate_bag(MERCHANT, **OWNED)
    others = [certificate_bag(AUTHORITY), certificate_bag(SERVICE)]
    shrouded = shrouded_bag(merchant, PASSWORD, salt=LONG_SALT, attributes=OWNED)

    def store(path, *bags, **how):
        write(path, keystore(PASSWORD, plain(*bags), **how))

    # What the service made until 2019, and what it makes now.
    certificates = encrypted(PASSWORD, leaf, *others, salt=SALT)
    old = [certificates, plain(key_bag(merchant, **OWNED))]
    write("loads/service-old.p12", keystore(PASSWORD, *old, kind="sha1", stated=""))
    new = [plain(others[0], leaf, others[1]), plain(shrouded)]
    write("loads/service-new.p12", keystore(PASSWORD, *new, salt=LONG_SALT))

    small = [plain(key_bag(merchant)), plain(leaf)]
    write("loads/small.p12", keystore(PASSWORD, *small, kind="sha1", stated=""))
    certificates = pkcs12.open_encrypted(PASSWORD, leaf, *others, salt=SALT)
    opened = pkcs12.open_keystore(PASSWORD, certificates, plain(shrouded))
    write("loads/open-lengths.p12", opened)
    # Two renewals and another merchant's key: the name decides, then the date.
    old_leaf = issue("keystore_mid", "merchant", "1700000000000000000041", dates=("20240101000000Z", "20250101000000Z"))
    bags = [key_bag(other), certificate_bag(old_leaf), certificate_bag(NEXT), key_bag(merchant), leaf]
    store("loads/two-keys.p12", *bags)
    by_serial = issue("keystore_mid", "merchant", None, serial=DIGITS.encode())
    store("loads/serial-in-digits.p12", key_bag(merchant), certificate_bag(by_serial))
    store("loads/salt-64-kib.p12", key_bag(merchant), leaf, salt=bytes(64 * 1024))
    store("loads/no-salt.p12", key_bag(merchant), leaf, salt=b"")
    write("loads/key-and-certificate.pem", pem("CERTIFICATE", MERCHANT) + pem("PRIVATE KEY", merchant))
    write("loads/service.cer", SERVICE)
    write("loads/service.pem", pem("CERTIFICATE", SERVICE))

    # Nothing here is a signing identity of keystore_mid's.
    store("refused/no-key.p12", leaf, *others)
    store("refused/no-leaf.p12", key_bag(merchant), *others)
    store("refused/no-certificate.p12", key_bag(merchant))
    store("refused/another-key.p12", key_bag(other), leaf)
    # Seven digits are chance.
    nameless = issue("keystore_mid", "merchant", None, serial=b"1234567")
    store("refused/no-key-id.p12", key_bag(merchant), certificate_bag(nameless))
    long = "mid_1\x1b[31m" + "x" * 80
    many = [issue(long if at == 1 else f"mid_{at}", "merchant") for at in range(6)]
    store("refused/many-names.p12", key_bag(merchant), *map(certificate_bag, many))
    for name in ["ec-p256", "ed25519", "rsa-pss", "weak-1024"]:
        store(f"refused/{name}.p12", key_bag(pkcs8(name)), leaf)

    # Work that nobody should do.
    for name, rounds in [("0", 0), ("2000001", 2_000_001), ("2-31", 2**31 - 1), ("2-64", 2**64)]:
        store(f"refused/mac-rounds-{name}.p12", key_bag(merchant), leaf, stated=rounds)
        bag = shrouded_bag(merchant, PASSWORD, salt=SALT, stated=rounds)
        store(f"refused/key-rounds-{name}.p12", bag, leaf)
        pbkdf2 = seq(oid("1.2.840.113549.1.5.12"), seq(octets(SALT), integer(rounds)))
        aes = seq(oid("2.16.840.1.101.3.4.1.42"), octets(bytes(16)))
        algorithm = seq(oid("1.2.840.113549.1.5.13"), seq(pbkdf2, aes))
        write(f"refused/pbes2-rounds-{name}.pkcs8.der", seq(algorithm, octets(bytes(64))))
    store("refused/salt-over-64-kib.p12", key_bag(merchant), leaf, salt=bytes(64 * 1024 + 1))

    # What isn't supported.
    store("refused/mac-md5.p12", key_bag(merchant), leaf, kind="md5")
    signed = seq(pkcs12.SIGNED_DATA, context_0(seq(integer(1))))
    write("refused/sealed-by-public-key.p12", seq(integer(3), signed))
    store("refused/no-x509.p12", key_bag(merchant), certificate_bag(tlv(0x30, integer(1))))


def broken_keys():
    """RSA keys in PKCS#1 that nobody should use."""
    good = key("merchant").private_numbers()
    p, q, n = good.p, good.q, good.public_numbers.n
    large = 2**64 + 13
    lambda_n = math.lcm(p - 1, q - 1)

    def rsa(path, *, n=n, e=65537, d=good.d, p=p, q=q):
        numbers = [0, n, e, d, p, q, d % (p - 1), d % max(q - 1, 1), pow(q, -1, p)]
        write(f"refused/{path}.pkcs1.der", seq(*map(integer, numbers)))

    rsa("exponent-1", e=1, d=1)
    rsa("exponent-2", e=2)
    rsa("exponent-over-2-64", e=large, d=pow(large, -1, lambda_n))
    rsa("product-is-not-modulus", n=n + 2)
    rsa("another-private-exponent", d=good.d + 2)
    rsa("prime-2", n=n * 2, p=n, q=2)
    for bits in [512, 1025]:
        made = run("openssl", "genpkey", "-algorithm", "RSA", "-pkeyopt", f"rsa_keygen_bits:{bits}", "-outform", "DER")
        write(f"refused/rsa-{bits}.pkcs8.der", made)
    # Odd, and no more than that: the length is what is looked at.
    huge = 2**16383 + 1
    rsa("rsa-16384", n=huge, d=good.d)
    # As Infineon's RSALib chose primes of 1,024 bits (CVE-2017-15361).
    dice = random.Random("roca")
    p, q = roca_prime(dice), roca_prime(dice)
    rsa("roca", n=p * q, d=pow(65537, -1, math.lcm(p - 1, q - 1)), p=p, q=q)


def roca_prime(dice):
    """k * M + (65537^a mod M), where M is the product of the first 126 primes."""
    smallest = lambda n: next(d for d in range(2, n + 1) if n % d == 0)
    primes = [n for n in range(2, 702) if smallest(n) == n]
    assert len(primes) == 126
    m = math.prod(primes)
    while True:
        k = dice.randrange(2**1023 // m + 2**1022 // m, 2**1024 // m)
        p = k * m + pow(65537, dice.randrange(m), m)
        if all(pow(base, p - 1, p) == 1 for base in [2, 3, 5, 7]):
            return p


def signature():
    command = ["openssl", "dgst", "-sha256", "-sign", KEYS / "merchant.pkcs8.pem"]
    write("rs256.sig", run(*command, input=b"eyJhbGciOiJSUzI1NiJ9.e30"))


def main():
    for folder in ["loads", "refused"]:
        (HERE / folder).mkdir(exist_ok=True)
    by_hand()
    recent()
    client_with_two_passwords()
    jwks()
    broken_keys()
    signature()
    with tempfile.TemporaryDirectory() as work:
        by_openssl(pathlib.Path(work))
        openssl_keys()
        by_keytool(pathlib.Path(work))


if __name__ == "__main__":
    main()
