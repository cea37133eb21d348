"""The documentation's pages: whole, linked, found by search, and readable by programs."""

import re
from functools import cache
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest
from django.test import Client

from accounts.webhooks import event_types
from adminportal.docs import endpoints, navigation, pages, rendering, search
from adminportal.docs.navigation import SITE
from healthdata import catalogue
from providers import registry

ROOT = Path(__file__).parents[3]
CODE = re.compile(r"`([^`\n]+)`")
INTERNAL = ("Platform admin", "Nutrition review", "Vendor webhooks")


class Links(HTMLParser):
    """Addresses and anchors of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.targets: list[str] = []
        self.anchors: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.anchors.add(given.get("id", ""))
        if tag == "a":
            self.targets.append(given["href"])


@pytest.fixture(scope="module")
def read() -> dict[str, Links]:
    """Address → what is linked there, of all pages."""
    found = {}
    for entry in navigation.entries():
        answer = Client().get(pages.address_of(entry))
        assert answer.status_code == 200, entry.slug
        found[pages.address_of(entry)] = Links(answer.content.decode())
    return found


def test_every_file_is_a_page_of_the_navigation() -> None:
    files = {path.stem for path in (ROOT / SITE).glob("*.md")}
    assert files == {entry.slug for entry in navigation.entries() if entry.source.startswith(SITE)}


def test_every_link_and_anchor_of_the_site_leads_somewhere(read: dict[str, Links]) -> None:
    broken, status = [], cache(lambda path: Client().get(path).status_code)  # many pages link to the same ones
    for address, page in read.items():
        for target in page.targets:
            path, _, anchor = target.partition("#")
            if path.startswith("http"):
                continue
            path = path or address
            if path in read:
                if anchor and anchor not in read[path].anchors:
                    broken.append((address, target))
            elif path not in ("/docs/api", "/dashboard") and status(path) != 200:
                broken.append((address, target))
    assert broken == []


def test_operations_that_pages_name_exist() -> None:
    unknown = [
        (entry.slug, code)
        for entry in navigation.entries()
        for code in CODE.findall(entry.path.read_text())
        if entry.source.startswith(SITE) and rendering.OPERATION.fullmatch(code) and endpoints.find(code) is None
    ]
    assert unknown == []


def test_every_operation_is_in_the_list() -> None:
    listed = pages.load("reference")
    assert listed is not None
    assert [one for one in endpoints.operations() if f"`{one.method} {one.short}`" not in listed.markdown] == []


def test_every_operation_that_customers_call_is_named_in_a_text() -> None:
    text = "\n".join(entry.path.read_text() for entry in navigation.entries())
    named = {endpoints.find(code) for code in CODE.findall(text) if rendering.OPERATION.fullmatch(code)}
    missing = [one for one in endpoints.operations() if one not in named and one.tag not in INTERNAL]
    assert [f"{one.method} {one.short}" for one in missing] == []


@pytest.mark.parametrize("slug", [entry.slug for entry in navigation.entries()])
def test_a_page_has_one_title_and_no_jump_between_headings(slug: str) -> None:
    page = pages.load(slug)
    assert page is not None
    levels = [one.level for one in page.text.headings]
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert "<h1" not in page.text.html


def test_programs_read_the_markdown() -> None:
    answer = Client().get("/docs/quickstart.md")
    assert answer["Content-Type"] == "text/markdown; charset=utf-8"
    assert answer.content.decode().startswith("# Quick start")
    assert Client().get("/docs/nowhere.md").status_code == 404
    assert Client().get("/docs/nowhere").status_code == 404


def test_pages_allow_nothing_from_elsewhere_and_no_script_in_the_page() -> None:
    answer = Client().get("/docs")
    html = answer.content.decode()
    assert "default-src 'none'; script-src 'self'; style-src 'self'" in answer["Content-Security-Policy"]
    assert "unsafe" not in answer["Content-Security-Policy"]
    assert re.findall(r"<script(?! src)", html) == []
    assert re.findall(r'\s(?:style|on\w+)="', html) == []
    assert "alternate" in html


def test_samples_name_the_installation_that_shows_them_and_what_to_keep_of_an_answer() -> None:
    html = Client().get("/docs").content.decode()
    assert "http://127.0.0.1:8000/api/v1" in html
    assert "wearlink.io" not in html
    assert "# keep id of the answer as JANE_ID" in Client().get("/docs/quickstart").content.decode()


def test_the_theme_is_as_the_reader_chose() -> None:
    client = Client()
    assert '<html lang="en">' in client.get("/docs").content.decode()
    for back, leads in (("/docs/api", "/docs/api"), ("//example.com", "/"), ("https://example.com", "/")):
        answer = client.post("/theme", {"theme": "dark", "back": back})
        assert (answer.status_code, answer["Location"]) == (302, leads)
    for address in ("/docs", "/docs/api"):
        answer = client.get(address)
        assert '<html lang="en" class="dark">' in answer.content.decode()
        assert "Cookie" in answer["Vary"]
    client.cookies["theme"] = '"><script>'
    assert '<html lang="en">' in client.get("/docs").content.decode()


def test_the_catalogues_are_those_of_the_running_code() -> None:
    events, matrix, series = (pages.load(slug) for slug in ("events", "coverage", "timeseries"))
    assert events is not None
    assert matrix is not None
    assert series is not None
    assert [one.name for one in event_types.every() if one.name not in events.markdown] == []
    assert [one.name for one in registry.providers().values() if one.name not in matrix.markdown] == []
    assert [one.code for one in catalogue.SERIES.values() if one.code not in series.markdown] == []
    assert '<span class="wl-hidden">yes</span>' in matrix.text.html


@pytest.mark.parametrize(
    ("query", "page"),
    [("quick start", "Quick start"), ("verify signature", "Webhooks"), ("Retry-After", "Errors and lists")],
)
def test_search_finds_pages_by_words(query: str, page: str) -> None:
    assert page in [one.passage.page for one in search.find(query)[:5]]


def test_search_answers_what_was_asked_escaped_and_says_when_there_is_nothing() -> None:
    answer = Client().get("/docs/search", {"q": "<b>nonsense</b> xyzzy"}).content.decode()
    assert "Nothing is found for" in answer
    assert "<b>nonsense" not in answer
    assert search.find("") == []
    assert search.find("§") == []
    part = Client().get("/docs/search", {"q": "webhook"}, headers={"X-Requested-With": "docs.js"}).content.decode()
    assert "<html" not in part
    assert "<mark>" in part


def test_html_in_a_page_is_shown_and_not_run() -> None:
    text = rendering.render("# T\n\n<script>alert(1)</script> `<b>`", SITE, pages.address)
    assert "<script" not in text.html
    assert "<b>" not in text.html


def test_a_link_to_a_file_that_no_page_shows_is_a_fault() -> None:
    with pytest.raises(ValueError, match="no page shows"):
        rendering.render("# T\n\n[x](nowhere.md)", SITE, pages.address)
