"""The simulated vendors over real HTTP: fixtures, and the steps of a connection's story."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from django.test import Client

from accounts.models import EndUser
from providers.models import Connection, SyncRun
from providers.payloads import process
from providers.pull import notifications, pull
from providers.simulator import server
from providers.simulator.world import SimulatedWorld, settings_at
from providers.vendor_api import credentials
from providers.webhooks import subscriptions
from tests import factories
from tests.providers.connecting import agree


@pytest.fixture
def world(moment: datetime, settings: Any) -> Iterator[SimulatedWorld]:
    """The vendors on loopback, and the platform's apps there, at the test's moment."""
    with server.running() as found:
        settings.PROVIDERS = settings_at(found.url)
        yield found


def account_of(world: SimulatedWorld, slug: str) -> str:
    """Return the account of the person who connects: the vendor's first."""
    return next(iter(world.vendors[slug].people))


def order(world: SimulatedWorld, name: str, **values: Any) -> dict[str, Any]:
    answer = requests.post(f"{world.url}/_simulator/{name}", json=values, timeout=10)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def counts(world: SimulatedWorld, slug: str) -> dict[str, int]:
    """Return what the vendor was asked."""
    found: dict[str, int] = requests.get(f"{world.url}/_simulator/counters", timeout=10).json()[slug]
    return found


def consent(url: str, account: str, *, decision: str = "allow", scope: str = "") -> str:
    """Return what a browser does with the vendor's page; answers with the address it is sent back to."""
    page = requests.get(url, timeout=10)
    assert page.status_code == 200
    assert f'value="{account}"' in page.text
    action = re.search(r'action="([^"]*)"', page.text)
    assert action is not None
    target = url.partition("?")[0] + action[1].replace("&amp;", "&")
    form = {"account": account, "decision": decision, **({"scope": scope} if scope else {})}
    answer = requests.post(target, data=form, allow_redirects=False, timeout=10)
    assert answer.status_code == 302, answer.text
    return answer.headers["Location"]


def connect(world: SimulatedWorld, user: EndUser, slug: str, **options: str) -> Connection:
    """Go the whole way: authorize, the vendor's page, the callback."""
    asked = factories.key_client(user.organization).get(
        f"/api/v1/providers/{slug}/authorize", {"user_id": str(user.id)}
    )
    assert asked.status_code == 200, asked.json()
    away = Client().get(urlsplit(asked.json()["authorization_url"]).path)["Location"]
    back = urlsplit(consent(away, account_of(world, slug), **options))
    answer = agree(back.path, dict(parse_qsl(back.query)))
    assert answer.status_code == 200, answer.content
    return Connection.objects.get(user_key=user.key, provider=slug)


def run_of(connection: Connection) -> SyncRun:
    found = SyncRun.objects.filter(connection_key=connection.pk).order_by("-pk").first()
    assert found is not None
    return found


def change(world: SimulatedWorld, slug: str, kind: str) -> dict[str, str]:
    """Return an order of /_simulator about the newest document of a kind."""
    account = account_of(world, slug)
    return {"vendor": slug, "account": account, "kind": kind, "object_id": newest(world, slug, kind)}


def newest(world: SimulatedWorld, slug: str, kind: str) -> str:
    """Return the id of the newest document of a kind."""
    return world.vendors[slug].newest(account_of(world, slug), kind, world.now())


def work(connection: Connection) -> None:
    """Do the work that the workers would have done by now."""
    while pull.work(connection.pk):
        pass
    while process.drain(connection.user_key):  # a turn lasts some seconds only
        continue


def subscribe(slug: str) -> int:
    """Do what beat would do; return how many subscriptions were made."""
    app = credentials.platform_app(credentials.get_cloud(slug))
    assert app is not None
    return subscriptions.maintain(app)


def pushed(world: SimulatedWorld, slug: str, kind: str, *actions: str, **more: Any) -> list[int]:
    """Have the vendor push; the statuses it was answered."""
    account = account_of(world, slug)
    found = order(world, "events", vendor=slug, account=account, kind=kind, actions=list(actions), **more)
    statuses: list[int] = found["statuses"]
    return statuses


def waiting() -> int:
    """Return notifications that wait to be resolved."""
    return len(notifications.connections_waiting(100))
