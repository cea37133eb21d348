"""Proof of a sender: signed bodies, secret addresses, and the worth of a client id in a header."""

import json
from typing import Any

import pytest
from django.test import Client

from accounts.models import EndUser
from healthdata.models import DailyValue
from providers import registry
from providers.contract import CloudProvider, PathSecret, SecretHeader
from providers.models import Payload
from providers.vendor_api import credentials
from tests.providers.connecting import connect, push, work
from tests.providers.vendor import Vendor

pytestmark = pytest.mark.django_db
DATA = {"id": "d1", "day": "2026-04-23", "steps": 90}
EVENT = {"user": "user-1", "kind": "day", "action": "update", "id": "d1", "at": 1_800_000_000_000, "data": DATA}


def acme() -> CloudProvider:
    provider = registry.get("acme")
    assert isinstance(provider, CloudProvider)
    return provider


def call(path: str, **headers: str) -> int:
    body = json.dumps(EVENT)
    return Client().post(path, body, content_type="application/json", headers=headers).status_code  # type: ignore[arg-type]


def test_data_of_a_proven_sender_is_taken_as_it_is(vendor: Vendor, jane: EndUser) -> None:
    row = connect(vendor, jane)
    work(row)
    assert push(EVENT).status_code == 200
    work(row)
    assert (DailyValue.objects.get().value, vendor.calls["/v1/days/d1"]) == (90, 0)


def test_a_secret_in_the_address_proves_the_sender(
    vendor: Vendor, jane: EndUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(acme()), "signature", PathSecret())
    row = connect(vendor, jane)
    work(row)
    app = credentials.platform_app(acme())
    assert app is not None
    address = app.webhook_url.removeprefix("http://testserver").partition("/v1/")[2]
    assert address == "webhooks/acme/secret/our-word"
    assert [call(f"/v1/webhooks/acme{end}") for end in ("", "/secret/other")] == [401, 401]
    assert not Payload.objects.filter(kind="day").exists()
    assert call(f"/v1/{address}") == 200
    work(row)
    assert DailyValue.objects.get().value == 90


def test_a_client_id_proves_nothing_so_that_the_vendor_is_asked(
    vendor: Vendor, jane: EndUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(acme()), "signature", SecretHeader("X-Acme-Client", key="client_id"))
    row = connect(vendor, jane)
    work(row)
    vendor.days["user-1"] = [{**DATA, "steps": 7}]
    assert call("/v1/webhooks/acme", **{"X-Acme-Client": "somebody"}) == 401
    assert call("/v1/webhooks/acme", **{"X-Acme-Client": "acme-client"}) == 200
    work(row)
    assert DailyValue.objects.get().value == 7


def test_an_address_of_an_organizations_app_has_a_secret_of_its_own(
    vendor: Vendor, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    monkeypatch.setattr(type(acme()), "signature", PathSecret())
    one, other = (credentials.derived_token("acme", name) for name in ("a", "b"))
    assert one != other
    assert len(one) == 40
