"""Messages of Amazon SNS: what is signed, by whom, and what may be believed.

docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html has the format. The order of the checks matters:
what costs a call (the certificate) comes after all that costs nothing, the list of topics first. Anybody can have a
topic of their own whose messages are signed well.
"""

import base64
import binascii
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from wearlink.lib import clock
from wearlink.lib.api.parsing import loads
from wearlink.lib.errors import InvalidInput, Unauthorized

NOTIFICATION: Final = "Notification"
CONFIRMATION: Final = "SubscriptionConfirmation"
UNSUBSCRIBED: Final = "UnsubscribeConfirmation"
WINDOW: Final = timedelta(hours=1)  # how old a message may be; SNS itself tries for an hour
AHEAD: Final = timedelta(minutes=5)  # of our clock
TOPIC: Final = re.compile(
    r"arn:(aws|aws-cn|aws-us-gov):sns:([a-z]{2,4}(?:-[a-z]+){1,3}-\d{1,2}):\d{12}:[\w-]{1,256}(?:\.fifo)?", re.ASCII
)
#: Regions only: sns.s3-us-west-2.amazonaws.com would be a bucket called sns, which may be anybody's.
_HOST: Final = r"https://sns\.[a-z]{2,4}(?:-[a-z]+){1,3}-\d{1,2}\.amazonaws\.com(?:\.cn)?"
_PATH: Final = r"/SimpleNotificationService-[0-9a-f]{32}\.pem"
_NOTIFIED: Final = ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type")
_SUBSCRIBED: Final = ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")
_SIGNED: Final = {NOTIFICATION: _NOTIFIED, CONFIRMATION: _SUBSCRIBED, UNSUBSCRIBED: _SUBSCRIBED}
_HASHES: Final[dict[str, hashes.HashAlgorithm]] = {"1": hashes.SHA1(), "2": hashes.SHA256()}


class Unproven(Unauthorized):
    """The message is not from a topic of ours, too old, or not signed by SNS."""

    default_code = "invalid_signature"


@dataclass(frozen=True, slots=True)
class SnsMessage:
    """A message as received; nothing of it is to be believed before `check` and `verify`."""

    kind: str
    message_id: str
    topic: str
    text: str
    token: str
    sent: datetime
    version: str
    certificate_url: str
    signature: bytes
    signed: bytes


def parse(body: bytes) -> SnsMessage:
    """Read a message. Raises InvalidInput naming the field that is missing or wrong."""
    values = loads(body)
    if not isinstance(values, dict):
        raise InvalidInput("The body is no message of SNS: it is not a JSON object.")
    kind = _text(values, "Type")
    if kind not in _SIGNED:
        raise InvalidInput.on("Type", f"is none of {', '.join(_SIGNED)}.")
    return SnsMessage(
        kind=kind,
        message_id=_text(values, "MessageId"),
        topic=_text(values, "TopicArn"),
        text=_text(values, "Message"),
        token=_text(values, "Token") if kind == CONFIRMATION else "",
        sent=_moment(_text(values, "Timestamp")),
        version=_text(values, "SignatureVersion"),
        certificate_url=_text(values, "SigningCertURL"),
        signature=_unpacked(_text(values, "Signature")),
        signed=_signed(kind, values),
    )


def check(message: SnsMessage, topics: Collection[str], versions: Collection[str], now: datetime) -> None:
    """Check what can be judged without a key: the topic, the signature's version, the age. Raises Unproven."""
    if message.topic not in topics:
        raise Unproven("The topic is none of ours.", code="unknown_topic")
    if message.version not in versions:
        raise Unproven(f"Signatures of version {message.version[:8]} are not taken.", code="signature_version")
    if not now - WINDOW <= message.sent <= now + AHEAD:
        raise Unproven("The message is too old, or from the future.", code="expired")


def check_certificate_url(url: str, endpoint: str = "") -> None:
    """Check that a certificate there can only be SNS's own; `endpoint` names another server. Raises Unproven."""
    host = re.escape(endpoint) if endpoint else _HOST
    if not re.fullmatch(host + _PATH, url, re.ASCII):
        raise Unproven("The certificate is not where SNS keeps its own.", code="certificate_url")


def verify(message: SnsMessage, key: RSAPublicKey) -> None:
    """Raise Unproven unless the message was signed with this key."""
    try:
        key.verify(message.signature, message.signed, padding.PKCS1v15(), _HASHES[message.version])
    except InvalidSignature as error:
        raise Unproven("The signature is not valid.") from error


def endpoint_of(topic: str) -> str:
    """Return where a topic's own region answers."""
    found = TOPIC.fullmatch(topic)
    if found is None:
        raise Unproven("The topic is none of ours.", code="unknown_topic")
    return f"https://sns.{found[2]}.amazonaws.com{'.cn' if found[1] == 'aws-cn' else ''}"


def _signed(kind: str, values: Mapping[str, Any]) -> bytes:
    """Return the text that is signed: names and values of the fields that are there, a line each."""
    lines = [f"{name}\n{_text(values, name)}\n" for name in _SIGNED[kind] if name != "Subject" or name in values]
    return "".join(lines).encode()


def _text(values: Mapping[str, Any], name: str) -> str:
    value = values.get(name)
    if not isinstance(value, str):
        raise InvalidInput.on(name, "is missing." if value is None else "must be a text.")
    return value


def _moment(text: str) -> datetime:
    try:
        return clock.from_ms(clock.parse_rfc3339(text)[0])
    except InvalidInput as error:
        raise InvalidInput.on("Timestamp", "is no moment such as 2026-04-23T08:00:00.000Z.") from error


def _unpacked(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidInput.on("Signature", "is not base64.") from error
