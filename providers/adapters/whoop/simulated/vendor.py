"""WHOOP's ways: pages of 25 by a token, limits stated in every answer, webhooks entered by hand."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from providers.adapters.whoop.collections import ACCESS_PATH, BODY_PATH, PAGE, PATHS, PROFILE_PATH, SCOPES
from providers.adapters.whoop.simulated import lives
from providers.adapters.whoop.simulated.lives import Document
from providers.simulator.noise import name_of
from providers.simulator.state import IssuedToken, VendorState
from providers.simulator.vendor import SimulatedVendor, Used
from providers.simulator.wire import SimulatedAnswer, SimulatedRequest
from wearlink.lib.clock import parse_rfc3339
from wearlink.lib.errors import InvalidInput

DASHBOARD: Final = "/dashboard/webhooks"  # in place of the page of the developer dashboard
MISSING: Final = {"error": "Not found"}


class SimulatedWhoop(SimulatedVendor):
    slug = "whoop"
    name = "WHOOP"
    people = {"700451": "Sara Strap", "700452": "Tim Band"}
    token_seconds = 3600
    windows = {"minute": (100, 60), "day": (10_000, 86_400)}

    def token_answer(self, access: str, refresh: str, token: IssuedToken, now: int, seconds: int) -> dict[str, Any]:
        """Return a token answer; a refresh token comes with the scope `offline` only."""
        answer = super().token_answer(access, refresh, token, now, seconds)
        if "offline" not in token.scopes:
            del answer["refresh_token"]
        return {**answer, "token_type": "bearer", "scope": " ".join(token.scopes)}

    def limit_headers(self, used: Used, *, over: bool) -> dict[str, str]:
        """Return three headers of the limit that is closest to its end; the reset is in seconds from now."""
        name = min(used, key=lambda one: used[one][0] - used[one][1])
        limit, count, _ = used[name]
        left, resets = max(limit - count, 0), 60 if name == "minute" else 3600
        stated = ", ".join([str(limit), *(f"{calls};window={s}" for calls, s in self.windows.values())])
        return {"X-RateLimit-Limit": stated, "X-RateLimit-Remaining": str(left), "X-RateLimit-Reset": str(resets)}

    def api(self, request: SimulatedRequest, token: IssuedToken, state: VendorState) -> SimulatedAnswer:
        """Answer /v2/…."""
        if (request.method, request.path) == ("DELETE", ACCESS_PATH):
            state.counts["revocations"] += 1
            state.end(token.account)
            return SimulatedAnswer(HTTPStatus.NO_CONTENT)
        if request.path == PROFILE_PATH:
            return SimulatedAnswer.json({"user_id": int(token.account), "first_name": "Sara", "last_name": "Strap"})
        if request.path == BODY_PATH:
            measured = {"height_meter": 1.74, "weight_kilogram": 66.5, "max_heart_rate": 189}
            return SimulatedAnswer.json(measured) if SCOPES["body_measurement"] in token.scopes else self.refused()
        kind, rest = _collection(request.path)
        if not kind:
            return SimulatedAnswer.json(MISSING, HTTPStatus.NOT_FOUND)
        if SCOPES["recovery" if rest.endswith("/recovery") else kind] not in token.scopes:
            return self.refused()
        rows = list(lives.listed(kind, token.account, state, request.now))
        if not rest:
            return _paged(rows, request, kind)
        name, _, part = rest.partition("/")
        if part == "recovery":
            rows, kind = list(lives.listed("recovery", token.account, state, request.now)), "recovery"
        key = "cycle_id" if kind == "recovery" else "id"
        found = next((row for row in rows if str(row[key]) == name), None)
        return SimulatedAnswer.json(MISSING, HTTPStatus.NOT_FOUND) if found is None else SimulatedAnswer.json(found)

    def app_api(self, request: SimulatedRequest, state: VendorState) -> SimulatedAnswer | None:
        """Return what a developer enters by hand: {"url": …}"""
        if request.path != DASHBOARD or request.method != "POST":
            return None
        state.subscriptions["dashboard"] = {"callback_url": request.json["url"]}
        return SimulatedAnswer(HTTPStatus.NO_CONTENT)

    def event(self, account: str, action: str, kind: str, object_id: str, state: VendorState, now: int) -> bytes:
        """Return a push; repetitions of one event have one trace_id."""
        answer = {"user_id": int(account), "id": object_id, "type": f"{kind}.{action}"}
        return SimulatedAnswer.json(
            {**answer, "trace_id": name_of("trace", account, kind, action, object_id, now)}
        ).body

    def sign(self, body: bytes, secret: str, now: int) -> dict[str, str]:
        """Return milliseconds and body, nothing in between."""
        mac = hmac.new(secret.encode(), str(now).encode() + body, hashlib.sha256).digest()
        return {"X-WHOOP-Signature-Timestamp": str(now), "X-WHOOP-Signature": base64.b64encode(mac).decode()}

    def challenge(self, subscription: Mapping[str, Any], word: str) -> tuple[dict[str, str], str]:
        return {}, ""

    def listeners(self, state: VendorState, action: str, kind: str) -> list[str]:
        """Return every address: each gets every event."""
        return [held["callback_url"] for held in list(state.subscriptions.values())]

    def newest(self, account: str, kind: str, now: int) -> str:
        """Return the id of the latest; a recovery goes by its sleep's."""
        for row in lives.listed(kind, account, VendorState(), now):
            if not row.get("nap"):
                return str(row["sleep_id" if kind == "recovery" else "id"])
        return ""

    def moved(self, account: str, before: int, now: int) -> list[tuple[str, str, str]]:
        """Return what ended, and what was scored since."""
        found = []
        for kind in ("sleep", "recovery", "workout"):
            name = "sleep_id" if kind == "recovery" else "id"
            known = {row[name]: row for row in lives.listed(kind, account, VendorState(), before)}
            for row in lives.listed(kind, account, VendorState(), now):
                if known.get(row[name], {}).get("score_state") != row["score_state"]:
                    found.append(("updated", kind, str(row[name])))
        return found


def _collection(path: str) -> tuple[str, str]:
    """Return the collection a path lies in, and what follows it."""
    for kind, base in PATHS.items():
        if path == base or path.startswith(f"{base}/"):
            return kind, path.removeprefix(base).strip("/")
    return "", ""


def _paged(rows: list[Document], request: SimulatedRequest, kind: str) -> SimulatedAnswer:
    """Return those that began or went on within [start, end)."""
    try:
        start, end = (parse_rfc3339(request.query[name])[0] for name in ("start", "end"))
        size, begin = int(request.query.get("limit", 10)), int(request.query.get("nextToken", "n-0").removeprefix("n-"))
    except (ValueError, KeyError, InvalidInput):
        return SimulatedAnswer.json({"error": "Bad request"}, HTTPStatus.BAD_REQUEST)
    if size > PAGE:
        return SimulatedAnswer.json({"error": "limit is 25 at most"}, HTTPStatus.BAD_REQUEST)
    begun = "created_at" if kind == "recovery" else "start"
    rows = [row for row in rows if start <= _at(row.get("end") or row[begun]) and _at(row[begun]) < end]
    more = f"n-{begin + size}" if begin + size < len(rows) else None
    return SimulatedAnswer.json({"records": rows[begin : begin + size], "next_token": more})


def _at(text: str) -> int:
    return parse_rfc3339(text)[0]
