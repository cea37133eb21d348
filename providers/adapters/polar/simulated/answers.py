"""Polar's answers about an end user's data."""

from datetime import date, timedelta
from http import HTTPStatus
from typing import Final

from providers.adapters.polar.simulated import documents
from providers.adapters.polar.simulated.documents import PolarNight
from providers.simulator.state import VendorState
from providers.simulator.wire import SimulatedAnswer, SimulatedRequest

NOTHING: Final = SimulatedAnswer(HTTPStatus.NO_CONTENT)
MISSING: Final = SimulatedAnswer.json({"status": 404, "errorType": "not_found"}, HTTPStatus.NOT_FOUND)


def exercises(name: str, account: str, state: VendorState, now: int) -> SimulatedAnswer:
    """Return the list without samples, or one whole."""
    found = [
        documents.exercise(account, day, now, state.revisions[documents.exercise_id(account, day)])
        for day in documents.days(now)
    ]
    kept = [one for one in found if one is not None and one["id"] not in state.deleted]
    if not name:
        return SimulatedAnswer.json([{key: one[key] for key in one if key != "samples"} for one in kept])
    one = next((one for one in kept if one["id"] == name), None)
    return MISSING if one is None else SimulatedAnswer.json(one)


def of_user(
    name: str, rest: str, request: SimulatedRequest, account: str, state: VendorState
) -> SimulatedAnswer:  # fmt: skip
    """Return a document of a date, or those of a range of 28 days at most."""
    now, query = request.now, request.query
    nights = [PolarNight(account, day, state.revisions[day.isoformat()]) for day in documents.days(now)]
    known = [night for night in nights if night.is_known(now)]
    if name in ("sleep", "nightly-recharge"):
        rows = {one.day.isoformat(): one.sleep() if name == "sleep" else one.recharge() for one in known}
        if rest:
            return SimulatedAnswer.json(rows[rest]) if rest in rows else MISSING
        return SimulatedAnswer.json({"nights" if name == "sleep" else "recharges": list(rows.values())})
    if name == "physical-info":
        document = {"weight": 63.5, "height": 171.0, "modified": "2026-01-02T05:41:12Z", "weight_source": "SOURCE_USER"}
        return SimulatedAnswer.json(document)
    if name in ("biosensing", "sleepwise"):  # devices without these sensors
        return NOTHING
    one_day = rest.removeprefix("date").strip("/")
    first, last = (date.fromisoformat(one_day or query[edge]) for edge in ("from", "to"))
    if (last - first).days > 27:
        return SimulatedAnswer.json({"status": 400, "errorType": "invalid_request"}, HTTPStatus.BAD_REQUEST)
    asked = [first + timedelta(days=ahead) for ahead in range((last - first).days + 1)]
    listed = [day for day in asked if day <= documents.today(now)]
    if name == "activities":
        days = [documents.activity(account, day, now) for day in listed]
        return SimulatedAnswer.json(days[0] if one_day else days)
    if name == "continuous-heart-rate":
        rates = [documents.heart_rates(account, day, now) for day in listed]
        return SimulatedAnswer.json(rates[0] if one_day else {"heart_rates": rates})
    if name == "cardio-load":
        loads = [{"date": day.isoformat(), "cardio_load_status": "MAINTAINING", "cardio_load": 50.5} for day in listed]
        return SimulatedAnswer.json(loads)
    return NOTHING
