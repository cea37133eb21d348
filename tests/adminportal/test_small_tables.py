"""Lists in memory: sorted by any column, searched, exported, several to a page."""

from typing import Any

import pytest
from django.test import Client, RequestFactory

from accounts.models import Developer, EndUser
from adminportal.kit.small_tables import ACT, SmallListing
from adminportal.kit.tables import TableColumn
from providers.models import Payload
from tests.adminportal.test_portal import signed_in

PARTS = SmallListing(
    name="parts",
    title="Parts",
    columns=[
        TableColumn("Part", lambda row: row[0]),
        TableColumn("Weight", lambda row: row[1], "number"),
        TableColumn("Again", lambda row: ("/x/", {}, "Again"), ACT),
    ],
)
ROWS = [
    ("wheel", 3),
    ("=frame", 9),
    ("bell", None),
    ("pedal", 1),
    ("chain", 2),
    ("lamp", 4),
    ("brake", 7),
    ("saddle", 8),
]


def shown(query: str) -> list[str]:
    table = PARTS.table(RequestFactory().get(f"/?{query}"), ROWS)
    return [row[0].value for row in table.rows]


def test_any_column_sorts_and_what_is_missing_comes_last() -> None:
    assert shown("parts-sort=Weight") == ["pedal", "chain", "wheel", "lamp", "brake", "saddle", "=frame", "bell"]
    assert shown("parts-sort=-Weight") == ["=frame", "saddle", "brake", "lamp", "wheel", "chain", "pedal", "bell"]
    assert shown("parts-sort=Again") == shown("parts-sort=nonsense") == shown("")


def test_search_looks_in_every_column_and_other_lists_stay_as_they_are() -> None:
    assert shown("parts-q=EEL") == ["wheel"]
    assert shown("other-q=eel&other-sort=-Part") == shown("")
    table = PARTS.table(RequestFactory().get("/?other-q=eel&parts-q=x"), ROWS)
    assert table.kept == [("other-q", "eel")]
    assert table.is_filtered


def test_a_file_holds_what_is_shown_without_buttons_and_nothing_that_runs() -> None:
    answer = PARTS.csv(RequestFactory().get("/?parts-sort=-Weight"), ROWS)
    lines = answer.content.decode().split("\r\n")
    assert lines[:2] == ["Part,Weight", "'=frame,9"]
    assert lines[-2] == "bell,"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("page", "table", "head"),
    [("cogs", "cost-lines", "Line,Quantity,Unit"), ("cogs", "plans-at-full-use", "Plan,Margin"),
     ("insights", "weekly-cohorts", "Week of,Registered,W0"), ("insights", "funnel", "Step,Organizations"),
     ("health", "largest-tables", "Table,Size"), ("jobs", "jobs", "Job,Last outcome"),
     ("", "plans", "Plan,Tenants"), ("review/quality", "calibration", "Confidence,Meals"),
     ("cogs/plans/scale", "plan-versions", "In force from,Price")],
)  # fmt: skip
def test_every_list_of_figures_is_a_file_too(root: Developer, page: str, table: str, head: str) -> None:
    answer = signed_in(root).get(f"/admin/{page}/".replace("//", "/") + f"?format=csv&table={table}")
    assert answer["Content-Type"].startswith("text/csv")
    assert answer.content.decode().startswith(head)


@pytest.mark.django_db
def test_what_is_no_dead_row_is_not_retried(root: Developer, jane: EndUser) -> None:
    client: Client = signed_in(root)
    Payload.objects.create(
        user_key=jane.key, organization_id=jane.organization_id, provider="apple", kind="sdk_sync", sha256=b"1" * 32,
        size=2, state=Payload.State.DONE,
    )  # fmt: skip
    for form in ({"kind": "payload"}, {"kind": "payload", "row": "x"}, {"kind": "tea", "row": ""}, {}):
        answer: Any = client.post("/admin/health/retry/", form, follow=True)
        assert "There is no such" in answer.content.decode()
    assert Payload.objects.get().state == "done"
