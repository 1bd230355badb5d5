"""Builds DER, BER and X.509 by hand: what libraries refuse to write, and the field holds."""

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding


def tlv(tag, *content):
    content = b"".join(content)
    length = len(content)
    if length < 0x80:
        return bytes([tag, length]) + content
    size = (length.bit_length() + 7) // 8
    return bytes([tag, 0x80 | size]) + length.to_bytes(size, "big") + content


def open_tlv(tag, *content):
    """The same with its length left open."""
    return bytes([tag, 0x80]) + b"".join(content) + b"\0\0"


def seq(*content):
    return tlv(0x30, *content)


def octets(content):
    return tlv(0x04, content)


def context_0(*content):
    return tlv(0xA0, *content)


def integer(number):
    return tlv(0x02, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def oid(dotted):
    first, second, *rest = map(int, dotted.split("."))
    content = bytes([first * 40 + second])
    for number in rest:
        digits = [number & 0x7F]
        while number := number >> 7:
            digits.append(number & 0x7F | 0x80)
        content += bytes(reversed(digits))
    return tlv(0x06, content)


NULL = tlv(0x05)
RSA_SHA256 = seq(oid("1.2.840.113549.1.1.11"), NULL)


def name(common_name, serial_number=None):
    parts = [("2.5.4.3", common_name)] if common_name else []
    if serial_number:
        parts.append(("2.5.4.5", serial_number))
    return seq(*(tlv(0x31, seq(oid(kind), tlv(0x0C, text.encode()))) for kind, text in parts))


def certificate(common_name, public_key, issuer_key, *, serial_number=None, serial, dates=None):
    """A certificate like the service's: no extensions, the serial number's bytes as given."""
    spki = public_key.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    begin, end = dates or ("20260101000000Z", "20560101000000Z")
    signed = seq(
        tlv(0x02, serial),
        RSA_SHA256,
        name("Test only CA"),
        seq(tlv(0x18, begin.encode()), tlv(0x18, end.encode())),
        name(common_name, serial_number),
        spki,
    )
    signature = issuer_key.sign(signed, padding.PKCS1v15(), hashes.SHA256())
    return seq(signed, RSA_SHA256, tlv(0x03, b"\0", signature))
