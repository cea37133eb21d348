"""The contact form, its tickets, and banners."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import AuditEntry, Developer
from adminportal import announcements
from adminportal.models import Announcement, SupportTicket

ROOT = "/api/v1/admin"
MESSAGE = {"email": "dana@example.com", "subject": "Prices", "message": "What does scale cost?"}


@pytest.mark.django_db
def test_a_message_becomes_a_ticket_that_is_resolved_and_opened_again(admins: APIClient, admin: Developer) -> None:
    answer = APIClient().post("/api/v1/contact", MESSAGE, format="json")
    assert (answer.status_code, answer.json()) == (201, {"status": "received"})
    (ticket,) = admins.get(f"{ROOT}/support?status=open&q=SCALE").json()["data"]
    assert (ticket["subject"], ticket["status"], ticket["resolved_by"]) == ("Prices", "open", None)
    path = f"{ROOT}/support/{ticket['id']}/resolve"
    done = admins.post(path).json()
    assert (done["status"], done["resolved_by"]) == ("resolved", str(admin.pk))
    assert admins.post(path, {"resolved": True}, format="json").json() == done
    assert admins.get(f"{ROOT}/support?status=open").json()["data"] == []
    assert admins.post(path, {"resolved": False}, format="json").json()["status"] == "open"
    acts = AuditEntry.objects.filter(target_id=ticket["id"]).order_by("id")
    assert [one.action for one in acts] == ["contact.submit", "support.resolved", "support.reopened"]
    assert "dana" not in str([one.data for one in acts])


@pytest.mark.django_db
def test_a_robot_hears_the_same_and_leaves_nothing() -> None:
    answer = APIClient().post("/api/v1/contact", MESSAGE | {"website": "http://example.com"}, format="json")
    assert (answer.status_code, answer.json()) == (201, {"status": "received"})
    assert not SupportTicket.objects.exists()


@pytest.mark.django_db
def test_a_message_is_written_on_a_page_too(admins: APIClient) -> None:
    browser = Client(headers={"Accept": "text/html"})
    assert "Write to us" in browser.get("/contact").content.decode()
    answer = browser.post("/contact", MESSAGE | {"website": ""})
    assert "Thank you, your message has come" in answer.content.decode()
    (ticket,) = admins.get(f"{ROOT}/support?status=open").json()["data"]
    assert (ticket["email"], ticket["message"]) == (MESSAGE["email"], MESSAGE["message"])


@pytest.mark.django_db
def test_the_page_tells_robots_nothing_and_people_what_is_wrong() -> None:
    browser = Client(headers={"Accept": "text/html"})
    answers = [
        browser.post("/contact", MESSAGE | change)
        for change in ({"website": "x"}, {"email": "nobody"}, {"message": ""}, {}, {}, {})
    ]
    assert [one.status_code for one in answers] == [200, 400, 400, 200, 200, 429]
    assert "Enter a valid email address" in answers[1].content.decode()
    assert SupportTicket.objects.count() == 2


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "field"),
    [({"email": "nobody"}, "email"), ({"message": ""}, "message"), ({"message": "x" * 5001}, "message"),
     ({"mesage": "x"}, "mesage"), ({"message": "a\x00b"}, "message")],
)  # fmt: skip
def test_a_message_that_is_none_names_the_field(change: dict[str, str], field: str) -> None:
    answer = APIClient().post("/api/v1/contact", MESSAGE | change, format="json")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == field


@pytest.mark.django_db
def test_an_address_writes_five_messages_a_minute() -> None:
    client = APIClient()
    answers = [client.post("/api/v1/contact", MESSAGE, format="json").status_code for _ in range(6)]
    assert answers == [201] * 5 + [429]


@pytest.mark.django_db
def test_a_new_banner_ends_the_one_before_and_everybody_reads_it(admins: APIClient, admin: Developer) -> None:
    active = f"{ROOT}/announcements/active"
    nothing = APIClient().get(active)
    assert (nothing.status_code, nothing.content) == (200, b"null")
    first = admins.post(f"{ROOT}/announcements/publish", {"title": "One"}, format="json")
    assert first.status_code == 201
    body = {"title": "Two", "severity": "critical", "cta_label": "Read", "cta_url": "https://example.com/status"}
    second = admins.post(f"{ROOT}/announcements/publish", body, format="json").json()
    shown = APIClient().get(active).json()
    assert (shown["id"], shown["title"], shown["severity"]) == (second["id"], "Two", "critical")
    history = admins.get(f"{ROOT}/announcements/history").json()["data"]
    assert [(one["title"], one["is_active"]) for one in history] == [("Two", True), ("One", False)]
    assert history[1]["dismissed_at"] is not None
    for _ in range(2):
        gone = admins.post(f"{ROOT}/announcements/{second['id']}/dismiss").json()
        assert gone["is_active"] is False
    assert APIClient().get(active).content == b"null"
    acts = AuditEntry.objects.filter(action__startswith="announcement.").order_by("id")
    assert [(one.action, one.actor_id) for one in acts] == [
        ("announcement.published", str(admin.pk)),
        ("announcement.published", str(admin.pk)),
        ("announcement.dismissed", str(admin.pk)),
    ]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("body", "field"),
    [({}, "title"), ({"title": "x", "severity": "loud"}, "severity"), ({"title": "x", "cta_label": "Go"}, "cta_url"),
     ({"title": "x", "cta_label": "Go", "cta_url": "javascript:alert(1)"}, "cta_url")],
)  # fmt: skip
def test_a_banner_that_is_none_names_the_field(admins: APIClient, body: dict[str, str], field: str) -> None:
    answer = admins.post(f"{ROOT}/announcements/publish", body, format="json")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == field


@pytest.mark.django_db(transaction=True)
def test_of_many_who_publish_at_once_one_banner_is_active(admin: Developer) -> None:
    def publish(number: int) -> None:
        announcements.publish({"title": f"Banner {number}"}, admin)
        connections.close_all()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(publish, range(12)))
    assert Announcement.objects.count() == 12
    assert Announcement.objects.filter(is_active=True).count() == 1
