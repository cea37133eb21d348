"""Tokens: one purpose each, pinned algorithm, keys that can be changed."""

import time
from typing import Any

import jwt
import pytest
from pytest_django import Settings
from rest_framework.test import APIClient

from accounts import authentication
from accounts.models import Developer
from tests import factories
from wearlink.lib.security import tokens
from wearlink.lib.security.tokens import InvalidToken, Purpose

KEYS = ["first key of at least thirty-two bytes", "second key of at least thirty-two bytes"]


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@pytest.mark.parametrize("made_for", list(Purpose))
@pytest.mark.parametrize("asked_for", list(Purpose))
def test_a_token_serves_its_own_purpose_only(made_for: Purpose, asked_for: Purpose) -> None:
    token = tokens.issue(made_for, "somebody", more=1)
    if made_for is asked_for:
        assert tokens.read(token, asked_for).subject == "somebody"
        return
    with pytest.raises(InvalidToken):
        tokens.read(token, asked_for)


def test_an_expired_token_says_so() -> None:
    assert tokens.read(tokens.issue(Purpose.SDK, "x", lifetime=-5), Purpose.SDK).subject == "x"
    with pytest.raises(InvalidToken) as caught:
        tokens.read(tokens.issue(Purpose.SDK, "x", lifetime=-11), Purpose.SDK)
    assert caught.value.code == "token_expired"


def test_keys_can_be_changed_without_ending_sessions(settings: Settings) -> None:
    settings.TOKEN_KEYS = KEYS[:1]
    old = tokens.issue(Purpose.SDK, "x")
    settings.TOKEN_KEYS = [KEYS[1], KEYS[0]]
    assert tokens.read(old, Purpose.SDK).subject == "x"
    assert jwt.get_unverified_header(tokens.issue(Purpose.SDK, "x"))["kid"] != jwt.get_unverified_header(old)["kid"]
    settings.TOKEN_KEYS = KEYS[1:]
    with pytest.raises(InvalidToken):
        tokens.read(old, Purpose.SDK)


@pytest.mark.parametrize("missing", ["exp", "iat", "iss", "aud", "sub", "jti"])
def test_every_claim_is_required(settings: Settings, missing: str) -> None:
    settings.TOKEN_KEYS = KEYS[:1]
    token = tokens.issue(Purpose.SDK, "x")
    header = jwt.get_unverified_header(token)
    payload = jwt.decode(token, options={"verify_signature": False})
    del payload[missing]
    key = tokens._ring(tuple(KEYS[:1]), Purpose.SDK)[header["kid"]]
    with pytest.raises(InvalidToken):
        tokens.read(jwt.encode(payload, key, algorithm="HS256", headers=header), Purpose.SDK)


@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
@pytest.mark.parametrize("algorithm", ["none", "HS512"])
def test_other_algorithms_are_refused(settings: Settings, algorithm: str) -> None:
    settings.TOKEN_KEYS = KEYS[:1]
    kid = jwt.get_unverified_header(tokens.issue(Purpose.SDK, "x"))["kid"]
    key: Any = tokens._ring(tuple(KEYS[:1]), Purpose.SDK)[kid] if algorithm != "none" else None
    now = int(time.time())
    payload = {"iss": "wearlink", "aud": "wearlink:sdk", "sub": "x", "iat": now, "exp": now + 60, "jti": "1"}
    with pytest.raises(InvalidToken):
        tokens.read(jwt.encode(payload, key, algorithm=algorithm, headers={"kid": kid}), Purpose.SDK)


@pytest.mark.django_db
@pytest.mark.parametrize("token", ["", "x", "a.b.c", "eyJhbGciOiJub25lIn0.e30.", "ü", "x" * 5000])
def test_garbage_is_401(token: str) -> None:
    answer = APIClient().get("/api/v1/users", HTTP_AUTHORIZATION=f"Bearer {token}")
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith("Bearer")
    assert answer.json()["detail"]


@pytest.mark.django_db
def test_each_kind_of_caller_enters_only_where_it_may() -> None:
    alice = factories.alice()
    row = factories.end_user(alice.organization)
    dashboard, sdk = authentication.dashboard_token(alice), authentication.sdk_token(row)
    client = APIClient()
    assert client.get(f"/api/v1/users/{row.id}", headers=bearer(dashboard)).status_code == 200
    assert client.get("/api/v1/auth/me", headers=bearer(dashboard)).status_code == 200
    for path in (f"/api/v1/users/{row.id}", "/api/v1/users", "/api/v1/auth/me", "/api/v1/organization"):
        assert client.get(path, headers=bearer(sdk)).status_code == 401
    connect = tokens.issue(Purpose.CONNECT, str(row.id), org=str(alice.organization_id))
    assert client.get(f"/api/v1/users/{row.id}", headers=bearer(connect)).status_code == 401
    assert client.get("/api/v1/users").status_code == 401


@pytest.mark.django_db
def test_a_lock_ends_sessions_at_once() -> None:
    alice = factories.alice()
    client = factories.dashboard_client(alice)
    assert client.get("/api/v1/auth/me").status_code == 200
    Developer.objects.filter(pk=alice.pk).update(token_version=alice.token_version + 1)
    assert client.get("/api/v1/auth/me").status_code == 401
