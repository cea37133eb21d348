"""Pulling from WHOOP. Recoveries carry no date and cycles are no days: both are kept with the ends of their sleeps."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import msgspec

from providers.adapters.whoop.collections import BODY, BODY_PATH, PAGE, PATHS, PENDING, SCOPES
from providers.contract import (
    BadAnswer,
    NotReady,
    PartialFailure,
    RawDocument,
    VendorClient,
    Window,
    collect,
)

ENDS = ("cycle_id", "end", "timezone_offset", "nap")  # what of a sleep dates its recovery and its cycle


class WhoopPuller:
    """One window or one notification; remembers the sleeps it has seen."""

    def __init__(self, client: VendorClient) -> None:
        self.client = client
        self.sleeps: dict[str, dict[str, Any]] = {}

    def window(self, window: Window) -> Iterator[RawDocument | PartialFailure]:
        """Yield all collections whose scope was given; sleeps first."""
        if self._granted(BODY):
            yield from collect(BODY, self._body())
        params = _params(window)
        for kind in PATHS:
            if self._granted(kind):
                for found in collect(kind, self._pages(kind, params)):
                    yield self._dated(found) if isinstance(found, RawDocument) else found

    def sleep(self, sleep_id: str) -> Iterator[RawDocument]:
        """Yield one sleep. Raises NotReady after it while its score is still being computed."""
        yield from self._scored("sleep", f"{PATHS['sleep']}/{quote(sleep_id, safe='')}")

    def workout(self, workout_id: str) -> Iterator[RawDocument]:
        """Yield one workout; as with sleeps."""
        yield from self._scored("workout", f"{PATHS['workout']}/{quote(workout_id, safe='')}")

    def recovery(self, sleep_id: str) -> Iterator[RawDocument]:
        """Yield the recovery after a sleep, and the cycle it began. A nap lies in a cycle too, but has no recovery."""
        sleep = self.client.get(f"{PATHS['sleep']}/{quote(sleep_id, safe='')}")
        if not isinstance(sleep, dict) or not isinstance(sleep.get("cycle_id"), int):
            raise BadAnswer("The sleep names no cycle.")
        self._remember([sleep])
        path = f"{PATHS['cycle']}/{sleep['cycle_id']}"
        if self._granted("cycle"):
            yield self._joined("cycle", [self.client.get(path)])
        found = self.client.get(f"{path}/recovery")
        if not isinstance(found, dict) or found.get("sleep_id") != sleep_id:
            return
        yield self._joined("recovery", [found])
        _check_ready(found)

    def _scored(self, kind: str, path: str) -> Iterator[RawDocument]:
        answer = self.client.raw(path)
        yield RawDocument(kind, answer.body)
        _check_ready(answer.json())

    def _body(self) -> Iterator[RawDocument]:
        yield RawDocument(BODY, self.client.raw(BODY_PATH).body)

    def _pages(self, kind: str, params: dict[str, str | int]) -> Iterator[RawDocument | PartialFailure]:
        return self.client.pages(
            kind, PATHS[kind], params, next_key="next_token", next_param="nextToken", items_key="records"
        )

    def _dated(self, page: RawDocument) -> RawDocument:
        if page.kind not in ("sleep", "cycle", "recovery"):
            return page
        rows = _records(page.body)
        if rows is None:
            return page
        if page.kind == "sleep":
            self._remember(rows)
            return page
        return self._joined(page.kind, rows)

    def _remember(self, rows: list[Any]) -> None:
        for row in rows:
            if isinstance(row, dict) and isinstance(row.get("id"), str):
                self.sleeps[row["id"]] = {name: row.get(name) for name in ENDS}

    def _joined(self, kind: str, rows: list[Any]) -> RawDocument:
        """Return the records with the sleeps that they belong to."""
        cycles = {row.get("id" if kind == "cycle" else "cycle_id") for row in rows if isinstance(row, dict)}
        sleeps = {name: sleep for name, sleep in self.sleeps.items() if sleep["cycle_id"] in cycles}
        return RawDocument(kind, msgspec.json.encode({"records": rows, "sleeps": sleeps}), len(rows))

    def _granted(self, kind: str) -> bool:
        given = self.client.grant.scopes
        return not given or SCOPES[kind] in given


def _records(body: bytes) -> list[Any] | None:
    """Return None for a page that is kept although nothing can be made of it."""
    try:
        document = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    rows = document.get("records") if isinstance(document, dict) else None
    return rows if isinstance(rows, list) else None


def _check_ready(document: Any) -> None:
    if isinstance(document, dict) and document.get("score_state") == PENDING:
        raise NotReady("WHOOP is still computing the score.")


def _params(window: Window) -> dict[str, str | int]:
    """Return the window's parameters, a day more at both ends: days are local, filters UTC, nights begin earlier."""
    days = window.widened(before=1, after=2)
    return {"limit": PAGE, "start": f"{days.start}T00:00:00.000Z", "end": f"{days.end}T00:00:00.000Z"}
