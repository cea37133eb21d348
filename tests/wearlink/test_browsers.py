"""Programs are spared what only browsers need; browsers are not."""

import pytest
from django.conf import settings
from django.test import Client, RequestFactory

from wearlink.lib.api.browsers import is_program

KEY = {"X-WearLink-API-Key": "sk-any"}


@pytest.mark.parametrize(
    ("path", "headers", "cookie", "expected"),
    [
        ("/api/v1/users", KEY, "", True),
        ("/api/v1/users", {"Authorization": "Bearer any"}, "", True),
        ("/api/v1/users", KEY, "sessionid=any", False),
        ("/api/v1/auth/login", {}, "", False),
        ("/connect/any", KEY, "", False),
    ],
)
def test_who_is_a_program(path: str, headers: dict[str, str], cookie: str, expected: bool) -> None:
    more = {"HTTP_COOKIE": cookie} if cookie else {}
    assert is_program(RequestFactory().get(path, headers=headers, **more)) is expected


@pytest.mark.django_db
def test_answers_to_programs_keep_every_protecting_header() -> None:
    answer = Client().get("/api/v1/users", headers=KEY)
    assert answer.status_code == 401
    assert answer["X-Frame-Options"] == settings.X_FRAME_OPTIONS
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["Content-Type"] == "application/json"
    assert answer["Content-Length"] == str(len(answer.content))
    assert "X-RateLimit-Reset" in answer
