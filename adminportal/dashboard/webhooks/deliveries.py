"""An endpoint's delivery log with its numbers, an attempt's request and response, and sending again."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from rest_framework.exceptions import ValidationError

from accounts.webhooks.api import answers, delivery_shapes
from accounts.webhooks.api.messages import find as find_message
from accounts.webhooks.api.pages import attempts_page
from accounts.webhooks.backends.chosen import chosen_backend
from accounts.webhooks.contract import Attempted, AttemptQuery, MessageNotFound, Statistics
from accounts.webhooks.endpoints import lifecycle, repeats
from accounts.webhooks.models import Endpoint
from adminportal.dashboard import acts, shown_once
from adminportal.dashboard.calls import ApiCall
from adminportal.dashboard.csv_files import CsvAnswer
from adminportal.dashboard.shell import TenantRequest, page, show, show_part, wants_part
from adminportal.dashboard.webhooks import event_picker, log_filter
from adminportal.dashboard.webhooks.endpoints import PATH, state_of
from adminportal.kit import charts
from adminportal.kit.charts import BarChart
from adminportal.kit.tables import TableColumn, csv_lines
from wearlink.lib import clock
from wearlink.lib.api import bodies
from wearlink.lib.errors import InvalidInput

STATISTICS_DAYS: Final = 28
TEST_TYPE: Final = "workout.created"


COLUMNS: Final = (  # of the file
    TableColumn("When", lambda one: one.created_at),
    TableColumn("Event", lambda one: one.event_type),
    TableColumn("Message", lambda one: one.message_id),
    TableColumn("Attempt", lambda one: one.id),
    TableColumn("Number", lambda one: one.number),
    TableColumn("Outcome", lambda one: "succeeded" if one.succeeded else "failed"),
    TableColumn("Status", lambda one: one.status_code),
    TableColumn("Error", lambda one: one.error),
    TableColumn("Milliseconds", lambda one: one.duration_ms),
    TableColumn("By hand", lambda one: "yes" if one.manual else "no"),
)


@dataclass(frozen=True, slots=True)
class EndpointFigures:
    """Numbers of four weeks. share: of those that are over, how many arrived; None where none is."""

    counts: Statistics
    share: float | None
    chart: BarChart | None


@page(section="webhooks")
def log(request: TenantRequest, endpoint_id: str) -> HttpResponseBase:
    """Return how the endpoint does, and its attempts as the address filters them; as ?format=csv all of these."""
    endpoint = lifecycle.find(request.organization, endpoint_id)
    asked = log_filter.asked_for(request, "event_types", "status", "start_time", "end_time")
    if request.GET.get("format") == "csv":
        return _file(request, endpoint, asked)
    problem, rows, following = "", list[Attempted](), None
    try:
        rows, following = attempts_page(endpoint, log_filter.read(delivery_shapes.AttemptsQuery, asked))
    except (InvalidInput, ValidationError) as error:
        problem = log_filter.fault_of(error)
    context = {
        "endpoint": endpoint,
        "state": state_of(endpoint),
        "figures": _figures(endpoint),
        "rows": rows,
        "following": following,
        "asked": asked,
        "problem": problem,
        "type_names": event_picker.names(),
        "test_type": TEST_TYPE,
        "days": (("1", "the last day"), ("7", "the last 7 days"), ("30", "the last 30 days")),
        "shown": shown_once.take(request),
        "calls": _calls(endpoint),
    }
    if wants_part(request):
        return show_part(request, "webhooks/log", {**context, "request": request})
    return show(request, "webhooks/endpoint", endpoint.description or endpoint.url, context)


@page(section="webhooks")
def attempt(request: TenantRequest, endpoint_id: str, attempt_id: str) -> HttpResponse:
    """Return what was sent and what was answered; a fragment for the opened row of the log, else a page.

    ?at= is when the attempt was made, by which the backend's log finds it.
    """
    endpoint = lifecycle.find(request.organization, endpoint_id)
    found = _find_attempt(endpoint, attempt_id, parse_datetime(request.GET.get("at", "").replace(" ", "+")))
    context = {"endpoint": endpoint, "one": found, "shown": answers.attempt(found), "sent": _pretty(found.body)}
    if wants_part(request):
        return show_part(request, "webhooks/attempt_body", {**context, "request": request})
    return show(request, "webhooks/attempt", "Delivery attempt", context)


@page("POST", section="webhooks")
def test(request: TenantRequest, endpoint_id: str) -> HttpResponse:
    """Send the example of an event type to this endpoint."""
    endpoint = lifecycle.find(request.organization, endpoint_id)

    def do() -> str:
        data = {"event_type": request.POST.get("event_type", "")}
        values = bodies.validate(delivery_shapes.TestEventSerializer(data=data))
        return chosen_backend().test(endpoint, values["event_type"])

    return acts.carry_out(
        request, do, lambda name: f"A test event is on its way as {name}. Reload in a moment.", _back(endpoint),
        audited=False,
    )  # fmt: skip


@page("POST", section="webhooks")
def recover(request: TenantRequest, endpoint_id: str) -> HttpResponse:
    """Send again what was missed in the last days."""
    endpoint = lifecycle.find(request.organization, endpoint_id)

    def do() -> int | None:
        days = request.POST.get("days", "")
        if days not in {"1", "7", "30"}:
            raise InvalidInput.on("days", "must be 1, 7 or 30.")
        return repeats.recover(endpoint, clock.now() - timedelta(days=int(days)))

    return acts.carry_out(request, do, _recovered, _back(endpoint), audited=False)


@page("POST", section="webhooks")
def retry(request: TenantRequest, endpoint_id: str) -> HttpResponse:
    endpoint = lifecycle.find(request.organization, endpoint_id)
    return acts.carry_out(
        request,
        lambda: repeats.retry(endpoint),
        lambda n: f"{n} waiting {'delivery is' if n == 1 else 'deliveries are'} tried now." if n else "Nothing waits.",
        _back(endpoint),
        audited=False,
    )


@page("POST", section="webhooks")
def resend(request: TenantRequest, endpoint_id: str, message_id: str) -> HttpResponse:
    """Send a message once more to this endpoint."""
    endpoint = lifecycle.find(request.organization, endpoint_id)
    message = find_message(request.organization, message_id)
    return acts.carry_out(
        request,
        lambda: chosen_backend().resend(endpoint, message),
        lambda _: f"{message.type} ({message.id}) is sent again. Reload in a moment.",
        _whence(request, endpoint, message_id),
        audited=False,
    )


@page("POST", section="webhooks")
def retry_one(request: TenantRequest, endpoint_id: str, message_id: str) -> HttpResponse:
    """Make the waiting retry of one message now."""
    endpoint = lifecycle.find(request.organization, endpoint_id)
    message = find_message(request.organization, message_id)
    return acts.carry_out(
        request,
        lambda: chosen_backend().retry(endpoint, message),
        lambda n: f"{message.type} ({message.id}) is tried now." if n else "That message waits for no retry.",
        _whence(request, endpoint, message_id),
        audited=False,
    )


def _file(request: TenantRequest, endpoint: Endpoint, asked: Mapping[str, str]) -> HttpResponseBase:
    """Return the log as CSV; back to the page, which says why, where a filter cannot be read."""
    try:
        log_filter.read(delivery_shapes.AttemptsQuery, asked)
    except (InvalidInput, ValidationError):
        return redirect(f"{_back(endpoint)}?{urlencode(asked)}")
    name = f"deliveries-{endpoint.id}"
    return CsvAnswer(request.organization.pk, name, csv_lines(COLUMNS, _every(endpoint, asked)))


def _every(endpoint: Endpoint, asked: Mapping[str, str]) -> Iterator[Attempted]:
    """Attempts page by page, as they are read."""
    following = asked.get("cursor")
    while True:
        more = {**asked, "cursor": following} if following else asked
        rows, following = attempts_page(endpoint, log_filter.read(delivery_shapes.AttemptsQuery, more))
        yield from rows
        if following is None:
            return


def _whence(request: TenantRequest, endpoint: Endpoint, message_id: str) -> str:
    """Return the message's own page, if the button was there."""
    if request.POST.get("from") == "message":
        return reverse("dashboard:webhook-message", args=[message_id])
    return _back(endpoint)


