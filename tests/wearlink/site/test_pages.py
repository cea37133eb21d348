"""Pages for people and JSON for programs at the same addresses."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from healthdata.records import Sample, SourceInfo
from healthdata.store import store
from tests import factories
from wearlink.demo import credentials_file
from wearlink.demo.credentials_file import DemoCredentials, FileLogin
from wearlink.lib import clock

pytestmark = pytest.mark.django_db
HTML = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.fixture
def jane(settings: Any, tmp_path: Path) -> Any:
    """The demo's first end user, with what `make run` hands out about the demo."""
    settings.EMBEDDED, settings.DATA = True, tmp_path
    jane = factories.end_user(factories.alice().organization, first_name="Jane", time_zone="Europe/Berlin")
    who = FileLogin("demo@example.com", "demo-password")
    credentials_file.write(tmp_path, DemoCredentials("http://127.0.0.1:8000", "sk-demo-key", who, who, [str(jane.id)]))
    return jane


def body(answer: Any) -> str:
    return str(answer.content.decode())


def test_the_front_page_shows_key_logins_and_three_ways_on(jane: Any) -> None:
    page = body(Client().get("/", headers=HTML))
    assert "sk-demo-key" in page
    assert "demo@example.com" in page
    assert "Connect a simulated wearable" in page
    assert "/try/week" in page
    assert "/docs/api" in page
    assert "Database: works" in page


@pytest.mark.parametrize("address", ["192.0.2.7", "2001:db8::7", "unknown"])
def test_other_machines_are_shown_no_key(jane: Any, address: str) -> None:
    page = body(Client().get("/", headers=HTML, REMOTE_ADDR=address))
    assert "WearLink runs here" in page
    assert "sk-demo-key" not in page
    assert Client().get("/try/week", headers=HTML, REMOTE_ADDR=address).status_code == 404


def test_an_installation_with_its_own_database_shows_no_key(jane: Any, settings: Any) -> None:
    settings.EMBEDDED = False
    assert "sk-demo-key" not in body(Client().get("/", headers=HTML))
    assert Client().post("/try/connect", headers=HTML).status_code == 404


def test_the_front_page_tells_programs_where_the_schema_is() -> None:
    answer = Client().get("/", headers={"Accept": "application/json"})
    assert answer["Content-Type"] == "application/json"
    assert answer.json()["schema"].endswith("/api/v1/schema")


def test_a_button_opens_the_connect_page_of_the_demo(jane: Any) -> None:
    answer = Client().post("/try/connect", headers=HTML)
    assert answer.status_code == 302
    assert "/connect/" in answer["Location"]


def test_the_week_shows_steps_with_their_device(jane: Any) -> None:
    watch = SourceInfo("apple", "Watch7,3", "Apple Watch", "watch")
    noon = clock.now_ms() - 3_600_000
    store(jane.key, [[Sample(watch, "steps", noon - 600_000, 4_321.0, 600_000)]])
    page = body(Client().get("/try/week", headers=HTML))
    assert "A week of Jane" in page
    assert "4,321" in page
    assert "Apple Watch" in page


def test_a_day_that_has_only_begun_is_no_empty_row(jane: Any) -> None:
    watch = SourceInfo("apple", "Watch7,3", "Apple Watch", "watch")
    yesterday = clock.now_ms() - 86_400_000
    store(jane.key, [[Sample(watch, "steps", yesterday - 600_000, 4_321.0, 600_000)]])
    page = body(Client().get("/try/week", headers=HTML))
    first = page.split('<th scope="row">')[1]
    assert "4,321" in first
    assert page.count('<th scope="row">') == 7


@pytest.mark.parametrize(
    ("path", "accept", "kind"),
    [
        ("/nowhere", "text/html", "text/html"),
        ("/nowhere", "application/json", "application/json"),
        ("/nowhere", "*/*", "application/json"),
        ("/api/v1/nowhere", "text/html", "application/json"),
        ("/v1/nowhere", "text/html", "application/json"),
    ],
)
def test_a_missing_page_is_told_in_the_callers_language(path: str, accept: str, kind: str) -> None:
    answer = Client().get(path, headers={"Accept": accept})
    assert answer.status_code == 404
    assert answer["Content-Type"].startswith(kind)
    assert ("There is no such page" in body(answer)) is (kind == "text/html")


def test_a_form_without_its_token_is_refused_with_a_page() -> None:
    answer = Client(enforce_csrf_checks=True).post("/verify-email?token=x", headers=HTML)
    assert answer.status_code == 403
    assert "Not allowed" in body(answer)


def test_a_fault_of_ours_is_a_page_with_the_requests_id(jane: Any, settings: Any) -> None:
    settings.DATA = None  # what the page reads is not there
    client = Client(raise_request_exception=False)
    answer = client.get("/", headers=HTML)
    assert answer.status_code == 500
    assert "Something went wrong on our side" in body(answer)


def test_pages_run_no_script_and_are_kept_by_no_cache() -> None:
    answer = Client().get("/", headers=HTML)
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert answer["Cache-Control"] == "no-store"
    assert "<script" not in body(answer)


def test_browsers_find_the_icon() -> None:
    assert Client().get("/favicon.ico")["Location"].endswith("favicon.svg")
