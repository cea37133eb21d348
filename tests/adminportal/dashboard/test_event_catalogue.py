"""Event types with their schema, and listeners that are opened, tested, looked at and closed in the portal."""

import json
import re
from html import unescape
from typing import Any

import pytest
from django.test import Client

from accounts.models import AuditEntry, Developer
from accounts.webhooks.models import Endpoint
from tests import factories

pytestmark = pytest.mark.django_db
TYPES = "/dashboard/webhooks/event-types"
PAGE = "/dashboard/webhooks/listeners"


def test_an_event_type_shows_the_schema_and_the_example_of_the_api(
    browser_of_alice: Client, alice: Developer, text: Any
) -> None:
    assert f'href="{TYPES}/workout.created"' in text(browser_of_alice.get(f"{TYPES}?q=workout"))
    assert "No event has" in text(browser_of_alice.get(f"{TYPES}?q=quidditch"))
    shown = text(browser_of_alice.get(f"{TYPES}/workout.created"))
    event_type = factories.key_client(alice).get("/api/v1/webhooks/event-types/workout.created").json()
    found = dict(re.findall(r'<code id="(example|schema)-text">(.*?)</code>', shown, re.DOTALL))
    assert {name: json.loads(unescape(one)) for name, one in found.items()} == {
        "example": event_type["example"],
        "schema": event_type["schema"],
    }
    assert browser_of_alice.get(f"{TYPES}/no.such").status_code == 404


def test_a_listener_is_opened_with_a_secret_tested_looked_at_and_closed(browser_of_alice: Client, text: Any) -> None:
    assert "No listener is open" in text(browser_of_alice.get(PAGE))
    opened = text(
        browser_of_alice.post(PAGE, {"description": "Alice's desk", "filter_types": "workout.*"}, follow=True)
    )
    row = Endpoint.objects.get(listener=True)
    assert "whsec_" in opened
    assert "Audit entry #" in opened
    assert "whsec_" not in text(browser_of_alice.get(PAGE))
    sent = browser_of_alice.post(f"{PAGE}/{row.id}/test", {"event_type": "workout.created"}, follow=True)
    assert "waits for" in text(sent)
    looked = text(browser_of_alice.post(f"{PAGE}/{row.id}/look"))
    assert "webhook-signature" in looked
    assert "workout.created" in looked
    assert "Nothing waits" in text(browser_of_alice.post(f"{PAGE}/{row.id}/look"))
    wrong = browser_of_alice.post(f"{PAGE}/{row.id}/test", {"event_type": "no.such"}, follow=True)
    assert "dash-flash-bad" in text(wrong)
    assert "is closed" in text(browser_of_alice.post(f"{PAGE}/{row.id}/close", follow=True))
    assert AuditEntry.objects.filter(action="webhook_listener.closed").exists()


def test_what_is_wrong_with_a_listener_stands_at_its_field(browser_of_alice: Client, text: Any) -> None:
    for name, value in (("filter_types", "no.such"), ("user_id", "me")):
        refused = browser_of_alice.post(PAGE, {name: value})
        assert refused.status_code == 400
        assert f'id="error-{name}"' in text(refused)
        assert f'value="{value}"' in text(refused)
    assert not Endpoint.objects.filter(listener=True).exists()