def _back(endpoint: Endpoint) -> str:
    return reverse("dashboard:webhook", args=[endpoint.id])


def _recovered(count: int | None) -> str:
    if count is None:
        return "What was missed is sent again."
    if count == 0:
        return "Nothing was missed in that time."
    return f"{count:,} missed {'message is' if count == 1 else 'messages are'} sent again."


def _find_attempt(endpoint: Endpoint, attempt_id: str, at: datetime | None) -> Attempted:
    """Return the attempt. Raises MessageNotFound."""
    if at is not None and at.tzinfo is not None:
        around = AttemptQuery(
            limit=100, since=at - timedelta(milliseconds=1), until=at + timedelta(milliseconds=1), with_content=True
        )
        for one in chosen_backend().attempts(endpoint, around).rows:
            if one.id == attempt_id:
                return one
    raise MessageNotFound("There is no such attempt.")


def _pretty(body: bytes | None) -> str:
    """Return the JSON that was sent, for reading; what is signed is the body without these blanks."""
    if body is None:
        return ""
    try:
        return json.dumps(json.loads(body), indent=2, ensure_ascii=False)
    except ValueError:
        return body.decode(errors="replace")


def _figures(endpoint: Endpoint) -> EndpointFigures:
    end = clock.now()
    found = chosen_backend().statistics(endpoint, end - timedelta(days=STATISTICS_DAYS), end)
    over = found.delivered + found.failed
    return EndpointFigures(found, 100 * found.delivered / over if over else None, _chart(found, end))


def _chart(found: Statistics, end: datetime) -> BarChart | None:
    if not found.by_day:
        return None
    by_day: dict[str, float] = {}
    for one in found.by_day:
        by_day[one.day.isoformat()] = by_day.get(one.day.isoformat(), 0) + one.delivered
    days = [(end - timedelta(days=back)).date() for back in range(STATISTICS_DAYS - 1, -1, -1)]
    rows: Sequence[tuple[str, float]] = [(charts.day_label(day), by_day.get(day.isoformat(), 0)) for day in days]
    return charts.bars("Delivered, 28 days (UTC)", "messages a day", rows)


def _calls(endpoint: Endpoint) -> list[ApiCall]:
    one = f"{PATH}/{endpoint.id}"
    since: dict[str, Any] = {"start_time": f"{clock.now() - timedelta(days=7):%Y-%m-%dT00:00:00Z}"}
    return [
        ApiCall("GET", f"{one}/attempts", "read the delivery log", query={"status": "failed"}),
        ApiCall("GET", f"{one}/statistics", "count deliveries"),
        ApiCall("POST", f"{one}/test", "send a test event", {"event_type": TEST_TYPE}),
        ApiCall("POST", f"{one}/recover", "send again what was missed", since),
        ApiCall("POST", f"{one}/retry", "make waiting retries now"),
    ]
