"""Fixtures of vendor clouds: Acme as a provider in a temporary package, its server on loopback, a connected Jane."""

import hashlib
import hmac
import json
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.test import Client

from accounts.models import EndUser
from providers import adapters, coverage, registry
from providers.connections import browser, oauth
from providers.models import Connection
from providers.payloads import process
from providers.pull import pull
from providers.vendor_api import credentials
from tests import factories
from tests.providers import vendor as vendors
from tests.providers.vendor import Vendor

SECRET = "acme-client-secret"
HERE = Path(__file__).parent


def forget_providers() -> None:
    """Forget all providers, as at the start of a process."""
    credentials.forget_apps()
    for remembered in (registry.providers, registry.sdk_slugs, coverage.coverage_table):
        remembered.cache_clear()
    for name in [name for name in sys.modules if name.startswith("providers.adapters.acme")]:
        del sys.modules[name]


@pytest.fixture
def acme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A provider that nothing but its folder knows of."""
    shutil.copytree(HERE / "acme", tmp_path / "adapters" / "acme")
    monkeypatch.setattr(adapters, "__path__", [*adapters.__path__, str(tmp_path / "adapters")])
    forget_providers()
    yield
    monkeypatch.undo()
    forget_providers()


@pytest.fixture
def vendor(acme: None, settings: Any) -> Iterator[Vendor]:
    """Acme's server, and the platform's app there."""
    with vendors.running() as running:
        settings.PROVIDERS = {
            "ACME_CLIENT_ID": "acme-client",
            "ACME_CLIENT_SECRET": SECRET,
            "ACME_WEBHOOK_TOKEN": "our-word",
            "PROVIDER_ACME_API_URL": running.url,
            "PROVIDER_ACME_AUTHORIZE_URL": f"{running.url}/oauth/authorize",
            "PROVIDER_ACME_TOKEN_URL": f"{running.url}/oauth/token",
            "PROVIDER_ACME_REVOKE_URL": f"{running.url}/oauth/revoke",
        }
        yield running


def authorize(user: EndUser, **query: str) -> dict[str, str]:
    """Begin: the query of the vendor's URL."""
    client = factories.key_client(user.organization)
    answer = client.get("/api/v1/providers/acme/authorize", {"user_id": str(user.id), **query})
    assert answer.status_code == 200, answer.json()
    away = Client().get(urlsplit(answer.json()["authorization_url"]).path)
    assert away.status_code == 302, away.content
    asked = parse_qs(urlsplit(away["Location"]).query)
    return {name: values[0] for name, values in asked.items()}


def browser_with(state: str) -> Client:
    """Return the browser that set out with a state."""
    client = Client()
    client.cookies[browser.cookie_name(state)] = oauth.hash_state(state).hex()
    return client


def agree(path: str, query: dict[str, str]) -> Any:
    """The browser comes back, and the end user agrees on the page that asks."""
    client = browser_with(query["state"])
    page = client.get(path, query)
    if page.status_code != 200:
        return page
    assert b"Give your" in page.content
    return client.post(f"{path}?{urlencode(query)}", {"decision": "give"})


def return_from_vendor(vendor: Vendor, asked: dict[str, str], account: str = "user-1", **more: str) -> Any:
    """Return what the browser gets when it returns with a code."""
    query = {"state": asked["state"], "code": vendor.code(account), **more}
    return agree("/v1/providers/acme/callback", query)


def connect(vendor: Vendor, user: EndUser, account: str = "user-1") -> Connection:
    answer = return_from_vendor(vendor, authorize(user), account)
    assert answer.status_code == 200, answer.content
    return Connection.objects.get(user_key=user.key, provider="acme")


def work(connection: Connection) -> None:
    """Do the work that the workers would have done by now, in as many turns as a slow machine needs."""
    while pull.work(connection.pk):
        pass
    process.drain(connection.user_key)


def push(event: dict[str, Any] | bytes, *, secret: str = SECRET, at: float | None = None, path: str = "") -> Any:
    body = event if isinstance(event, bytes) else json.dumps(event).encode()
    timestamp = str(int(time.time() if at is None else at))
    mac = hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()
    headers = {"X-Acme-Signature": mac, "X-Acme-Timestamp": timestamp}
    return Client().post(
        path or "/v1/webhooks/acme", body, content_type="application/json", headers=headers
    )  # fmt: skip
