"""The simulated Fitbit's answers to each address below /1/user/-/."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, Final

from providers.adapters.fitbit.simulated.lives import NAME, Document, TrackerDay, days_between, now_there
from providers.simulator.state import VendorState
from providers.simulator.wire import SimulatedRequest

#: pattern of the path below /user/-/ → scope and key of its list
_RANGE: Final = re.compile(r"(.+?)/date/(\d{4}-\d\d-\d\d)(?:/(\d{4}-\d\d-\d\d))?((?:/all|/1min|/1sec)?)\.json")
Days = list[TrackerDay]


def _values(key: str, value: Callable[[TrackerDay], Any]) -> Callable[[Days], Any]:
    """Return a list of dates with a value each."""

    def answer(days: Days) -> Any:
        return {key: [{"dateTime": f"{day.day}", "value": value(day)} for day in days if day.has_begun]}

    return answer


def _intraday(key: str, rows: Callable[[TrackerDay], list[Document]], unit: str) -> Callable[[Days], Any]:
    def answer(days: Days) -> Any:
        dataset = {"dataset": rows(days[0]), "datasetInterval": 1, "datasetType": unit}
        return {key: [{"dateTime": f"{days[0].day}", "value": "0"}], f"{key}-intraday": dataset}

    return answer


def _logs(key: str, one: Callable[[TrackerDay], Document | None]) -> Callable[[Days], Any]:
    return lambda days: {key: [found for day in days if (found := one(day)) is not None]}


ANSWERS: Final[dict[str, tuple[str, Callable[[Days], Any]]]] = {
    "activities": ("activity", lambda days: days[0].summary()),
    "activities/steps/1min": ("activity", _intraday("activities-steps", TrackerDay.steps, "minute")),
    "activities/heart/1sec": ("heartrate", _intraday("activities-heart", TrackerDay.pulse, "second")),
    "activities/active-zone-minutes": (
        "activity",
        _values("activities-active-zone-minutes", lambda _: {"activeZoneMinutes": 31}),
    ),
    "sleep": ("sleep", _logs("sleep", TrackerDay.sleep)),
    "hrv": ("heartrate", _values("hrv", lambda day: {"dailyRmssd": 30 + day.day.day, "deepRmssd": 33.0})),
    "hrv/all": ("heartrate", lambda _: {"hrv": []}),
    "spo2": (
        "oxygen_saturation",
        lambda days: [{"dateTime": f"{day.day}", "value": {"avg": 96.2}} for day in days if day.has_begun],
    ),
    "spo2/all": ("oxygen_saturation", lambda _: []),
    "br": ("respiratory_rate", _values("br", lambda _: {"breathingRate": 14.4})),
    "temp/core": ("temperature", lambda _: {"tempCore": []}),
    "temp/skin": ("temperature", _values("tempSkin", lambda _: {"nightlyRelative": -0.2})),
    "cardioscore": ("cardio_fitness", _values("cardioScore", lambda _: {"vo2Max": "41-45"})),
    "body/log/weight": ("weight", _logs("weight", TrackerDay.weight)),
    "body/log/fat": ("weight", lambda _: {"fat": []}),
    "foods/log": ("nutrition", lambda days: days[0].food()),
    "foods/log/water": ("nutrition", lambda days: {"water": [], "summary": {"water": 750 if days[0].has_begun else 0}}),
}


def profile(account: str) -> Document:
    return {"user": {"encodedId": account, "timezone": NAME, "height": 171.4, "weight": 70.2}}


def of_path(
    path: str, request: SimulatedRequest, account: str, scopes: tuple[str, ...], state: VendorState
) -> tuple[int, Any]:
    """Status and answer; 404 for what is no address, 403 for what was not granted."""
    if path == "activities/list.json":
        return (200, _activities(request, account, state)) if "activity" in scopes else (403, None)
    match = _RANGE.fullmatch(path)
    found = None if match is None else ANSWERS.get(match[1] + match[4])
    if match is None or found is None:
        return 404, None
    scope, answer = found
    if scope not in scopes:
        return 403, None
    first, last = date.fromisoformat(match[2]), date.fromisoformat(match[3] or match[2])
    return 200, answer(days_between(account, first, last, state, request.now))


def _activities(request: SimulatedRequest, account: str, state: VendorState) -> Document:
    """Return pages of five; the next one's address is on Fitbit's own host."""
    first = date.fromisoformat(request.query["afterDate"]) + timedelta(days=1)
    offset = int(request.query.get("offset", 0))
    days = days_between(account, first, now_there(request.now).date(), state, request.now)
    rows = [found for day in days if (found := day.run()) is not None]
    query = f"offset={offset + 5}&limit=100&sort=asc&afterDate={request.query['afterDate']}"
    link = f"https://api.fitbit.com/1/user/-/activities/list.json?{query}" if offset + 5 < len(rows) else ""
    return {"activities": rows[offset : offset + 5], "pagination": {"next": link}}
