"""Faults: what is ordered beforehand happens to the next calls."""

import re
from http import HTTPStatus
from typing import Final

from providers.simulator.state import SimulatedFault
from providers.simulator.wire import SimulatedAnswer

#: instead of the answer, before the vendor looks at the call
BEFORE: Final = frozenset({"rate_limit", "error", "html", "unauthorized", "not_found", "gone"})
#: done to the answer
AFTER: Final = frozenset({"slow", "cut", "year_zero", "string_number", "empty_page"})
KINDS: Final = BEFORE | AFTER
_DAY: Final = re.compile(rb'("(?:day|start_date|bedtime_start|timestamp)":")\d{4}-\d\d-\d\d')
_NUMBER: Final = re.compile(rb'("(?:score|steps|bpm|distance|average_heart_rate)":)(-?\d+(?:\.\d+)?)')


def instead(fault: SimulatedFault, limit_headers: dict[str, str]) -> SimulatedAnswer:
    """Return the answer of a fault that comes before the vendor's own."""
    if fault.kind == "rate_limit":
        headers = {**limit_headers, "Retry-After": str(max(int(fault.seconds), 1))}
        return SimulatedAnswer.json({"message": "Rate Limit Exceeded"}, HTTPStatus.TOO_MANY_REQUESTS, headers)
    if fault.kind == "html":
        return SimulatedAnswer.page("<html><body>Down for maintenance</body></html>")
    if fault.kind == "unauthorized":
        return SimulatedAnswer.json({"detail": "Unauthorized"}, HTTPStatus.UNAUTHORIZED)
    if fault.kind == "gone":
        return SimulatedAnswer.json({"detail": "Gone"}, HTTPStatus.GONE)
    if fault.kind == "not_found":
        return SimulatedAnswer.json({"detail": "Not found"}, HTTPStatus.NOT_FOUND)
    return SimulatedAnswer.json({"detail": "Internal error"}, HTTPStatus.INTERNAL_SERVER_ERROR)


def done_to(answer: SimulatedAnswer, fault: SimulatedFault) -> SimulatedAnswer:
    """Return the answer with the fault."""
    body, cut, wait = answer.body, False, 0.0
    if fault.kind == "cut":
        cut = True
    elif fault.kind == "slow":
        wait = fault.seconds
    elif fault.kind == "year_zero":
        body = _DAY.sub(rb"\g<1>0000-00-00", body)
    elif fault.kind == "string_number":
        body = _NUMBER.sub(rb'\g<1>"\g<2>"', body)
    return SimulatedAnswer(answer.status, body, answer.headers, answer.content_type, cut, wait)
