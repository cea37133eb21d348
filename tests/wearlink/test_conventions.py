"""docs/api-conventions.md, held over the OpenAPI document: whoever adds a call speaks the dialect of all others."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.openapi import document

ROOT = Path(__file__).parents[2]
STATUSES = ["queued", "running", "done", "done_with_errors", "failed"]
JOB = {"id", "status", "created_at", "started_at", "finished_at", "error"}
BARE_ARRAYS = {"list_connections"}  # documented so
OFFSETS = re.compile(r"/health-scores$|/api/v1/admin/")  # documented so
# 202s that begin no job of their own: a message or mail on its way, a decision noted
NO_JOBS = re.compile(r"/webhooks/|/auth/|/nutrition/log/image$|/admin/|/contact")
OUR_SPELLING = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
WIRE = re.compile(r"Sync(?!Run|Status|Accepted|Ordered)\w*Request$|^Sync\w*$")  # what phones upload
OTHER_NAMES = {"since", "until", "from", "to", "date_from", "date_to", "start", "end", "type", "filter_types"}
DOCUMENTED = {"/api/v1/audit-logs/export": {"since", "until"}, "/api/v1/admin/audit": {"since", "until"}}
PAGINATIONS = {
    frozenset({"cursor", "limit"}): [{"next_cursor", "has_more"}, {"next_cursor", "has_more", "total_count"}],
    frozenset({"page", "limit"}): [{"page", "limit", "total_count", "total_pages", "has_more"}],
    frozenset({"limit", "offset"}): [{"total_count", "has_more"}],
    frozenset(): [{"total_count", "has_more"}],
}


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document()["paths"].items():
        for method, operation in methods.items():
            if path.startswith("/api/v1/"):
                yield path, method, operation


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in schema:
        found: dict[str, Any] = document()["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        return found
    if len(schema.get("allOf", [])) == 1:
        return resolved(schema["allOf"][0])
    return schema


def answers(operation: dict[str, Any], status: str) -> Iterator[dict[str, Any]]:
    content = operation["responses"].get(status, {}).get("content", {})
    for kind, body in content.items():
        if kind == "application/json":
            yield resolved(body["schema"])


def asked_by(operation: dict[str, Any]) -> set[str]:
    return {one["name"] for one in operation.get("parameters", []) if one["in"] == "query"}


LISTS = [
    pytest.param(path, operation, id=operation["operationId"])
    for path, method, operation in operations()
    if method == "get"
    for schema in answers(operation, "200")
    if schema.get("type") == "array" or resolved(schema.get("properties", {}).get("data", {})).get("type") == "array"
]
RANGES = {"start_date", "end_date"}


def test_there_is_something_to_hold_to() -> None:
    assert len(LISTS) > 20


@pytest.mark.parametrize(("path", "operation"), LISTS)
def test_every_list_is_paged_in_the_way_of_its_kind(path: str, operation: dict[str, Any]) -> None:
    (schema,) = answers(operation, "200")
    if operation["operationId"] in BARE_ARRAYS:
        assert schema["type"] == "array"
        return
    assert schema.get("type") != "array", "answer {data, pagination}"
    query = asked_by(operation)
    paging = frozenset(query & {"cursor", "page", "limit", "offset"})
    if "pagination" not in schema["properties"]:
        assert query >= RANGES or "/{day}/" in path, "a list without pagination is one of days"
        return
    assert paging in PAGINATIONS, f"paged by {sorted(paging)}"
    assert set(resolved(schema["properties"]["pagination"])["properties"]) in PAGINATIONS[paging]
    assert "offset" not in paging or OFFSETS.search(path), "use page, or a cursor"


def test_filters_have_one_name_each() -> None:
    strange = [
        f"{operation['operationId']}: {name}"
        for path, _, operation in operations()
        for name in asked_by(operation) & OTHER_NAMES - DOCUMENTED.get(path, set())
    ]
    assert strange == [], "declare these as aliases (wearlink.lib.api.aliases)"


def test_dates_and_instants_are_what_their_names_say() -> None:
    formats = {"start_date": "date", "end_date": "date", "start_time": "date-time", "end_time": "date-time"}
    for _, _, operation in operations():
        for one in operation.get("parameters", []):
            if one["name"] in formats:
                assert one["schema"].get("format") == formats[one["name"]], (operation["operationId"], one["name"])


def test_whatever_runs_behind_a_call_is_told_in_the_words_of_jobs() -> None:
    for path, _, operation in operations():
        for schema in answers(operation, "202"):
            if not NO_JOBS.search(path):
                name = operation["operationId"]
                assert {"id", "status"} <= set(schema["properties"]), name
                assert resolved(schema["properties"]["status"])["enum"] == STATUSES, name


def test_a_job_tells_the_same_six_things_everywhere() -> None:
    found = []
    for name, schema in document()["components"]["schemas"].items():
        properties = schema.get("properties", {})
        if resolved(properties.get("status", {})).get("enum") == STATUSES and "created_at" in properties:
            assert set(properties) >= JOB, name
            found.append(name)
    assert {"SyncStatus", "ImportJob", "SyncRun"} <= set(found)


def test_names_are_in_snake_case() -> None:
    strange = {
        f"{name}.{one}"
        for name, schema in document()["components"]["schemas"].items()
        if not WIRE.search(name)
        for one in schema.get("properties", {})
        if not OUR_SPELLING.fullmatch(one)
    }
    assert strange == set()


def test_every_error_answer_has_the_one_shape() -> None:
    for _, _, operation in operations():
        for status, response in operation["responses"].items():
            if status >= "4":
                for body in response.get("content", {}).values():
                    assert "detail" in resolved(body["schema"])["properties"], operation["operationId"]


def test_the_page_names_every_list_parameter_and_status_that_it_speaks_of() -> None:
    page = (ROOT / "docs" / "api-conventions.md").read_text()
    for word in [*STATUSES, *JOB, *OTHER_NAMES - {"from", "to", "start", "end"}]:
        assert f"`{word}`" in page, word
