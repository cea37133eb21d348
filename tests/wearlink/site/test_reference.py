"""The OpenAPI document as it is served, and the reference drawn from it in a real Chromium."""

import gzip
import json
import time
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from playwright.sync_api import Browser, expect

ROOT = Path(__file__).parents[3]
pytestmark = pytest.mark.django_db(transaction=True)


def test_the_schema_is_answered_compressed_and_kept() -> None:
    first = Client().get("/api/v1/schema", headers={"Accept-Encoding": "gzip"})
    assert first["Content-Encoding"] == "gzip"
    document = json.loads(gzip.decompress(first.content))
    assert document["openapi"].startswith("3.1")
    assert "max-age" in first["Cache-Control"]
    again = Client().get("/api/v1/schema", headers={"Accept-Encoding": "gzip", "If-None-Match": first["ETag"]})
    assert again.status_code == 304
    assert again.content == b""


def test_the_second_reader_does_not_wait_for_the_schema_to_be_made() -> None:
    Client().get("/api/v1/schema")
    took = []
    for _ in range(5):
        began = time.thread_time()
        Client().get("/api/v1/schema")
        took.append(time.thread_time() - began)
    assert min(took) < 0.05


def test_the_schema_is_answered_as_yaml_where_it_is_wanted() -> None:
    assert Client().get("/api/v1/schema?format=yaml").content == (ROOT / "openapi.yaml").read_bytes()
    accepted = Client().get("/api/v1/schema", headers={"Accept": "application/vnd.oai.openapi"})
    assert accepted.content.startswith(b"openapi: 3.1")


def test_the_page_where_keys_are_typed_runs_our_script_only_and_keeps_no_cookie() -> None:
    answer = Client().get("/docs/api")
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy or "default-src 'self'" in policy
    assert "unsafe-eval" not in policy
    assert not answer.cookies


def test_users_stand_first_and_nothing_is_explained_by_its_own_name() -> None:
    document = Client().get("/api/v1/schema").json()
    assert document["tags"][0]["name"] == "Users"
    assert "`raw` - raw" not in json.dumps(document)


def test_names_in_the_schema_do_not_depend_on_the_python_that_makes_it() -> None:
    """Python 3.13 renamed phrases of http.HTTPStatus; examples are named by a table of our own."""
    text = (ROOT / "openapi.yaml").read_text()
    renamed = ("RequestEntityTooLarge", "UnprocessableEntity", "RequestURITooLong")
    assert [name for name in renamed if name in text] == []


@pytest.mark.browser
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_reader_finds_an_operation_and_keeps_the_key_for_the_tab(
    browser: Browser, live_server: Any, theme: Any
) -> None:
    context = browser.new_context(color_scheme=theme, viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.goto(f"{live_server.url}/docs/api")
    expect(page.locator(".opblock-tag").first).to_contain_text("Users", timeout=60_000)
    page.evaluate("sessionStorage.setItem('wearlink-authorization', '{\"ApiKey\": \"sk-test\"}')")
    page.locator("#operations-Users-create_user, [id^=operations-Users]").first.locator(
        ".opblock-summary-control"
    ).click()
    errors = page.locator(".reference-errors").first
    expect(errors).to_contain_text("401")
    expect(page.locator(".opblock.is-open .responses-table .response").first).to_contain_text("20")
    assert page.locator(".opblock.is-open .responses-table tr.response[data-code^='4']").count() == 0
    found = Axe().run(page).response["violations"]
    assert [one["id"] for one in found if one["impact"] == "critical"] == []
    assert page.evaluate("document.documentElement.classList.contains('dark-mode')") is (theme == "dark")
    context.close()


@pytest.mark.browser
def test_the_key_is_kept_for_the_tab_and_for_no_other(browser: Browser, live_server: Any) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{live_server.url}/docs/api")
    page.locator(".btn.authorize").click(timeout=60_000)
    page.locator(".auth-container input").first.fill("sk-of-a-reader")
    page.locator(".auth-container .btn.authorize").first.click()
    page.reload()
    expect(page.locator(".auth-wrapper .btn.authorize.locked")).to_be_visible(timeout=60_000)
    other = context.new_page()
    other.goto(f"{live_server.url}/docs/api")
    expect(other.locator(".auth-wrapper .btn.authorize.unlocked")).to_be_visible(timeout=60_000)
    context.close()


@pytest.mark.browser
def test_without_script_the_page_leads_to_the_document(browser: Browser, live_server: Any) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{live_server.url}/docs/api")
    expect(page.get_by_role("link", name="OpenAPI document")).to_be_visible()
    context.close()
