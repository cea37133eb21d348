"""Pulling: requests, and the documents that come back."""

from collections.abc import Iterator
from datetime import date, timedelta

import msgspec


class Window(msgspec.Struct, frozen=True):
    """Local days of the end user, both ends included."""

    start: date
    end: date

    def as_params(self, start: str = "start_date", end: str = "end_date") -> dict[str, str]:
        """Return it as query parameters: ISO dates under the vendor's names."""
        return {start: self.start.isoformat(), end: self.end.isoformat()}

    def widened(self, *, before: int = 0, after: int = 0) -> "Window":
        """Return some days longer at its ends, for vendors whose filters are stricter than they say."""
        return Window(self.start - timedelta(days=before), self.end + timedelta(days=after))

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and self.start <= day <= self.end


def windows(window: Window, days: int) -> Iterator[Window]:
    """Cut a window into pieces of at most `days` days, oldest first, without gap or overlap."""
    start = window.start
    while start <= window.end:
        end = min(start + timedelta(days=days - 1), window.end)
        yield Window(start, end)
        start = end + timedelta(days=1)


class RawDocument(msgspec.Struct, frozen=True):
    """One document as the vendor sent it, to be kept and then normalised.

    kind (at most 32 characters) comes back as ``context.kind``. Where one answer means nothing without another (a
    workout's streams without the workout), the adapter joins the raw answers into one JSON object. days: those it tells
    of, for vendors whose history is asked for.
    """

    kind: str
    body: bytes
    items: int = 1
    days: frozenset[date] = frozenset()


class PartialFailure(msgspec.Struct, frozen=True):
    """A part of a run that could not be fetched, while the rest could: the run ends completed_with_errors."""

    kind: str
    code: str
    detail: str = ""


class GrantedScopes(msgspec.Struct, frozen=True):
    """The scopes that the end user allows now, as the vendor answers: they replace those of the connection."""

    scopes: tuple[str, ...]


class Deleted(msgspec.Struct, frozen=True):
    """The vendor confirms that an object is no more: what was stored under the id is retracted."""

    external_id: str
