"""Reading activities: list pages first, then each activity's detail, streams and zones."""

from collections.abc import Generator, Iterator
from datetime import UTC, date, datetime, time, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Final

from providers.contract import (
    BadAnswer,
    NotGranted,
    PartialFailure,
    RawDocument,
    VendorAnswer,
    VendorClient,
    VendorNotFound,
    Window,
    collect,
)

PER_PAGE: Final = 200
MAX_PAGES: Final = 200
PAYMENT_REQUIRED: Final = 402
STREAMS: Final = "time,distance,latlng,altitude,velocity_smooth,heartrate,cadence,watts,temp,moving,grade_smooth"
Items = Iterator[RawDocument | PartialFailure]


class ActivityPuller:
    """One fetch or notification. Remembers that zones are not for this athlete, so that it asks for them once."""

    def __init__(self, client: VendorClient) -> None:
        self.client = client
        self.zones_refused = False

    def window(self, window: Window) -> Items:
        """Activities that begin on these local days; the athlete too, where the window reaches today."""
        rows: list[dict[str, Any]] = []
        answered = ""
        after, before = _epoch(window.start, -1), _epoch(window.end, 2)  # local days reach beyond those of UTC
        for number in range(1, MAX_PAGES):
            params = {"after": after, "before": before, "page": number, "per_page": PER_PAGE}
            answer = self.client.raw("/athlete/activities", params)
            answered = answer.headers.get("date", "")
            found = _rows(answer)
            if found is None:
                yield RawDocument("activities", answer.body)
                yield PartialFailure(
                    "activities", "bad_answer", "A page is not the JSON that was expected; it is kept."
                )
                break
            if not found:
                break  # a short page need not be the last, an empty one is
            yield RawDocument("activities", answer.body, len(found))
            rows += found
        if _reaches(window, answered):
            yield from self.athlete()
        for row in rows:
            if _begins_in(row, window):
                yield from collect("activity", self.activity(str(row["id"]), manual=row.get("manual") is True))

    def athlete(self) -> Items:
        yield from collect("athlete", self._one("athlete", "/athlete"))
        yield from collect("athlete_zones", self._one("athlete_zones", "/athlete/zones"))

    def activity(self, activity_id: str, *, manual: bool = False) -> Items:
        """Detail, streams and zones as one document. Raises VendorNotFound if it is not there (for us)."""
        path = f"/activities/{activity_id}"
        detail = self.client.raw(path)
        parts = {"activity": detail.body}
        if not manual:  # nothing recorded them
            params = {"keys": STREAMS, "key_by_type": "true"}
            parts["streams"] = yield from self._part("streams", f"{path}/streams", params)
            if not self.zones_refused:
                parts["zones"] = yield from self._part("zones", f"{path}/zones")
        joined = b",".join(b'"%s":%s' % (name.encode(), body or b"null") for name, body in parts.items())
        yield RawDocument("activity", b"{%s}" % joined)

    def _part(
        self, kind: str, path: str, params: dict[str, str] | None = None
    ) -> "Generator[PartialFailure, None, bytes]":
        """Return a part's body, b"" where there is none; what is no JSON must not spoil the document it belongs to."""
        try:
            answer = self.client.raw(path, params)
            answer.json()
        except VendorNotFound:
            return b""
        except NotGranted:
            if kind == "zones":  # of subscribers only
                self.zones_refused = True
            else:
                yield PartialFailure(kind, "not_granted")
            return b""
        except BadAnswer as error:
            if error.status == PAYMENT_REQUIRED and kind == "zones":
                self.zones_refused = True
            else:
                yield PartialFailure(kind, error.code, str(error))
            return b""
        return answer.body

    def _one(self, kind: str, path: str) -> Iterator[RawDocument]:
        yield RawDocument(kind, self.client.raw(path).body)


def _rows(answer: VendorAnswer) -> list[dict[str, Any]] | None:
    try:
        found = answer.json()
    except BadAnswer:
        return None
    if not isinstance(found, list):
        return None
    return [row for row in found if isinstance(row, dict)]


def _begins_in(row: dict[str, Any], window: Window) -> bool:
    """Return whether the activity begins in the window by its local date: neighbouring windows fetch it once."""
    try:
        day = date.fromisoformat(str(row.get("start_date_local") or row.get("start_date"))[:10])
    except ValueError:
        return False
    return day in window and isinstance(row.get("id"), int)


def _reaches(window: Window, answered: str) -> bool:
    """Return whether the window ends on the day of the vendor's clock, or the answer tells no time."""
    try:
        today = parsedate_to_datetime(answered).date()
    except (ValueError, TypeError):
        return True
    return window.end >= today - timedelta(days=1)


def _epoch(day: date, shift: int) -> int:
    return int(datetime.combine(day + timedelta(days=shift), time(), UTC).timestamp())
