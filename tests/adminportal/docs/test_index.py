"""The documentation's index is made once a build: a process's first search finds it."""

import time
from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.core.management import call_command

from adminportal.docs import endpoints, pages, search
from wearlink.lib.valkey import built
from wearlink.site import schema

pytestmark = pytest.mark.django_db
FIRST_SEARCH = 0.1  # seconds of a processor


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    """A process that has read nothing yet, in a build of which nothing is kept."""
    cache.clear()
    forget()
    yield
    forget()


def forget() -> None:
    """Forget everything, as a process that has just begun."""
    for kept in (search._passages, endpoints.schema_document, endpoints.operations, pages.load, schema._made):
        kept.cache_clear()


def test_the_first_search_of_a_process_is_quick_once_the_index_is_made() -> None:
    assert not built.is_kept(search.INDEX)
    call_command("index_docs")
    assert built.is_kept(search.INDEX)
    made = search.find("signature")
    forget()
    began = time.process_time()
    again = search.find("signature")
    assert time.process_time() - began < FIRST_SEARCH
    assert again == made
    assert made[0].passage.address.startswith("/docs/")


def test_what_is_kept_is_what_would_be_made() -> None:
    made = schema.document(schema.YAML).plain
    forget()
    assert schema.document(schema.YAML).plain == made
    assert built.text("a-name", lambda: "first") == "first"
    assert built.text("a-name", lambda: "second") == "first"


def test_another_build_begins_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    built.text("a-name", lambda: "first")
    monkeypatch.setattr(built, "_build", lambda: "of-another-release")
    assert built.text("a-name", lambda: "second") == "second"
