"""Passwords that are known from leaks are refused without asking anybody."""

import secrets

import pytest
from django.test import Client

from wearlink.lib.security.known_passwords import LIST, is_known

KNOWN = [
    "1qaz2wsx3edc",
    "QWERTYqwerty",
    "sonyericsson",
    "Password2026!!",
    "iloveyou1234",
    "!!!football99",
    "monkeymonkey",
]
GOOD = ["correct horse battery staple", "tern-oblique-harbour-9", "Grün ist der Mai 7", "x8!vR2#kLm0qZ"]


@pytest.mark.parametrize("password", KNOWN)
def test_what_leaked_and_what_people_make_of_it_is_known(password: str) -> None:
    assert is_known(password)


@pytest.mark.parametrize("password", GOOD)
def test_what_nobody_else_has_is_taken(password: str) -> None:
    assert not is_known(password)


def test_hardly_any_good_password_is_taken_for_a_known_one() -> None:
    assert sum(is_known(secrets.token_urlsafe(12)) for _ in range(5_000)) <= 3
    assert LIST.stat().st_size < 400_000


@pytest.mark.django_db
def test_registering_with_one_is_refused_in_words() -> None:
    body = {"email": "dora@example.com", "password": "iloveyou1234"}
    answer = Client().post("/api/v1/auth/register", body, content_type="application/json")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "password"
    assert "known from leaks" in answer.json()["detail"]
