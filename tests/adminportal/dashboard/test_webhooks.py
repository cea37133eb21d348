"""Webhooks in the portal: what each form and button does, what is written down, and who is refused."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from accounts.models import AuditEntry, Developer
from accounts.webhooks import custom_headers
from accounts.webhooks.models import Delivery, Endpoint, Message
from adminportal.dashboard.webhooks import event_picker
from tests import factories
from tests.adminportal.dashboard.conftest import signed_in
from tests.webhooks import making
from tests.webhooks.receiver import Customer, CustomerReply, customer

pytestmark = pytest.mark.django_db(transaction=True)
URL = "https://hooks.example.com/in"


@pytest.fixture
def receiver() -> Iterator[Customer]:
    with customer() as one:
        yield one


@pytest.fixture
def endpoint(alice: Developer, receiver: Customer) -> Endpoint:
    """An endpoint of Alpha's, which answers."""
    return making.endpoint(alice.organization, f"{receiver.url}/in", description="Staging")


def audited(action: str) -> int:
    """Return how many entries tell of it."""
    return AuditEntry.objects.filter(action=action).count()


def test_an_endpoint_is_created_with_what_was_entered_and_its_secret_is_shown_once(
    browser_of_alice: Client, text: Any
) -> None:
    form = {
        "url": URL, "description": "Production", "which": "some", "filter_types": ["workout.*", "connection.created"],
        "rate_limit": "5", "headers": "Authorization: Bearer abcdefghijklmnop\nX-Team: red", "metadata": "owner: Dana",
    }  # fmt: skip
    answer = browser_of_alice.post("/dashboard/webhooks/new", form)
    made = Endpoint.objects.get()
    assert answer.status_code == 302
    assert answer["Location"] == f"/dashboard/webhooks/{made.id}"
    assert (made.url, made.description, made.rate_limit) == (URL, "Production", 5)
    assert made.filter_types == ["workout.*", "connection.created"]
    assert custom_headers.read(made) == {"Authorization": "Bearer abcdefghijklmnop", "X-Team": "red"}
    assert made.metadata == {"owner": "Dana"}
    shown = text(browser_of_alice.get(answer["Location"]))
    secret = made.secrets.get().secret
    assert secret in shown
    assert "Audit entry #" in shown
    assert audited("webhook_endpoint.created") == 1
    assert secret not in text(browser_of_alice.get(answer["Location"]))


def test_faults_stand_at_their_fields_and_nothing_is_lost(browser_of_alice: Client, text: Any) -> None:
    form = {"url": "http://10.0.0.1/x", "description": "Kept", "which": "usual", "headers": "no colon here"}
    answer = browser_of_alice.post("/dashboard/webhooks/new", form)
    assert answer.status_code == 400
    assert "Line 1: has no colon" in text(answer)
    form["headers"] = "Host: example.com"
    answer = browser_of_alice.post("/dashboard/webhooks/new", form)
    assert "Host: is set by WearLink." in text(answer)
    assert 'value="Kept"' in text(answer)
    answer = browser_of_alice.post("/dashboard/webhooks/new", {**form, "headers": ""})
    assert 'id="error-url"' in text(answer)
    assert not Endpoint.objects.exists()


def test_choosing_no_event_is_refused_rather_than_taken_for_all(browser_of_alice: Client, text: Any) -> None:
    answer = browser_of_alice.post("/dashboard/webhooks/new", {"url": URL, "which": "some"})
    assert answer.status_code == 400
    assert "Choose at least one event" in text(answer)


def test_a_form_that_is_sent_twice_makes_one_endpoint(browser_of_alice: Client) -> None:
    form = {"url": URL, "which": "usual", "once": "the-same-form"}
    for _ in range(2):
        assert browser_of_alice.post("/dashboard/webhooks/new", form).status_code == 302
    assert Endpoint.objects.count() == 1


def test_the_picker_offers_the_whole_catalogue_with_the_chosen_ticked(alice: Developer, text: Any) -> None:
    made = making.endpoint(alice.organization, URL, "sleep.*", "workout.created")
    page = text(signed_in(alice).get(f"/dashboard/webhooks/{made.id}/edit"))
    for name in event_picker.names():
        assert f'value="{name}"' in page, name
    assert 'value="sleep.*" checked' in page
    assert 'value="workout.created" checked' in page
    assert 'value="workout.*" checked' not in page


def test_an_endpoint_is_changed_and_a_masked_header_stays_what_it_was(alice: Developer, endpoint: Endpoint) -> None:
    custom_headers.write(endpoint, {"X-Api-Token": "0123456789abcdef"})
    endpoint.save(update_fields=["headers"])
    form = {
        "url": endpoint.url, "description": "Renamed", "which": "some", "filter_types": ["workout.*"],
        "headers": "X-Api-Token: ••••cdef\nX-New: yes",
    }  # fmt: skip
    answer = signed_in(alice).post(f"/dashboard/webhooks/{endpoint.id}/edit", form)
    assert answer.status_code == 302
    endpoint.refresh_from_db()
    assert endpoint.description == "Renamed"
    assert custom_headers.read(endpoint) == {"X-Api-Token": "0123456789abcdef", "X-New": "yes"}
    assert audited("webhook_endpoint.updated") == 1


