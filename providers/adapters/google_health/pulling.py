"""Pulling from Google Health: pages of data points, totals of days, and what a push is about.

Windows are asked for by wall time, which is what the end user's days are made of; stretches that a push names by
instant, as far as the type's filter allows that.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, Final

import msgspec

from providers.adapters.google_health.collections import (
    CIVIL,
    PHYSICAL,
    TOTAL_DAYS,
    TOTAL_OF,
    TOTALS,
    TYPES,
    UNANNOUNCED,
    WEARABLES,
    GoogleDataType,
    total_kind,
)
from providers.contract import (
    BadAnswer,
    NotReady,
    PartialFailure,
    RawDocument,
    VendorClient,
    Window,
    collect,
    windows,
)

Found = Iterator[RawDocument | PartialFailure]
DAY: Final = timedelta(days=1)
MAX_PAGES: Final = 1_000


class GoogleStretch(msgspec.Struct, frozen=True):
    """The reach of a push: days, and the instants (RFC 3339) where it names them. cleared: Google deletes there."""

    days: Window
    start: str = ""
    end: str = ""
    cleared: bool = False


def of_window(client: VendorClient, window: Window) -> Found:
    """Yield everything of some local days whose scope was given."""
    for one in TYPES:
        if granted(client, one):
            yield from collect(one.kind, _pages(client, one, _by_day(one, window)))
    for one in TOTALS:
        if granted(client, one):
            yield from collect(total_kind(one), _totals(client, one, window))


def of_stretch(client: VendorClient, one: GoogleDataType, stretch: GoogleStretch) -> Found:
    """Yield what there is of a type now, and the totals that change with it. Raises NotReady after a sleep that Google
    is still working on.
    """
    asked = _by_instant(one, stretch) or _by_day(one, stretch.days.widened(before=1, after=1))
    if stretch.cleared:
        yield _whole(one, stretch, list(_pages(client, one, asked)))
    else:
        yield from _watched(_pages(client, one, asked))
    for total in (one.path, *(UNANNOUNCED if one.path == "steps" else ())):
        if total in TOTAL_OF:
            yield from collect(total_kind(TOTAL_OF[total]), _totals(client, TOTAL_OF[total], stretch.days))


def granted(client: VendorClient, one: GoogleDataType) -> bool:
    given = client.grant.scopes
    return not given or not set(given).isdisjoint(one.scopes)


def _by_day(one: GoogleDataType, window: Window) -> str:
    return _filter(one, CIVIL[one.record], f"{window.start}", f"{window.end + DAY}")


def _by_instant(one: GoogleDataType, stretch: GoogleStretch) -> str:
    """Return an empty text where the type knows no such filter, or the push no instant."""
    member = PHYSICAL.get(one.record)
    if member is None or not stretch.start or not stretch.end:
        return ""
    return _filter(one, member, stretch.start, stretch.end, at_end=True)


def _filter(one: GoogleDataType, member: str, start: str, end: str, *, at_end: bool = False) -> str:
    """Google knows >= and < only; `at_end` takes what is at the very end too."""
    until = f'{one.member}.{member} < "{_after(end) if at_end else end}"'
    return f'{one.member}.{member} >= "{start}" AND {until}'


def _after(instant: str) -> str:
    whole = instant.rstrip("Zz").partition(".")[0]
    return f"{whole}.999Z"


def _pages(client: VendorClient, one: GoogleDataType, asked: str) -> Found:
    """Yield pages that hold something. One that is empty may still have a page after it."""
    params: dict[str, str | int] = {"filter": asked, "pageSize": one.page}
    if one.worn:
        params["dataSourceFamily"] = WEARABLES
    pages = client.pages(
        one.kind, one.points, params, next_key="nextPageToken", next_param="pageToken", items_key="dataPoints"
    )
    for page in pages:
        if isinstance(page, PartialFailure) or page.items:
            yield page


def _whole(one: GoogleDataType, stretch: GoogleStretch, pages: list[RawDocument | PartialFailure]) -> RawDocument:
    """Return all pages of a stretch in one document that says it is all there is. Raises BadAnswer where a page is
    broken.
    """
    points: list[Any] = []
    for failure in (page for page in pages if isinstance(page, PartialFailure)):
        raise BadAnswer(failure.detail)
    for page in (page for page in pages if isinstance(page, RawDocument)):
        points += msgspec.json.decode(page.body)["dataPoints"]
    start, end = stretch.start, stretch.end
    if not start or not end:  # on the end user's own clock
        start, end = f"{stretch.days.start}T00:00:00", f"{stretch.days.end + DAY}T00:00:00"
    cleared = {"start": start, "end": end, "days": _days(stretch.days)}
    return RawDocument(one.kind, msgspec.json.encode({"cleared": cleared, "dataPoints": points}), len(points))


def _watched(pages: Found) -> Found:
    pending = False
    for page in pages:
        yield page
        pending = pending or (isinstance(page, RawDocument) and page.kind == "sleep" and _is_pending(page.body))
    if pending:
        raise NotReady("Google is still working on the night.")


def _is_pending(body: bytes) -> bool:
    try:
        points = msgspec.json.decode(body)["dataPoints"]
        return any(point["sleep"]["metadata"]["processed"] is False for point in points)
    except (msgspec.DecodeError, KeyError, TypeError):
        return False


def _totals(client: VendorClient, one: GoogleDataType, window: Window) -> Iterator[RawDocument]:
    """Yield one document for each two weeks, with the days it is about."""
    for piece in windows(window, TOTAL_DAYS):
        found: list[Any] = []
        asked: dict[str, Any] = {
            "range": {"start": {"date": _civil(piece.start)}, "end": {"date": _civil(piece.end + DAY)}},
            "windowSizeDays": 1, "dataSourceFamily": WEARABLES,
        }  # fmt: skip
        for _ in range(MAX_PAGES):
            answer = client.request("POST", f"{one.points}:dailyRollUp", json=asked).json()
            if not isinstance(answer, dict):
                raise BadAnswer("Totals of days are not the JSON that was expected.")
            found += answer.get("rollupDataPoints") or []
            if not answer.get("nextPageToken"):
                break
            asked["pageToken"] = answer["nextPageToken"]
        body = {"days": _days(piece), "rollupDataPoints": found}
        yield RawDocument(total_kind(one), msgspec.json.encode(body), len(found))


def _days(window: Window) -> list[str]:
    length = (window.end - window.start).days + 1
    return [f"{window.start + number * DAY}" for number in range(length)]


def _civil(day: date) -> dict[str, int]:
    return {"year": day.year, "month": day.month, "day": day.day}
