"""The wire format: what customers' libraries verify."""

import base64
import hashlib
import hmac
import time

import pytest
import standardwebhooks
import svix.webhooks

from accounts.webhooks import signing

BODY = b'{"type":"workout.created","timestamp":"2026-01-01T00:00:00Z","data":{"id":"1"}}'
SECRET = "whsec_d2VhcmxpbmstdGVzdC1zZWNyZXQtMDEyMzQ1Njc4OQ=="


def test_the_published_test_vector_comes_out() -> None:
    headers = signing.headers("msg_test_0001", 1_767_225_600, BODY, [SECRET])
    assert headers["webhook-signature"] == "v1,e3xTqy+iTRmSqMZhodQJHEGoxRdbx4SQp2YNtNqOk58="
    assert headers["webhook-id"] == headers["svix-id"] == "msg_test_0001"
    assert headers["webhook-timestamp"] == headers["svix-timestamp"] == "1767225600"
    assert headers["svix-signature"] == headers["webhook-signature"]


@pytest.mark.parametrize("library", [svix.webhooks.Webhook, standardwebhooks.Webhook])
@pytest.mark.parametrize("names", signing.HEADER_SETS)
def test_the_official_libraries_verify_either_set_of_headers(library: type, names: str) -> None:
    secret = signing.new_secret()
    headers = signing.headers("msg_1", int(time.time()), BODY, [secret])
    kept = {name: value for name, value in headers.items() if name.startswith(names)}
    if library is standardwebhooks.Webhook:
        kept = {name.replace("svix-", "webhook-"): value for name, value in kept.items()}
    library(secret).verify(BODY, kept)
    with pytest.raises((svix.webhooks.WebhookVerificationError, standardwebhooks.WebhookVerificationError)):
        library(secret).verify(BODY + b" ", kept)


def test_while_a_secret_is_rotated_both_verify() -> None:
    old, new = signing.new_secret(), signing.new_secret()
    headers = signing.headers("msg_1", int(time.time()), BODY, [new, old])
    assert len(headers["svix-signature"].split(" ")) == 2
    svix.webhooks.Webhook(old).verify(BODY, headers)
    svix.webhooks.Webhook(new).verify(BODY, headers)


@pytest.mark.parametrize("seconds", [-600, 600])
def test_a_receiver_whose_clock_is_ten_minutes_off_refuses(seconds: int) -> None:
    secret = signing.new_secret()
    headers = signing.headers("msg_1", int(time.time()) + seconds, BODY, [secret])
    with pytest.raises(svix.webhooks.WebhookVerificationError):
        svix.webhooks.Webhook(secret).verify(BODY, headers)
    with pytest.raises(standardwebhooks.WebhookVerificationError):
        standardwebhooks.Webhook(secret).verify(BODY, headers)


def test_a_secret_has_the_length_that_the_standard_asks_for() -> None:
    key = base64.b64decode(signing.new_secret().removeprefix("whsec_"))
    assert 24 <= len(key) <= 64


def test_the_signature_can_be_computed_by_hand() -> None:
    secret = signing.new_secret()
    headers = signing.headers("msg_1", 1_767_225_600, BODY, [secret])
    key = base64.b64decode(secret.removeprefix("whsec_"))
    expected = base64.b64encode(hmac.new(key, b"msg_1.1767225600." + BODY, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
