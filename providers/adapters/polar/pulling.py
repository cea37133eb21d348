"""The addresses of Polar's data, and the answers that belong together.

An answer without a body (204) and a 404 both mean that there is nothing. A night is the sleep and the nightly recharge
of a date: the recharge has times of day only, and the sleep says on which clock.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any, Final
from urllib.parse import quote

import msgspec

from providers.contract import (
    BadAnswer,
    Notification,
    PartialFailure,
    RawDocument,
    VendorClient,
    VendorNotFound,
    Window,
    collect,
)
from providers.contract.clients import Params

USERS: Final = "/v3/users"
WHOLE: Final = {"samples": "true", "zones": "true", "route": "true"}
FLAGS: Final = {"steps": "true", "activity_zones": "true", "inactivity_stamps": "true"}
RANGES: Final[Mapping[str, str]] = {  # kind → path that takes from and to
    "heart_rate": f"{USERS}/continuous-heart-rate",
    "cardio_load": f"{USERS}/cardio-load/date",
    "body_temperature": f"{USERS}/biosensing/bodytemperature",
    "skin_temperature": f"{USERS}/biosensing/skintemperature",
    "spo2": f"{USERS}/biosensing/spo2",
    "ecg": f"{USERS}/biosensing/ecg",
    "alertness": f"{USERS}/sleepwise/alertness/date",
    "circadian_bedtime": f"{USERS}/sleepwise/circadian-bedtime/date",
}
SLEEP_WISE: Final = {"SLEEP_WISE_ALERTNESS": "alertness", "SLEEP_WISE_CIRCADIAN_BEDTIME": "circadian_bedtime"}
Found = Iterator[RawDocument | PartialFailure]


def of_window(client: VendorClient, window: Window) -> Found:
    """Yield all there is of some days."""
    yield from collect("physical_info", _bare(client, "physical_info", f"{USERS}/physical-info"))
    yield from collect("exercise", _exercises(client, window))
    yield from collect("night", _nights(client, window))
    days = window.as_params("from", "to")
    yield from collect("activity", _bare(client, "activity", f"{USERS}/activities", {**days, **FLAGS}))
    for kind in RANGES:
        yield from _range(client, kind, window)


def of_event(client: VendorClient, notification: Notification) -> Found:
    """Yield what a push is about. Raises VendorNotFound for what is not there yet."""
    kind, day = notification.kind, notification.start
    if kind == "EXERCISE":
        yield from _exercise_and_load(client, notification.object_id)
    elif kind == "PHYSICAL_INFORMATION":
        yield from _bare(client, "physical_info", f"{USERS}/physical-info")
    elif day is None:
        return
    elif kind == "SLEEP":
        yield _night(_asked(client, f"{USERS}/sleep/{day}"), _perhaps(client, f"{USERS}/nightly-recharge/{day}"))
        yield from _range(client, "skin_temperature", Window(day, day))
    elif kind == "ACTIVITY_SUMMARY":
        yield from _bare(client, "activity", f"{USERS}/activities/{day}", FLAGS)
    elif kind == "CONTINUOUS_HEART_RATE":
        yield from _bare(client, "heart_rate", f"{USERS}/continuous-heart-rate/{day}")
    else:
        yield from _range(client, SLEEP_WISE[kind], Window(day, notification.end or day))


def _range(client: VendorClient, kind: str, window: Window) -> Found:
    yield from collect(kind, _bare(client, kind, RANGES[kind], window.as_params("from", "to")))


def _bare(client: VendorClient, kind: str, path: str, params: Params | None = None) -> Iterator[RawDocument]:
    """Yield one answer unchanged; nothing where there is none."""
    try:
        body = client.raw(path, params).body
    except VendorNotFound:
        return
    if body.strip():
        yield RawDocument(kind, body)


def _exercises(client: VendorClient, window: Window) -> Iterator[RawDocument]:
    """Yield the window's exercises. The list knows no dates and goes back 30 days from the upload."""
    for row in _rows(_perhaps(client, "/v3/exercises"), "exercises"):
        if _day(row.get("start_time")) in window and isinstance(row.get("id"), str):
            yield from _bare(client, "exercise", f"/v3/exercises/{quote(row['id'], safe='')}", WHOLE)


def _exercise_and_load(client: VendorClient, name: str) -> Found:
    body = client.raw(f"/v3/exercises/{quote(name, safe='')}", WHOLE).body
    yield RawDocument("exercise", body)
    day = _day(_object(body).get("start_time"))
    if day is not None:
        yield from _range(client, "cardio_load", Window(day, day))


def _nights(client: VendorClient, window: Window) -> Iterator[RawDocument]:
    """Yield the window's nights. Both lists know no dates and go back 28 days."""
    sleeps = _by_day(_rows(_perhaps(client, f"{USERS}/sleep"), "nights"))
    recharges = _by_day(_rows(_perhaps(client, f"{USERS}/nightly-recharge"), "recharges"))
    for day in sorted({*sleeps, *recharges}):
        if day in window:
            yield _night(sleeps.get(day), recharges.get(day))


def _night(sleep: Any, recharge: Any) -> RawDocument:
    return RawDocument("night", msgspec.json.encode({"sleep": sleep, "nightly_recharge": recharge}))


def _asked(client: VendorClient, path: str) -> Any:
    """Return the answer decoded. Raises VendorNotFound for one without a body, too."""
    found = client.get(path)
    if found is None:
        raise VendorNotFound("Polar has nothing of it (yet).")
    return found


def _perhaps(client: VendorClient, path: str) -> Any:
    try:
        return client.get(path)
    except VendorNotFound:
        return None


def _rows(answer: Any, key: str) -> list[dict[str, Any]]:
    """Return the objects of a list, bare or under a key. Raises BadAnswer for what is neither."""
    rows = answer.get(key) if isinstance(answer, dict) else answer
    if rows is not None and not isinstance(rows, list):
        raise BadAnswer("A list of Polar's is none.")
    return [row for row in rows or () if isinstance(row, dict)]


def _by_day(rows: Iterable[dict[str, Any]]) -> dict[date, dict[str, Any]]:
    return {day: row for row in rows if (day := _day(row.get("date"))) is not None}


def _day(text: Any) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except (TypeError, ValueError):
        return None


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
