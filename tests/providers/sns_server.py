"""SNS on loopback: a topic with a key of its own, its certificate, and what was confirmed.

with running() as sns:
    body = sns.notification(s3_event("bucket", "imports/1"))   # signed
    sns.confirmed                                              # [{"TopicArn": …, "Token": …}]
"""

import base64
import json
import threading
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, quote_plus, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import NameOID

from wearlink.lib import clock

TOPIC = "arn:aws:sns:us-east-1:123456789012:uploads"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
SHORT_KEY = rsa.generate_private_key(public_exponent=65537, key_size=1024)
HASHES = {"1": hashes.SHA1(), "2": hashes.SHA256()}
ORDER = ("Message", "MessageId", "Subject", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")


def certificate(key: Any = KEY, *, begins: datetime | None = None, lasts: timedelta = timedelta(days=30)) -> bytes:
    """Return a self-signed one, in PEM."""
    begins = begins or clock.now() - timedelta(days=1)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(begins).not_valid_after(begins + lasts)
    return made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def path(number: int) -> str:
    """Return where certificate number … lies."""
    return f"/SimpleNotificationService-{number:032x}.pem"


@dataclass
class SnsServer:
    """A server that plays SNS, with the certificates it serves and the requests it got."""

    url: str
    certificates: dict[str, bytes] = field(default_factory=dict)
    confirmed: list[dict[str, str]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    status: int = 200

    def signed(self, kind: str, *, key: Any = KEY, version: str = "2", **values: str | None) -> dict[str, Any]:
        """Return a message; values that are None are left out."""
        message: dict[str, Any] = {
            "Type": kind,
            "MessageId": str(uuid.uuid4()),
            "TopicArn": TOPIC,
            "Timestamp": clock.rfc3339(clock.now_ms()),
            "SignatureVersion": version,
            "SigningCertURL": self.url + path(1),
            **values,
        }
        message = {name: value for name, value in message.items() if value is not None}
        message["Signature"] = signature(message, key, version)
        return message

    def notification(self, text: str, **values: Any) -> dict[str, Any]:
        return self.signed("Notification", Message=text, **values)

    def confirmation(self, kind: str = "SubscriptionConfirmation", **values: Any) -> dict[str, Any]:
        url = f"{self.url}/?Action=ConfirmSubscription"
        return self.signed(kind, **{"Message": "You have chosen …", "Token": "a&b", "SubscribeURL": url, **values})


def signature(message: Mapping[str, Any], key: Any = KEY, version: str = "2") -> str:
    lines = [f"{name}\n{message[name]}\n" for name in ORDER if name in message]
    return base64.b64encode(key.sign("".join(lines).encode(), padding.PKCS1v15(), HASHES[version])).decode()


def s3_event(bucket: str, *keys: str, name: str = "ObjectCreated:Put", **more: Any) -> str:
    """Return what S3 tells of objects; keys are given as they are and told as S3 tells them."""
    records = [
        {
            "eventVersion": "2.1",
            "eventSource": "aws:s3",
            "eventName": name,
            "s3": {"bucket": {"name": bucket}, "object": {"key": quote_plus(key, safe="/"), "size": 1}},
            **more,
        }
        for key in keys
    ]
    return json.dumps({"Records": records})


@contextmanager
def running() -> Iterator[SnsServer]:
    """Serves certificate 1 of KEY until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            sns.asked.append(self.path)
            parts = urlsplit(self.path)
            body = sns.certificates.get(parts.path, b"")
            if parts.query:
                sns.confirmed.append(dict(parse_qsl(parts.query)))
            status = sns.status if body or parts.query else 404
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments: Any) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    sns = SnsServer(f"http://127.0.0.1:{server.server_port}", {path(1): certificate()})
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield sns
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def elliptic_certificate() -> bytes:
    """Return a certificate with another kind of key."""
    return certificate(ec.generate_private_key(ec.SECP256R1()))
