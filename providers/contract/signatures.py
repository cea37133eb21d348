"""Proofs that a call is the vendor's own. All compare in constant time, over the raw bytes."""

import base64
import hmac
from collections.abc import Iterable
from mmap import mmap
from typing import Literal, Protocol

import msgspec

from providers.contract.clients import Credentials
from providers.contract.errors import BadWebhookSignature
from providers.contract.push import Body, InboundRequest

MILLISECONDS_SINCE = 100_000_000_000  # a larger number of seconds would be beyond the year 5000


class Signature(Protocol):
    def check(self, inbound: InboundRequest, credentials: Credentials) -> bool:
        """True: proven. False: this call needs no proof and has none. Raises BadWebhookSignature."""


class HmacSignature(msgspec.Struct, frozen=True):
    """An HMAC of the body in a header.

    message: what is signed, of {timestamp} and {body}. key: which of the credentials; key_suffix is put behind it.
    window: seconds a timestamp may differ from our clock; timestamps in seconds and in milliseconds are both
    understood.
    """

    header: str
    digest: Literal["sha1", "sha256", "sha512"] = "sha256"
    encoding: Literal["hex", "base64"] = "hex"
    timestamp_header: str = ""
    message: str = "{body}"
    key: Literal["client_secret", "signing_secret"] = "client_secret"
    key_suffix: str = ""
    window: int = 300

    def check(self, inbound: InboundRequest, credentials: Credentials) -> bool:
        """Raise BadWebhookSignature where it is missing, wrong or too old."""
        timestamp = inbound.headers.get(self.timestamp_header.lower(), "") if self.timestamp_header else ""
        if self.timestamp_header:
            check_age(timestamp, inbound.received, self.window)
        given = inbound.headers.get(self.header.lower(), "")
        before, _, after = self.message.partition("{body}")
        signed = (_filled(before, timestamp), inbound.body, _filled(after, timestamp))
        secret = getattr(credentials, self.key)
        if not secret or not same_mac(given, secret + self.key_suffix, signed, self.digest, self.encoding):
            raise BadWebhookSignature("The signature does not fit the body.")
        return True


class SecretHeader(msgspec.Struct, frozen=True):
    """A header that must repeat one of the credentials.

    A client id is no secret: all who opened the vendor's consent page have seen it. A header with it tells apps apart
    and keeps strays out, but proves nothing.
    """

    header: str
    key: Literal["client_id", "client_secret", "verification_token", "signing_secret"] = "verification_token"
    prefix: str = ""

    def check(self, inbound: InboundRequest, credentials: Credentials) -> bool:
        """Raise BadWebhookSignature where it is missing or different."""
        expected, given = getattr(credentials, self.key), inbound.headers.get(self.header.lower(), "")
        if not expected or not hmac.compare_digest((self.prefix + expected).encode(), given.encode()):
            raise BadWebhookSignature("The header does not carry the expected secret.")
        return self.key != "client_id"


class PathSecret(msgspec.Struct, frozen=True):
    """An address that nobody but the vendor was given: it ends with our verification token.

    For vendors that sign nothing. Credentials of the platform and of organizations have such addresses
    (VendorApp.webhook_url); a call to the address without the secret is refused.
    """

    def check(self, inbound: InboundRequest, credentials: Credentials) -> bool:
        """Raise BadWebhookSignature where the secret is missing or different."""
        expected = credentials.verification_token
        if not expected or not hmac.compare_digest(expected.encode(), inbound.path_secret.encode()):
            raise BadWebhookSignature("The address does not end with the expected secret.")
        return True


class Unsigned(msgspec.Struct, frozen=True):
    """A vendor that signs nothing: its notifications are never trusted, only looked into."""

    def check(self, inbound: InboundRequest, credentials: Credentials) -> bool:
        """Return False: there is no signature."""
        return False


def check_age(timestamp: str, received: int, window: int) -> None:
    """Raise BadWebhookSignature unless the timestamp (epoch seconds or milliseconds) is within `window` seconds."""
    try:
        number = float(timestamp)
    except ValueError as error:
        raise BadWebhookSignature("The timestamp is missing or no number.") from error
    seconds = number / 1000 if number > MILLISECONDS_SINCE else number
    if not abs(received / 1000 - seconds) <= window:
        raise BadWebhookSignature("The timestamp is too far from now.")


def same_mac(given: str, key: str, message: Body | Iterable[Body], digest: str, encoding: str) -> bool:
    """Return whether `given` is the HMAC of a message, in constant time; hex in either letter case. The pieces of a
    message are not joined, since bodies may be large.
    """
    summing = hmac.new(key.encode(), digestmod=digest)
    for piece in (message,) if isinstance(message, bytes | mmap) else message:
        summing.update(piece)
    mac = summing.digest()
    if encoding == "hex":
        return hmac.compare_digest(mac.hex().encode(), given.strip().lower().encode())
    return hmac.compare_digest(base64.b64encode(mac), given.strip().encode())


def _filled(template: str, timestamp: str) -> bytes:
    return template.replace("{timestamp}", timestamp).encode()