def test_pausing_activating_and_deleting(alice: Developer, endpoint: Endpoint) -> None:
    browser, path = signed_in(alice), f"/dashboard/webhooks/{endpoint.id}"
    browser.post(f"{path}/pause", {"paused": "1"})
    endpoint.refresh_from_db()
    assert endpoint.status == "paused"
    browser.post(f"{path}/pause", {"paused": "0"})
    endpoint.refresh_from_db()
    assert endpoint.status == "active"
    assert audited("webhook_endpoint.updated") == 2
    assert browser.post(f"{path}/delete")["Location"] == "/dashboard/webhooks"
    assert audited("webhook_endpoint.deleted") == 1
    assert browser.get(path).status_code == 404


def test_a_test_event_arrives_and_its_exchange_is_shown(
    alice: Developer, endpoint: Endpoint, receiver: Customer, text: Any
) -> None:
    receiver.replies["/in"] = [CustomerReply(202, body=b"thank you")]
    browser, path = signed_in(alice), f"/dashboard/webhooks/{endpoint.id}"
    assert "Nothing was sent to this endpoint yet" in text(browser.get(path))
    browser.post(f"{path}/test", {"event_type": "sleep.created"})
    making.deliver()
    assert receiver.got[0].payload["type"] == "sleep.created"
    log = text(browser.get(path))
    address = log.partition('hx-get="/dashboard/webhooks/')[2].partition('hx-get="')[2].partition('"')[0]
    part = browser.get(address.replace("&amp;", "&"), headers={"HX-Request": "true"})
    assert "thank you" in text(part)
    assert "sleep.created" in text(part)
    assert "<html" not in text(part)
    assert "<html" in text(browser.get(address.replace("&amp;", "&")))


def test_the_log_is_filtered_by_status_and_type(
    alice: Developer, endpoint: Endpoint, receiver: Customer, text: Any
) -> None:
    receiver.replies["/in"] = [CustomerReply(500), CustomerReply(200)]
    making.emit(alice.organization, "connection.created")
    making.deliver()
    making.emit(alice.organization, "connection.expired")
    making.deliver()
    browser, path = signed_in(alice), f"/dashboard/webhooks/{endpoint.id}"
    failed = text(browser.get(path, {"status": "failed"}, headers={"HX-Request": "true"}))
    assert failed.count('<details class="wl-attempt">') == 1
    assert "connection.created</code>" in failed
    other = text(browser.get(path, {"event_types": "connection.expired"}, headers={"HX-Request": "true"}))
    assert "connection.expired</code>" in other
    assert "connection.created</code>" not in other
    assert "start time" in text(browser.get(path, {"start_time": "yesterday"}))


def test_a_message_is_resent_what_waits_is_retried_and_what_was_missed_is_recovered(
    alice: Developer, endpoint: Endpoint, receiver: Customer, text: Any
) -> None:
    receiver.replies["/in"] = [CustomerReply(500), CustomerReply(200)]
    making.emit(alice.organization)
    making.deliver()
    browser, path = signed_in(alice), f"/dashboard/webhooks/{endpoint.id}"
    assert "1 waiting delivery is tried now." in text(browser.post(f"{path}/retry", follow=True))
    making.deliver()
    assert len(receiver.got) == 2
    browser.post(f"{path}/messages/{Message.objects.get().id}/resend")
    making.deliver()
    assert len(receiver.got) == 3
    assert len({one.id for one in receiver.got}) == 1
    Delivery.objects.filter(trigger=0).update(state=Delivery.State.DROPPED)
    assert "1 missed message is sent again." in text(browser.post(f"{path}/recover", {"days": "7"}, follow=True))
    assert "must be 1, 7 or 30" in text(browser.post(f"{path}/recover", {"days": "400"}, follow=True))


def test_the_secret_is_shown_for_the_password_alone_and_that_is_written_down(
    alice: Developer, endpoint: Endpoint, text: Any
) -> None:
    browser, path = signed_in(alice), f"/dashboard/webhooks/{endpoint.id}/secret"
    secret = endpoint.secrets.get().secret
    refused = browser.post(path, {"password": "not it"})
    assert refused.status_code == 400
    assert "Is not your password." in text(refused)
    assert audited("webhook_endpoint.secret_read") == 0
    shown = browser.post(path, {"password": factories.PASSWORD}, follow=True)
    assert secret in text(shown)
    assert audited("webhook_endpoint.secret_read") == 1
    assert secret not in text(browser.get(path))


def test_guessing_the_password_before_a_secret_is_stopped(alice: Developer, endpoint: Endpoint, text: Any) -> None:
    browser, path = signed_in(alice), f"/dashboard/webhooks/{endpoint.id}/secret"
    for _ in range(10):
        browser.post(path, {"password": "guess"})
    answer = browser.post(path, {"password": factories.PASSWORD})
    assert "Too many wrong passwords" in text(answer)
    assert endpoint.secrets.get().secret not in text(answer)


