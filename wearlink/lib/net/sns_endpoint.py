"""Calls to SNS itself: for the certificates that it signs with, and to confirm a subscription.

Certificates are kept by address as long as they are valid. Who invents addresses makes us fetch a few a minute, not
more, and takes nothing from those that are kept.
"""

import threading
import time
from collections import deque
from http import HTTPStatus
from typing import Final
from urllib.parse import urlencode

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from django.conf import settings

from wearlink.lib import clock
from wearlink.lib.errors import Unavailable
from wearlink.lib.net import pinned_http, sns
from wearlink.lib.net.egress import EgressError, ServerAnswer
from wearlink.lib.net.sns import SnsMessage, Unproven

DEADLINE: Final = 5.0  # seconds; SNS waits 15 for our answer
FETCHES: Final = 6  # of certificates, a minute and process
KEPT: Final = 16
MIN_KEY_BITS: Final = 2048
_certificates: dict[str, x509.Certificate] = {}
_fetched: deque[float] = deque(maxlen=FETCHES)
_lock = threading.Lock()


def key_of(url: str) -> RSAPublicKey:
    """Return the key in the certificate at an address that `check_certificate_url` found good.

    Raises Unproven for a certificate that is none, or not valid now; Unavailable if it cannot be had.
    """
    certificate = _certificates.get(url) or _fetch(url)
    if not certificate.not_valid_before_utc <= clock.now() <= certificate.not_valid_after_utc:
        _certificates.pop(url, None)
        raise Unproven("The certificate is not valid at this time.", code="certificate")
    key = certificate.public_key()
    if not isinstance(key, RSAPublicKey) or key.key_size < MIN_KEY_BITS:
        raise Unproven("The certificate has no RSA key of a fair length.", code="certificate")
    return key


def confirm(message: SnsMessage) -> None:
    """Confirm the subscription to a topic of ours. The address is made here, not taken from the message.

    Raises Unavailable if SNS does not take it; it asks again.
    """
    base = settings.SNS_ENDPOINT_URL or sns.endpoint_of(message.topic)
    query = {"Action": "ConfirmSubscription", "TopicArn": message.topic, "Token": message.token}
    answer = _get(f"{base}/?{urlencode(query)}")
    if answer.status != HTTPStatus.OK:
        raise Unavailable(f"SNS answered {answer.status} to the confirmation.")


def forget() -> None:
    """Forget everything, as at the start of a process."""
    with _lock:
        _certificates.clear()
        _fetched.clear()


def _fetch(url: str) -> x509.Certificate:
    with _lock:
        now = time.monotonic()
        if len(_fetched) == FETCHES and now - _fetched[0] < 60:
            raise Unavailable("Too many certificates were asked for in the last minute.")
        _fetched.append(now)
    answer = _get(url)
    if answer.status != HTTPStatus.OK:
        raise Unavailable("The certificate could not be had.")
    try:
        certificate = x509.load_pem_x509_certificate(answer.body)
    except ValueError as error:
        raise Unproven("The certificate cannot be read.", code="certificate") from error
    with _lock:
        if len(_certificates) >= KEPT:
            _certificates.pop(next(iter(_certificates)))
        _certificates[url] = certificate
    return certificate


def _get(url: str) -> ServerAnswer:
    try:
        return pinned_http.request("GET", url, headers={}, deadline=DEADLINE)
    except EgressError as error:
        raise Unavailable(f"SNS could not be reached ({error.code}).") from error
