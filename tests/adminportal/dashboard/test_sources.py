"""Settings of sources: of one, and of their order for an end user and for a whole organization."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import Developer, EndUser
from healthdata.models import Source
from healthdata.records import Sample
from healthdata.store import store
from tests import factories
from tests.adminportal.dashboard.conftest import signed_in
from tests.healthdata.reading import HOUR, PHONE, WATCH
from wearlink.lib import clock

pytestmark = pytest.mark.django_db
PAGE = "/dashboard/source-order"


@pytest.fixture
def devices(jane: EndUser) -> dict[str, str]:
    """A watch and a phone that count the same walk differently; their ids by name."""
    noon = clock.to_ms(clock.now().replace(hour=12, minute=0)) - 48 * HOUR
    walk = [(WATCH, 600.0), (PHONE, 500.0)]
    store(jane.key, [[Sample(source, "steps", noon, value, duration=HOUR) for source, value in walk]])
    return {one.name: str(one.uid) for one in Source.objects.filter(user_key=jane.key)}


def test_a_source_is_renamed_hidden_and_merged_and_all_of_it_is_taken_back(
    browser_of_alice: Client, jane: EndUser, devices: dict[str, str], text: Any
) -> None:
    page = f"/dashboard/end-users/{jane.id}/sources"
    one = f"{page}/{devices['iPhone']}"
    assert "Counts as" in text(browser_of_alice.get(one))
    form = {"name": "Old phone", "merged_into": devices["Apple Watch"]}
    assert "was changed" not in text(browser_of_alice.post(one, form))
    listed = text(browser_of_alice.post(one, {**form, "seen": devices["Apple Watch"]}, follow=True))
    assert "Old phone was changed." in listed
    assert "counts as Apple Watch" in listed
    row = Source.objects.get(uid=devices["iPhone"])
    assert (row.label, row.is_hidden, row.merged_into is None) == ("Old phone", False, False)
    assert "hidden" in text(browser_of_alice.post(one, {"name": "", "is_hidden": "1", "seen": "1"}, follow=True))
    browser_of_alice.post(one, {"name": "", "seen": "neither"})
    row.refresh_from_db()
    assert (row.label, row.is_hidden, row.merged_into) == ("", False, None)


def test_before_a_source_is_hidden_or_merged_the_days_that_change_are_shown(
    browser_of_alice: Client, jane: EndUser, devices: dict[str, str], text: Any
) -> None:
    one = f"/dashboard/end-users/{jane.id}/sources/{devices['Apple Watch']}"
    asked = browser_of_alice.post(one, {"name": "", "is_hidden": "1"})
    assert asked.status_code == 200
    assert "1 of 30 days would change." in text(asked)
    found = {title: (figure.now, figure.then) for title, figure in asked.context["tried"]["changes"]}
    assert found["Steps"] == (600.0, 500.0)
    row = Source.objects.get(uid=devices["Apple Watch"])
    assert not row.is_hidden
    other = browser_of_alice.post(one, {"merged_into": devices["iPhone"], "seen": "1"})
    assert "would change" in text(other)  # what was shown before was something else
    assert "was changed" in text(browser_of_alice.post(one, {"is_hidden": "1", "seen": "1"}, follow=True))
    row.refresh_from_db()
    assert row.is_hidden
    assert "was changed" in text(browser_of_alice.post(one, {"is_hidden": "1", "name": "Watch"}, follow=True))


def test_what_cannot_be_merged_is_said_at_the_field(
    browser_of_alice: Client, jane: EndUser, devices: dict[str, str], text: Any
) -> None:
    one = f"/dashboard/end-users/{jane.id}/sources/{devices['iPhone']}"
    answer = browser_of_alice.post(one, {"merged_into": devices["iPhone"]})
    assert answer.status_code == 400
    assert "A source cannot be merged into itself." in text(answer)
    assert browser_of_alice.get(f"/dashboard/end-users/{jane.id}/sources/{jane.id}").status_code == 404


def test_an_organizations_order_is_tried_on_its_end_users_before_it_is_saved(
    browser_of_alice: Client, alice: Developer, jane: EndUser, devices: dict[str, str], text: Any
) -> None:
    shown = browser_of_alice.get(f"{PAGE}?metric=steps")
    assert [one.uid for one in shown.context["order"].sources][:2] == ["watch", "fitness_band"]
    assert "WearLink’s order applies" in text(shown)
    form = {"metric": "steps", "order": ["watch", "phone"], "move": "up:phone"}
    tried = browser_of_alice.post(f"{PAGE}/try", form, headers={"HX-Request": "true"})
    assert [one.uid for one in tried.context["order"].sources] == ["phone", "watch"]
    assert "1 day would change for Jane." in text(tried)
    assert [(one.now, one.then) for _, _, one in tried.context["tried"].changes] == [(600.0, 500.0)]
    alice.organization.refresh_from_db()
    assert alice.organization.source_priority == {}
    saved = browser_of_alice.post(f"{PAGE}/save", {**form, "min_coverage": "30", "out": ["watch"]}, follow=True)
    assert "Audit entry #" in text(saved)
    alice.organization.refresh_from_db()
    expected = {"steps": {"order": ["phone", "-watch"], "min_coverage": 30}}
    assert alice.organization.source_priority == expected
    browser_of_alice.post(f"{PAGE}/save", {"metric": "steps", "reset": "1"})
    alice.organization.refresh_from_db()
    assert alice.organization.source_priority == {}


def test_names_are_added_to_an_organizations_order_and_dropped_and_it_is_tried_on_whom_one_names(
    browser_of_alice: Client, alice: Developer, jane: EndUser, text: Any
) -> None:
    form = {"metric": "*", "order": ["watch", "phone"], "move": "add:", "added": "oura", "on": "j-1"}
    tried = browser_of_alice.post(f"{PAGE}/try", form)
    assert [one.uid for one in tried.context["order"].sources] == ["watch", "phone", "oura"]
    assert tried.context["tried"].names == ["Jane"]
    dropped = browser_of_alice.post(f"{PAGE}/try", {**form, "move": "drop:phone", "on": "nobody@example.com"})
    assert [one.uid for one in dropped.context["order"].sources] == ["watch"]
    assert "Nobody has the id or e-mail" in text(dropped)
    assert "None of your newest" in text(browser_of_alice.post(f"{PAGE}/try", {**form, "on": ""}))
    refused = browser_of_alice.post(f"{PAGE}/try", {**form, "min_coverage": "always"})
    assert refused.status_code == 400
    assert "A valid integer is required." in text(refused)


def test_members_see_an_organizations_order_and_do_not_save_it(alice: Developer, text: Any) -> None:
    bob = signed_in(factories.bob(alice))
    assert "Owners and admins save it." in text(bob.get(PAGE))
    assert bob.post(f"{PAGE}/save", {"metric": "steps", "order": ["phone"]}).status_code == 403
