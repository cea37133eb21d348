"""Oura's ways: strict date filters, pages with tokens, limits stated with a 429 only, subscriptions by topic."""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from http import HTTPStatus
from typing import Any, Final

from providers.adapters.oura.collections import BY_DATA_TYPE, COLLECTIONS
from providers.adapters.oura.simulated import days, documents
from providers.simulator.noise import name_of
from providers.simulator.pushes import shake_hands
from providers.simulator.state import IssuedToken, VendorState
from providers.simulator.vendor import SimulatedVendor, Used, fresh_id
from providers.simulator.wire import SimulatedAnswer, SimulatedRequest
from wearlink.lib.clock import parse_rfc3339
from wearlink.lib.errors import InvalidInput

BASE: Final = "/v2/usercollection/"
SUBSCRIPTIONS: Final = "/v2/webhook/subscription"
PAGE: Final = 25
ROWS: Final = 500  # of heart rates in a page
LIFE_DAYS: Final = 90
NEEDED: Final = {one.path: one.scopes for one in COLLECTIONS}
PUSHED: Final = {one.path: name for name, one in BY_DATA_TYPE.items()}


class SimulatedOura(SimulatedVendor):
    slug = "oura"
    name = "Oura"
    people = {name_of("oura", name): name for name in ("Mira Ring", "Tom Ring")}
    windows = {"app": (5000, 300)}

    def token_answer(self, access: str, refresh: str, token: IssuedToken, now: int, seconds: int) -> dict[str, Any]:
        """Return it with the granted scopes under the prefix of the new console."""
        answer = super().token_answer(access, refresh, token, now, seconds)
        return {**answer, "scope": " ".join(f"extapi:{scope}" for scope in token.scopes)}

    def limit_headers(self, used: Used, *, over: bool) -> dict[str, str]:
        """Five headers, with a 429 only."""
        if not over:
            return {}
        limit, _, ends = used["app"]
        answer = {"Limit": limit, "Window": 300, "Reset": ends, "Tier": "application"}
        return {"Retry-After": "1", **{f"X-RateLimit-{name}": str(value) for name, value in answer.items()}}

    def api(self, request: SimulatedRequest, token: IssuedToken, state: VendorState) -> SimulatedAnswer:
        """Answer /v2/usercollection/…."""
        collection, _, object_id = request.path.removeprefix(BASE).partition("/")
        if not request.path.startswith(BASE):
            return SimulatedAnswer.json({"detail": "Not found"}, HTTPStatus.NOT_FOUND)
        if collection == "personal_info":
            return SimulatedAnswer.json(documents.profile(token.account))
        if not set(NEEDED.get(collection, ())) & {*token.scopes}:
            return self.refused()  # a missing scope looks like a bad token
        if object_id:
            found = documents.find(collection, token.account, object_id, state, request.now)
            return (
                SimulatedAnswer.json({"detail": "Document not found"}, HTTPStatus.NOT_FOUND)
                if found is None
                else SimulatedAnswer.json(found)
            )
        try:
            return _paged(self._rows(collection, token.account, request, state), request, collection)
        except (ValueError, KeyError, InvalidInput):
            return SimulatedAnswer.json(
                {"detail": [{"loc": ["query"], "msg": "not valid", "type": "value_error"}]},
                HTTPStatus.UNPROCESSABLE_ENTITY,
            )

    def _rows(
        self, collection: str, account: str, request: SimulatedRequest, state: VendorState
    ) -> list[dict[str, Any]]:
        if collection == "ring_configuration":
            return [documents.ring()]
        if collection in ("heartrate", "ring_battery_level"):
            begin, end = (parse_rfc3339(request.query[f"{edge}_datetime"])[0] for edge in ("start", "end"))
            if end - begin > 30 * days.DAY_MS:
                raise ValueError("More than 30 days.")
            rows = list(days.heart_rates(account, begin, min(end, request.now)))
            return rows if collection == "heartrate" else [_battery(row) for row in rows[::288]]
        first, last = (date.fromisoformat(request.query[f"{edge}_date"]) for edge in ("start", "end"))
        after = timedelta(days=1) if collection == "sleep" else timedelta()  # its start is exclusive
        return documents.listed(collection, account, first + after, last - timedelta(days=1), state, request.now)

    def app_api(self, request: SimulatedRequest, state: VendorState) -> SimulatedAnswer | None:
        """Answer /v2/webhook/subscription…."""
        if not request.path.startswith(SUBSCRIPTIONS):
            return None
        if not request.headers.get("x-client-id") or not request.headers.get("x-client-secret"):
            return SimulatedAnswer.json({"detail": "Unauthorized"}, HTTPStatus.UNAUTHORIZED)
        name = request.path.removeprefix(SUBSCRIPTIONS).strip("/").removeprefix("renew/")
        if request.method == "GET":
            return SimulatedAnswer.json([_public_fields(held) for held in state.subscriptions.values()])
        if request.method == "POST":
            return self._subscribe(request, state)
        if name not in state.subscriptions:
            return SimulatedAnswer.json({"detail": "Forbidden"}, HTTPStatus.FORBIDDEN)
        if request.method == "DELETE":
            del state.subscriptions[name]
            return SimulatedAnswer(HTTPStatus.NO_CONTENT)
        state.subscriptions[name]["expiration_time"] = _expiry(request.now)
        return SimulatedAnswer.json(_public_fields(state.subscriptions[name]))

    def _subscribe(self, request: SimulatedRequest, state: VendorState) -> SimulatedAnswer:
        asked: dict[str, Any] = request.json
        topic = (asked["event_type"], asked["data_type"])
        if any((held["event_type"], held["data_type"]) == topic for held in state.subscriptions.values()):
            return SimulatedAnswer.json({"detail": "Subscription exists"}, HTTPStatus.CONFLICT)
        if not shake_hands(self, asked, asked["callback_url"]):
            return SimulatedAnswer.json({"detail": "The callback did not answer the challenge"}, HTTPStatus.BAD_REQUEST)
        made = {**asked, "id": fresh_id(), "expiration_time": _expiry(request.now)}
        state.subscriptions[made["id"]] = made
        return SimulatedAnswer.json(_public_fields(made), HTTPStatus.CREATED)

    def event(self, account: str, action: str, kind: str, object_id: str, state: VendorState, now: int) -> bytes:
        """Return a push; its time tells repetitions of one event apart from another event."""
        when = datetime.fromtimestamp(now / 1000, UTC).isoformat(timespec="milliseconds")
        answer = {"event_type": action, "data_type": PUSHED.get(kind, kind), "object_id": object_id}
        return SimulatedAnswer.json({**answer, "event_time": when, "user_id": account}).body

    def sign(self, body: bytes, secret: str, now: int) -> dict[str, str]:
        """Upper-case hex over timestamp and body."""
        timestamp = str(now // 1000)
        mac = hmac.new(secret.encode(), timestamp.encode() + body, hashlib.sha256).hexdigest().upper()
        return {"x-oura-timestamp": timestamp, "x-oura-signature": mac}

    def challenge(self, subscription: Mapping[str, Any], word: str) -> tuple[dict[str, str], str]:
        return {"verification_token": subscription["verification_token"], "challenge": word}, "challenge"

    def listeners(self, state: VendorState, action: str, kind: str) -> list[str]:
        """Return those subscribed to the topic."""
        topic = (action, PUSHED.get(kind, kind))
        held = list(state.subscriptions.values())
        return [one["callback_url"] for one in held if (one["event_type"], one["data_type"]) == topic]

    def newest(self, account: str, kind: str, now: int) -> str:
        """Return the id of the latest document."""
        end = documents.today(now)
        found = documents.listed(kind, account, end - timedelta(days=14), end, VendorState(), now)
        return str(found[-1]["id"]) if found else ""

    def moved(self, account: str, before: int, now: int) -> list[tuple[str, str, str]]:
        """Return the night in the morning, what ended, and the day that grows."""
        return list(documents.changed(account, before, now))


def _paged(rows: list[dict[str, Any]], request: SimulatedRequest, collection: str) -> SimulatedAnswer:
    """Return the page that the token names; an empty page with a token where that fault was ordered."""
    size = ROWS if collection == "heartrate" else PAGE
    begin = int(request.query.get("next_token", "0").removeprefix("row-"))
    if "_empty_page" in request.query:
        return SimulatedAnswer.json({"data": [], "next_token": f"row-{begin}"})
    end = begin + size
    return SimulatedAnswer.json({"data": rows[begin:end], "next_token": f"row-{end}" if end < len(rows) else None})


def _battery(row: dict[str, Any]) -> dict[str, Any]:
    stamp = {"timestamp": row["timestamp"], "timestamp_unix": row["timestamp_unix"]}
    return {**stamp, "level": 63, "charging": False, "in_charger": False}


def _public_fields(held: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in held.items() if name != "verification_token"}


def _expiry(now: int) -> str:
    ends = datetime.fromtimestamp(now / 1000, UTC) + timedelta(days=LIFE_DAYS)
    return ends.replace(tzinfo=None).isoformat(timespec="microseconds")