def test_a_secret_is_rotated_with_a_grace_period(alice: Developer, endpoint: Endpoint, text: Any) -> None:
    old = endpoint.secrets.get().secret
    path = f"/dashboard/webhooks/{endpoint.id}/secret/rotate"
    page = text(signed_in(alice).post(path, {"grace_seconds": "3600"}, follow=True))
    fresh = endpoint.secrets.get(expires_at=None).secret
    assert fresh != old
    assert fresh in page
    assert audited("webhook_endpoint.secret_rotated") == 1
    assert "valid integer" in text(signed_in(alice).post(path, {"grace_seconds": "soon"}, follow=True))


PATHS = (
    "", "/edit", "/secret", "/pause", "/delete", "/secret/rotate", "/test", "/recover", "/retry", "/attempts/atm_1",
    "/messages/msg_1/resend",
)  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
def test_somebody_elses_endpoint_is_not_there(endpoint: Endpoint, path: str) -> None:
    browser = signed_in(factories.charlie())
    address = f"/dashboard/webhooks/{endpoint.id}{path}"
    answers = {browser.get(address).status_code, browser.post(address).status_code}
    assert answers <= {404, 405}
    assert 404 in answers
    endpoint.refresh_from_db()
    assert endpoint.status == "active"
    assert endpoint.deleted_at is None


def test_a_mutation_without_the_forms_token_is_refused(alice: Developer, endpoint: Endpoint) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(alice)
    assert strict.post(f"/dashboard/webhooks/{endpoint.id}/delete").status_code == 403
    endpoint.refresh_from_db()
    assert endpoint.deleted_at is None


def test_messages_are_listed_filtered_and_sent_to_another_endpoint(
    alice: Developer, endpoint: Endpoint, receiver: Customer, text: Any
) -> None:
    making.emit(alice.organization, "connection.created")
    making.emit(alice.organization, "connection.expired")
    making.deliver()
    other = making.endpoint(alice.organization, f"{receiver.url}/other", "workout.*")
    browser = signed_in(alice)
    assert text(browser.get("/dashboard/webhooks/messages")).count("/dashboard/webhooks/messages/msg_") == 2
    only = text(browser.get("/dashboard/webhooks/messages", {"event_types": "connection.expired"}))
    assert only.count("/dashboard/webhooks/messages/msg_") == 1
    assert "No message fits" in text(browser.get("/dashboard/webhooks/messages", {"status": "failed"}))
    message = Message.objects.get(type="connection.created")
    page = text(browser.get(f"/dashboard/webhooks/messages/{message.id}"))
    assert "delivered" in page
    assert other.url in page
    sent = browser.post(f"/dashboard/webhooks/{other.id}/messages/{message.id}/resend", {"from": "message"})
    assert sent["Location"] == f"/dashboard/webhooks/messages/{message.id}"
    making.deliver()
    assert [one.id for one in receiver.at("/other")] == [message.id]


def test_one_waiting_message_is_retried(alice: Developer, endpoint: Endpoint, receiver: Customer, text: Any) -> None:
    receiver.replies["/in"] = [CustomerReply(500), CustomerReply(200)]
    making.emit(alice.organization)
    making.deliver()
    message = Message.objects.get()
    page = signed_in(alice).post(f"/dashboard/webhooks/{endpoint.id}/messages/{message.id}/retry", follow=True)
    assert "is tried now" in text(page)
    making.deliver()
    assert len(receiver.got) == 2


def test_messages_of_others_are_not_there(alice: Developer, endpoint: Endpoint, text: Any) -> None:
    making.emit(alice.organization)
    message = Message.objects.get()
    stranger = signed_in(factories.charlie())
    assert message.id not in text(stranger.get("/dashboard/webhooks/messages"))
    assert stranger.get(f"/dashboard/webhooks/messages/{message.id}").status_code == 404
    theirs = making.endpoint(Developer.objects.get(name="Charlie").organization, URL)
    for act in ("resend", "retry"):
        assert stranger.post(f"/dashboard/webhooks/{theirs.id}/messages/{message.id}/{act}").status_code == 404


def test_no_page_asks_the_database_more_than_thirty_times(
    alice: Developer, endpoint: Endpoint, receiver: Customer, django_assert_max_num_queries: Any
) -> None:
    for number in range(12):
        making.endpoint(alice.organization, f"{URL}/{number}")
        factories.api_key(alice.organization, f"Key {number}")
        factories.developer(alice.organization, f"Member{number}", role="member")
        making.emit(alice.organization)
    making.deliver()
    browser = signed_in(alice)
    sections = ("webhooks", "webhooks/messages", "credentials", "team", "organization", "billing", "audit", "providers")
    for path in (*sections, "providers/oura", f"webhooks/{endpoint.id}", "webhooks/new"):
        with django_assert_max_num_queries(30):
            assert browser.get(f"/dashboard/{path}").status_code == 200, path
