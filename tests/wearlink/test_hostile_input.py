"""Every route, in every guise, with what strangers and fuzzers send: never a fault of ours.

The routes come from the URL resolver. What is sent is drawn anew in each run (pytest-randomly sets the seed, which it
prints), and stops when the time is up; the order is shuffled, so that over some runs everything has its turn.
"""

import json
import random
import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from accounts import authentication
from accounts.models import Developer, EndUser
from tests import factories
from tests.test_tenancy import ids_of

pytestmark = pytest.mark.django_db
SECONDS = 12.0
METHODS = ("get", "post", "put", "patch", "delete")
PLACE = re.compile(r"<(?:\w+:)?(\w+)>")
EXPECTED_5XX = {501, 503}  # not configured here, and a part that does not answer
DEEP = 600
LONG = "x" * 5000
TEXTS = (
    "",
    "a\0b",
    "\ufeff",
    "\ud7ff\u202e",
    "🦴" * 50,
    LONG,
    "-1",
    "1e309",
    "9" * 400,
    "NaN",
    "..%2f..%2f",
    "' OR 1=1 --",
    "\r\nA: b",
)
PATHS = ("%00", "a%00b", "%ff%fe", "..", "%2e%2e%2f", "%0d%0aX: y", "9" * 300, "sk-", "é", "%", "null", "-1", "0" * 40)
VALUES: tuple[Any, ...] = (
    None,
    True,
    -1,
    0,
    2**63,
    2**64,
    1e308,
    "",
    "a\0b",
    LONG,
    [],
    {},
    [[]],
    {"": ""},
    ["a"] * 2000,
    "🦴",
)
HEADERS = (
    "Authorization",
    "X-WearLink-API-Key",
    "Idempotency-Key",
    "If-None-Match",
    "Accept",
    "X-Request-ID",
    "Content-Encoding",
    "X-Forwarded-For",
    "Cookie",
    "Range",
    "X-Strava-Signature",
    "X-Oura-Signature",
    "X-Oura-Timestamp",
)
KINDS = (
    "application/json",
    "application/json; charset=utf-16",
    "text/plain",
    "multipart/form-data; boundary=x",
    "application/x-www-form-urlencoded",
    "application/octet-stream",
    "",
    "a/b; c",
)


def every_route(patterns: list[URLPattern | URLResolver], before: str = "/") -> Iterator[str]:
    """Yield the path, with its places, of every view below /api/, /v1/ and /connect/."""
    for pattern in patterns:
        path = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from every_route(pattern.url_patterns, path)
        elif path.startswith(("/api/", "/v1/", "/connect/")):
            yield path


ROUTES = sorted(set(every_route(get_resolver().url_patterns)))


def raw_bodies(draw: random.Random) -> bytes:
    """Return bytes that are no request anybody means."""
    return draw.choice(
        (
            b"",
            b"\0",
            b"null",
            b"[]",
            b'"',
            b"{",
            b"\xff\xfe{}",
            b"{}" * 9,
            b"1" * 5000,
            b'{"a":1e999}',
            b"[" * DEEP + b"]" * DEEP,
            b'{"a":' * DEEP + b"1" + b"}" * DEEP,
            b'{"data":' + b"[" * DEEP + b"]" * DEEP + b"}",
            b'--x\r\nContent-Disposition: form-data; name="file"; filename="a\0b"\r\n\r\nPK\x03\x04\r\n--x--\r\n',
            b"a=%00&b=%ff",
            bytes(draw.randrange(256) for _ in range(300)),
            b"\x1f\x8b\x08" + b"\0" * 40,
        )
    )


NAMES = [
    "email",
    "name",
    "data",
    "provider",
    "url",
    "filter_types",
    "since",
    "token",
    "password",
    "file",
    "settings",
    "items",
    "user_id",
    "source_priority",
    "role",
    "redirect_uri",
    "sdkVersion",
    "syncTimestamp",
    "plan",
    "start_date",
    "meal_type",
    "time_zone",
    "records",
    "external_id",
    "object_type",
    "owner_id",
    "event_type",
    "username",
    "limit",
    "cursor",
    "page",
    "types",
]


def json_body(draw: random.Random) -> Any:
    """Fields the API knows, with values it does not."""
    found = {name: draw.choice(VALUES) for name in draw.sample(NAMES, draw.randrange(1, 6))}
    return [found] if draw.random() < 0.1 else found


def query(draw: random.Random) -> str:
    """Return a query string as it stands in the request line."""
    parts = []
    for name in draw.sample(NAMES, draw.randrange(0, 4)):
        parts.append(f"{name}={draw.choice((*PATHS, 'a', '2026-01-01', '99999999999999999999', '%5B%5D', 'x' * 2000))}")
    return "&".join(parts)


def guises(alice: Developer, jane: EndUser) -> list[dict[str, str]]:
    """Return the headers of nobody, a server, a developer, and a phone."""
    return [
        {},
        {"X-WearLink-API-Key": factories.api_key(alice.organization)},
        {"Authorization": f"Bearer {authentication.dashboard_token(alice)}"},
        {"Authorization": f"Bearer {authentication.sdk_token(jane)}"},
    ]


def send(draw: random.Random, route: str, ids: dict[str, str], who: dict[str, str]) -> tuple[str, Any]:
    """Return one request, and what it was."""
    hostile_path = draw.random() < 0.3

    def place(found: re.Match[str]) -> str:
        return draw.choice(PATHS) if hostile_path else ids.get(found[1], draw.choice(PATHS))

    path = PLACE.sub(place, route).replace("\\", "").rstrip("$")
    method, text = draw.choice(METHODS), query(draw)
    headers = dict(who)
    if draw.random() < 0.4:
        text_of = draw.choice((*TEXTS, "gzip", "Bearer a.b.c", "key-1", "é"))
        headers[draw.choice(HEADERS)] = text_of.encode("utf-8", "replace").decode(
            "latin-1"
        )  # as a server hands it over
    client = Client(raise_request_exception=False)
    if draw.random() < 0.6:
        kind = "application/json"
        answer = client.generic(
            method.upper(), path, json.dumps(json_body(draw)), kind, headers=headers, QUERY_STRING=text
        )
    else:
        kind = draw.choice(KINDS)
        answer = client.generic(method.upper(), path, raw_bodies(draw), kind, headers=headers, QUERY_STRING=text)
    return f"{method} {path}?{text} {kind} {headers}", answer


def test_no_input_makes_a_fault_of_ours(settings: Any) -> None:
    names = ("CLIENT_ID", "CLIENT_SECRET", "WEBHOOK_TOKEN")
    settings.PROVIDERS = {f"{slug}_{name}": "our-word-and-secret" for slug in ("STRAVA", "OURA") for name in names}
    draw, alice = random.Random(random.randrange(2**32)), factories.alice()
    ids = ids_of(alice)
    jane = EndUser.objects.get(id=ids["user_id"])
    ways = guises(alice, jane)
    faults, sent, end = [], 0, time.monotonic() + SECONDS
    while time.monotonic() < end:
        route, who = draw.choice(ROUTES), draw.choice(ways)
        with transaction.atomic():
            asked, answer = send(draw, route, ids, who)
            transaction.set_rollback(True)
        sent += 1
        if answer.status_code >= 500 and answer.status_code not in EXPECTED_5XX:
            faults.append((route, asked[:400], repr(answer.content[:200])))
    assert sent > len(ROUTES) / 4, "too slow to say anything"
    assert faults == []
