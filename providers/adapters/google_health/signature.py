"""The check of Google's pushes: our own word in Authorization, and an ECDSA signature by a key that Google publishes.

The signature is base64 of 0x01, the key's number (4 bytes) and a DER signature over the body (P-256, SHA-256). Keys are
a Tink key set: JSON whose keys are protocol buffers with the coordinates in fields 3 and 4.
"""

import base64
import binascii
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Final

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from providers.contract import BadWebhookSignature, Body, Credentials, InboundRequest, SecretHeader, UnknownSigningKey

HEADER: Final = "google-health-api-signature"
TINK: Final = 1
PREFIX_BYTES: Final = 5
WORD: Final = SecretHeader(header="Authorization", prefix="Bearer ")
X_FIELD, Y_FIELD = 3, 4
VARINT, BYTES = 0, 2


class TinkKeyData(msgspec.Struct):
    value: str = ""


class TinkKey(msgspec.Struct, rename="camel"):
    key_data: TinkKeyData
    key_id: int
    status: str = "ENABLED"


class TinkKeySet(msgspec.Struct):
    key: list[TinkKey] = []


class GoogleHealthSignature(msgspec.Struct, frozen=True):
    """Both proofs. The word is always asked for; a signature that is there must fit, as long as Google's keys can be
    had.
    """

    def check(self, inbound: InboundRequest, credentials: Credentials) -> bool:
        """Raise BadWebhookSignature; UnknownSigningKey where it names a key that is not in the set."""
        WORD.check(inbound, credentials)
        given = inbound.headers.get(HEADER, "")
        if given and credentials.key_set:
            _verify(given, inbound.body, credentials.key_set)
        return True


def _verify(given: str, body: Body, key_set: str) -> None:
    try:
        raw = base64.b64decode(given, validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadWebhookSignature("The signature is not base64.") from error
    if len(raw) <= PREFIX_BYTES or raw[0] != TINK:
        raise BadWebhookSignature("The signature does not begin as it should.")
    key = public_keys(key_set).get(int.from_bytes(raw[1:PREFIX_BYTES]))
    if key is None:
        raise UnknownSigningKey("The signature's key is not known.")
    try:
        key.verify(raw[PREFIX_BYTES:], memoryview(body), ec.ECDSA(SHA256()))
    except InvalidSignature as error:
        raise BadWebhookSignature("The signature does not fit the body.") from error


@lru_cache(maxsize=8)
def public_keys(key_set: str) -> Mapping[int, ec.EllipticCurvePublicKey]:
    """Return the keys of a set that are in use, by number; what is no such key is passed over."""
    try:
        held = msgspec.json.decode(key_set, type=TinkKeySet).key
    except msgspec.DecodeError:
        return {}
    found = {}
    for one in held:
        try:
            if one.status == "ENABLED":
                found[one.key_id] = _public_key(base64.b64decode(one.key_data.value))
        except (ValueError, KeyError, IndexError):
            continue
    return found


def _public_key(encoded: bytes) -> ec.EllipticCurvePublicKey:
    """Return the key. Raises ValueError, KeyError, IndexError."""
    fields = dict(_fields(encoded))
    x, y = int.from_bytes(fields[X_FIELD]), int.from_bytes(fields[Y_FIELD])
    return ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()


def _fields(encoded: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the fields of a protocol buffer that are bytes, by number."""
    at = 0
    while at < len(encoded):
        tag, at = _varint(encoded, at)
        number, wire = tag >> 3, tag & 7
        if wire not in (VARINT, BYTES):
            raise ValueError("A field of another kind.")
        value, at = _varint(encoded, at)
        if wire == BYTES:
            yield number, encoded[at : at + value]
            at += value


def _varint(encoded: bytes, at: int) -> tuple[int, int]:
    """Return the number that begins at a place, and where it ends."""
    value = shift = 0
    while True:
        byte = encoded[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if not byte & 0x80:
            return value, at
