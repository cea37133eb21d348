"""The reference of the API: every call in one list, each with a page, and a form to try it, in Chromium too."""

import re
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from accounts.models import EndUser
from adminportal.docs import calls, endpoints
from adminportal.docs.schema_fields import SchemaReader
from tests import factories
from tests.adminportal.browsing import Complaints
from tests.chromium import measure, wait_for_copy

pytestmark = pytest.mark.django_db(transaction=True)
VIEWS = pytest.mark.parametrize(("width", "theme"), [(1440, "light"), (1440, "dark"), (390, "light"), (390, "dark")])
MAIN_THREAD = 2.0  # seconds of the page's processor in all


def test_every_call_stands_in_the_list_and_has_a_page() -> None:
    listed = Client().get("/docs/api").content.decode()
    for one in endpoints.operations():
        assert f'id="{one.operation_id}"' in listed
        page = Client().get(one.address).content.decode()
        assert one.path in page
        assert one.summary.replace("'", "&#x27;") in page
    assert Client().get("/docs/api/nothing_such").status_code == 404


def test_no_call_is_shown_without_words_on_what_it_takes() -> None:
    silent = []
    for one in endpoints.operations():
        page = calls.page(one)
        rows = [row.field for row in page.parameters] + [row for body in page.bodies for row in body.fields]
        silent += [(one.operation_id, row.name) for row in rows if not row.text]
    assert silent == []


def test_shapes_are_told_in_words_with_their_bounds() -> None:
    reader = SchemaReader(endpoints.schema_document())
    field = reader.field("limit", {"type": "integer", "minimum": 1, "maximum": 1440, "default": 50})
    assert (field.kind, field.bounds) == ("whole number", "1 to 1,440; default 50")
    tree = {
        "type": "object",
        "required": ["rows"],
        "properties": {
            "rows": {"type": "array", "items": {"type": "object", "properties": {"at": {"type": ["string", "null"]}}}}
        },
    }
    rows = [(one.depth, one.name, one.kind, one.is_required) for one in reader.fields(tree)]
    assert rows == [(0, "rows", "list of objects", True), (1, "at", "text or null", False)]


def test_the_page_where_keys_are_typed_runs_our_script_only_and_keeps_no_cookie() -> None:
    answer = Client().get("/docs/api")
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert not answer.cookies
    html = answer.content.decode()
    assert re.findall(r"<script(?! src)", html) == []


@pytest.mark.browser
def test_the_list_is_there_at_once_and_costs_little(browser: Browser, live_server: Any) -> None:
    Client().get("/docs/api")  # the first reader of a process waits for the schema
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    figures = measure(page)
    page.goto(f"{live_server.url}/docs/api")
    page.locator("#users_create > summary").click()
    expect(page.locator("#users_create .ref-fields").first).to_be_visible()
    page.wait_for_load_state("networkidle")
    metrics = figures()
    context.close()
    assert metrics["TaskDuration"] < MAIN_THREAD
    assert metrics["JSHeapUsedSize"] < 10_000_000


def open_reference(browser: Browser, base: str, width: int = 1440, **options: Any) -> tuple[Page, Complaints]:
    page = browser.new_context(viewport={"width": width, "height": 900}, **options).new_page()
    complaints = Complaints(page, base)
    page.goto(f"{base}/docs/api")
    return page, complaints


@pytest.mark.browser
@VIEWS
def test_a_reader_finds_a_call_and_reads_it(browser: Browser, live_server: Any, width: int, theme: Any) -> None:
    page, complaints = open_reference(browser, live_server.url, width, color_scheme=theme)
    page.get_by_label("Find a call").fill("post webhooks endpoint test")
    expect(page.locator(".ref-call:visible")).to_have_count(1)
    expect(page.locator("#ref-count")).to_have_text("1 call fits")
    page.locator(".ref-call:visible > summary").click()
    opened = page.locator(".ref-call[open]")
    expect(opened.get_by_role("heading", name="Errors")).to_be_visible()
    expect(opened.locator(".ref-errors")).to_contain_text("401")
    page.get_by_label("Find a call").fill("")
    page.locator("#users_create > summary").click()
    expect(page.locator("#users_create .ref-body")).to_contain_text("external_id")
    complaints.look("/docs/api")
    page.goto(f"{live_server.url}/docs/api/list_timeseries")
    expect(page.locator("h1")).to_have_text("Samples of a user")
    complaints.look("/docs/api/list_timeseries")
    assert complaints.severe == []
    assert complaints.foreign == []
    assert complaints.console == []
    page.context.close()


@pytest.mark.browser
def test_old_addresses_of_a_call_still_open_it(browser: Browser, live_server: Any) -> None:
    page, _ = open_reference(browser, live_server.url)
    page.goto(f"{live_server.url}/docs/api#/Users/users_create")
    page.reload()
    expect(page.locator("#users_create .ref-fields").first).to_be_visible()
    page.context.close()


@pytest.mark.browser
def test_a_call_is_tried_with_a_key_that_this_tab_alone_keeps(
    browser: Browser, live_server: Any, jane: EndUser
) -> None:
    key = factories.api_key(jane.organization, "Reader")
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(f"{live_server.url}/docs/api")
    page.get_by_label("Your API key or access token").fill(key)
    page.get_by_role("button", name="Use it").click()
    page.locator("#users_get > summary").click()
    tried = page.locator("#users_get .ref-try")
    tried.get_by_label("user_id").fill(str(jane.id))
    tried.get_by_role("button", name="Send").click()
    expect(tried.locator(".ref-result")).to_contain_text("200")
    expect(tried.locator(".ref-answer pre")).to_contain_text("jane@example.com")
    tried.get_by_role("button", name="Copy as curl").click()
    wait_for_copy(page, f"/api/v1/users/{jane.id}' \\\n  -H 'X-WearLink-API-Key: {key}'")
    page.locator("#users_create > summary").click()
    made = page.locator("#users_create .ref-try")
    made.get_by_label("Body, application/json").fill('{"external_id": "from-the-reference"}')
    made.get_by_role("button", name="Send").click()
    expect(made.locator(".ref-result")).to_contain_text("201")
    assert EndUser.objects.filter(external_id="from-the-reference").exists()
    page.reload()
    expect(page.locator("#ref-key-state")).to_contain_text("In use for this tab")
    other = context.new_page()
    other.goto(f"{live_server.url}/docs/api")
    expect(other.locator("#ref-key-state")).not_to_contain_text("In use")
    page.get_by_role("button", name="Forget it").click()
    page.locator("#users_list > summary").click()
    page.locator("#users_list .ref-try").get_by_role("button", name="Send").click()
    expect(page.locator("#users_list .ref-result")).to_contain_text("401")
    context.close()


@pytest.mark.browser
def test_without_a_script_every_call_is_read_on_its_page(browser: Browser, live_server: Any) -> None:
    page, _ = open_reference(browser, live_server.url, java_script_enabled=False)
    page.locator("#users_create > summary").click()
    page.locator("#users_create").get_by_role("link", name="The page of this call").click()
    expect(page.locator("h1")).to_have_text("Create a user")
    expect(page.locator(".ref-fields").first).to_be_visible()
    page.context.close()
