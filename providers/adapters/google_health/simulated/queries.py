"""Queries of a simulated Google: filters by the members each type allows, newest first, in pages; totals of days."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from providers.adapters.google_health.collections import BY_PATH, CIVIL, PHYSICAL, SESSION_PAGE, TOTALS, GoogleDataType
from providers.adapters.google_health.simulated.lives import Point, days_of
from providers.simulator.state import VendorState
from wearlink.lib.clock import parse_rfc3339

_CLAUSE: Final = re.compile(r'([a-z0-9_]+)\.([a-z_.]+) (>=|<) "([^"]+)"')
SUMMED: Final = {"steps": ("count", "countSum"), "distance": ("millimeters", "millimetersSum")}


class BadFilter(ValueError):
    """A filter that the type does not know."""


def listed(one: GoogleDataType, account: str, state: VendorState, now: int) -> Iterator[Point]:
    """Yield what is over by now and was not deleted, newest first."""
    for day in days_of(account, state, now):
        for point in reversed(day.points(one.path)):
            if point["_id"] not in state.deleted and _ends(point, one) <= now:
                yield point


def filtered(one: GoogleDataType, text: str, found: Iterator[Point]) -> list[Point]:
    """Return the points that the filter accepts. Raises BadFilter."""
    clauses = [_CLAUSE.fullmatch(part) for part in text.split(" AND ")]
    allowed = {CIVIL[one.record], PHYSICAL.get(one.record, "")}
    if not all(clause and clause[1] == one.member and clause[2] in allowed for clause in clauses):
        raise BadFilter(text)
    return [point for point in found if all(_holds(point, one, clause) for clause in clauses if clause)]


def page(rows: list[Point], size: int, token: str, one: GoogleDataType) -> dict[str, Any]:
    """Sleep and exercise give 25 at the most."""
    size = min(size, SESSION_PAGE) if one.page == SESSION_PAGE else size
    begin = int(token.removeprefix("p-") or 0)
    shown = [{name: value for name, value in row.items() if name != "_id"} for row in rows[begin : begin + size]]
    more = f"p-{begin + size}" if begin + size < len(rows) else ""
    return {"dataPoints": shown, "nextPageToken": more}


def totals(path: str, asked: dict[str, Any], account: str, state: VendorState, now: int) -> dict[str, Any]:
    """Return days with something in them, oldest first; the last day is not among them."""
    first, last = (_date(asked["range"][end]["date"]) for end in ("start", "end"))
    rows, key = [], next(one.key for one in TOTALS if one.path == path)
    for day in days_of(account, state, now):
        if not first <= day.day.isoformat() < last:
            continue
        value = _sum_of(path, list(listed_on(day, path, state, now)))
        if value is not None:
            rows.append({"civilStartTime": {"date": _civil(day.day), "time": {}}, key: value})
    return {"rollupDataPoints": rows[::-1]}


def listed_on(day: Any, path: str, state: VendorState, now: int) -> Iterator[Point]:
    """Yield one day's points of a type."""
    one = BY_PATH.get(path) or BY_PATH["steps"]
    for point in day.points(one.path):
        if point["_id"] not in state.deleted and _ends(point, one) <= now:
            yield point


def _sum_of(path: str, points: list[Point]) -> Any:
    if not points:
        return None
    if path in SUMMED:
        field, name = SUMMED[path]
        return {name: str(sum(int(point[path][field]) for point in points))}
    if path == "total-calories":
        return {"kcalSum": 1500.0 + len(points) * 9}
    if path == "active-minutes":
        document = {"activityLevel": "LIGHT", "activeMinutesSum": str(len(points) * 3)}
        return {"activeMinutesRollupByActivityLevel": [document]}
    return None


def _holds(point: Point, one: GoogleDataType, clause: "re.Match[str]") -> bool:
    member, operator, asked = clause[2], clause[3], clause[4]
    if member in CIVIL.values():
        document = _wall(point, one)
        return document >= asked if operator == ">=" else document < asked
    at, limit = _moment(point, one), parse_rfc3339(asked)[0]
    return at >= limit if operator == ">=" else at < limit


def _moment(point: Point, one: GoogleDataType) -> int:
    value = point[one.key]
    if "sampleTime" in value:
        return parse_rfc3339(value["sampleTime"]["physicalTime"])[0]
    return parse_rfc3339(value["interval"]["endTime" if one.record == "sleep" else "startTime"])[0]


def _wall(point: Point, one: GoogleDataType) -> str:
    """Return what the clock showed, as a filter compares it."""
    value = point[one.key]
    if one.record == "daily":
        return _date(value["date"])
    shift = value["sampleTime"]["utcOffset"] if "sampleTime" in value else value["interval"]["startUtcOffset"]
    at = datetime.fromtimestamp(_moment(point, one) / 1000, UTC) + timedelta(seconds=int(shift.removesuffix("s")))
    return at.isoformat()[:19]


def _ends(point: Point, one: GoogleDataType) -> int:
    value = point[one.key]
    if one.record == "daily":
        return 0
    document = value["sampleTime"]["physicalTime"] if "sampleTime" in value else value["interval"]["endTime"]
    return parse_rfc3339(document)[0]


def _date(document: dict[str, int]) -> str:
    return f"{document['year']:04}-{document['month']:02}-{document['day']:02}"


def _civil(day: Any) -> dict[str, int]:
    return {"year": day.year, "month": day.month, "day": day.day}
