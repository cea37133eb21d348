"""Pulling from Fitbit. Most of its times are on the wearer's clock without a zone, so documents carry the profile's."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

import msgspec

from providers.adapters.fitbit.collections import (
    BY_KIND,
    EXERCISE,
    EXERCISE_PATH,
    PAGE,
    PROFILE,
    PROFILE_PATH,
    PUSHED,
    RANGES,
    FitbitResource,
)
from providers.contract import (
    BadAnswer,
    NotGranted,
    NotReady,
    PartialFailure,
    RawDocument,
    VendorClient,
    VendorNotFound,
    Window,
    collect,
)

Found = Iterator[RawDocument | PartialFailure]
DAY: Final = timedelta(days=1)
MAX_PAGES: Final = 50
PENDING: Final = "pending"


def of_window(client: VendorClient, window: Window) -> Found:
    """Yield all of some days whose scope was given."""
    zone, profile = _profile(client)
    yield from profile
    for one in RANGES:
        if _granted(client, one.scope):
            yield from collect(one.kind, _range(client, one, window, zone))
    if _granted(client, "activity"):
        yield from collect(EXERCISE, _exercise(client, window, zone))


def of_day(client: VendorClient, collection: str, window: Window) -> Found:
    """Yield what a push of a collection is about. Raises NotReady after a night that is still being computed."""
    zone, _ = _profile(client)
    pending = False
    for kind in PUSHED[collection]:
        scope = "activity" if kind == EXERCISE else BY_KIND[kind].scope
        if not _granted(client, scope):
            continue
        pages = _exercise(client, window, zone) if kind == EXERCISE else _range(client, BY_KIND[kind], window, zone)
        for found in collect(kind, pages):
            pending = pending or (isinstance(found, PartialFailure) and found.code == NotReady.code)
            yield found
    if pending:
        raise NotReady("Fitbit is still computing the night.")


def _granted(client: VendorClient, scope: str) -> bool:
    given = client.grant.scopes
    return not given or scope in given


def _profile(client: VendorClient) -> tuple[str, list[RawDocument | PartialFailure]]:
    """Return the zone of its clock, and its document; neither where the scope was not given."""
    if not _granted(client, PROFILE):
        return "", []
    try:
        body = client.raw(PROFILE_PATH).body
        found = msgspec.json.decode(body)
        zone = found["user"]["timezone"]
    except (NotGranted, VendorNotFound, BadAnswer) as error:
        return "", [PartialFailure(PROFILE, error.code, str(error))]
    except (msgspec.DecodeError, KeyError, TypeError):
        return "", [PartialFailure(PROFILE, BadAnswer.code, "The profile tells no time zone.")]
    return zone if isinstance(zone, str) else "", [RawDocument(PROFILE, body)]


def _range(client: VendorClient, one: FitbitResource, window: Window, zone: str) -> Iterator[RawDocument]:
    """Yield one document, or one a day. The first day that is refused ends it, since the others would be too."""
    for piece in _days(window) if one.by_day else (window,):
        asked = piece.widened(before=one.around, after=one.around)
        path = one.path.format(a=asked.start, b=asked.end, d=asked.start)
        answer = client.get(path)
        if isinstance(answer, dict) and isinstance(meta := answer.get("meta"), dict) and meta.get("state") == PENDING:
            raise NotReady("Fitbit is still computing it.")
        yield _document(one.kind, piece, zone, answer)


def _exercise(client: VendorClient, window: Window, zone: str) -> Iterator[RawDocument]:
    """Yield all workouts of the days in one document, and those of the days beside, since each is on its own clock. The
    list begins after a date; only its own links go further.
    """
    after, last = f"{window.start - 2 * DAY}", f"{window.end + DAY}"
    params: dict[str, Any] = {"afterDate": after, "sort": "asc", "limit": PAGE, "offset": 0}
    found: list[Any] = []
    for _ in range(MAX_PAGES):
        answer = client.get(EXERCISE_PATH, params)
        rows = answer.get("activities") if isinstance(answer, dict) else None
        if not isinstance(rows, list):
            raise BadAnswer("The list of workouts is not what was expected.")
        found += [row for row in rows if _start(row) <= last]
        paging = answer.get("pagination")
        link = paging.get("next") if isinstance(paging, dict) else ""
        if not rows or not isinstance(link, str) or not link or _start(rows[-1]) > last:
            break
        params = dict(parse_qsl(urlsplit(link).query))  # its host is not ours to believe
    yield _document(EXERCISE, window, zone, {"activities": found}, len(found))


def _start(row: Any) -> str:
    """Return the local date a workout began on; empty where it is not stated."""
    text = row.get("startTime") if isinstance(row, dict) else None
    return text[:10] if isinstance(text, str) else ""


def _document(kind: str, window: Window, zone: str, answer: Any, items: int = 1) -> RawDocument:
    joined = {"timezone": zone, "days": [f"{window.start}", f"{window.end}"], "answer": answer}
    return RawDocument(kind, msgspec.json.encode(joined), items)


def _days(window: Window) -> Iterator[Window]:
    day = window.start
    while day <= window.end:
        yield Window(day, day)
        day += DAY
