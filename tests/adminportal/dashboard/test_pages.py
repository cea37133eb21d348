"""Each page of webhooks and settings: whole for owners and members, empty and filled, and for nobody else's rows."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import Developer
from tests import factories
from tests.adminportal.dashboard.conftest import signed_in

pytestmark = pytest.mark.django_db
PAGES = {
    "webhooks": "No endpoint yet",
    "webhooks/new": "Search events",
    "webhooks/messages": "No message yet",
    "credentials": "API keys",
    "providers": "Oura",
    "providers/oura": "How to set it up",
    "team": "alice@example.com",
    "organization": "Alpha",
    "billing": "What your plan allows",
    "audit": "Audit log",
}


@pytest.mark.parametrize(("path", "words"), PAGES.items())
def test_a_page_tells_an_owner_what_stands_there_or_what_to_do(
    browser_of_alice: Client, text: Any, path: str, words: str
) -> None:
    answer = browser_of_alice.get(f"/dashboard/{path}")
    assert answer.status_code == 200
    assert words in text(answer)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_open_to_members_too(alice: Developer, path: str) -> None:
    assert signed_in(factories.bob(alice)).get(f"/dashboard/{path}").status_code == 200


@pytest.mark.parametrize("path", PAGES)
def test_a_page_leads_strangers_to_the_door(db: None, path: str) -> None:
    answer = Client(headers={"Accept": "text/html"}).get(f"/dashboard/{path}")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/dashboard/login")
