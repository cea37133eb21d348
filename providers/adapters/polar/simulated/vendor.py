"""Polar's ways: registration before data, 204 for nothing, tokens without end, one webhook with a secret."""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, Final

from providers.adapters.polar.simulated import answers, documents
from providers.adapters.polar.simulated.answers import MISSING, NOTHING
from providers.adapters.polar.simulated.documents import PolarNight
from providers.simulator.pushes import knock
from providers.simulator.state import IssuedToken, VendorState
from providers.simulator.vendor import SimulatedVendor, Used, fresh_id
from providers.simulator.wire import SimulatedAnswer, SimulatedRequest

USERS: Final = "/v3/users"
WEBHOOKS: Final = "/v3/webhooks"
REGISTERED: Final = "registered"  # kept among a token's scopes, so that it ends with the grant
REFUSED: Final = SimulatedAnswer.json({"status": 403, "errorType": "forbidden"}, HTTPStatus.FORBIDDEN)


class SimulatedPolar(SimulatedVendor):
    slug = "polar"
    name = "Polar"
    people = {"60418822": "Aino Runs", "60418899": "Eero Sleeps"}
    token_seconds = 315_359_999
    windows = {"15min": (500, 900), "day": (5000, 86_400)}

    def token_answer(self, access: str, refresh: str, token: IssuedToken, now: int, seconds: int) -> dict[str, Any]:
        """Return an answer without a refresh token, and with the account."""
        return {
            "access_token": access, "token_type": "bearer", "expires_in": seconds, "x_user_id": int(token.account),
        }  # fmt: skip

    def limit_headers(self, used: Used, *, over: bool) -> dict[str, str]:
        pair = [used["15min"], used["day"]]
        return {
            "RateLimit-Limit": ",".join(str(limit) for limit, _, _ in pair),
            "RateLimit-Usage": ",".join(str(count) for _, count, _ in pair),
            "RateLimit-Reset": ",".join(str(seconds) for seconds in (900, 86_400)),
        }

    def api(self, request: SimulatedRequest, token: IssuedToken, state: VendorState) -> SimulatedAnswer:
        """Answer /v3/users… and /v3/exercises…."""
        account, path = token.account, request.path
        if path == USERS and request.method == "POST":
            return _register(request, token, state)
        if path == f"{USERS}/{account}":
            if request.method == "DELETE":
                state.counts["revocations"] += 1
                state.end(account)
                return NOTHING
            return SimulatedAnswer.json({"polar-user-id": int(account)}) if _registered(state, account) else NOTHING
        if not _registered(state, account):
            return REFUSED
        if path.startswith("/v3/exercises"):
            return answers.exercises(path.removeprefix("/v3/exercises").strip("/"), account, state, request.now)
        name, _, day = path.removeprefix(f"{USERS}/").partition("/")
        return answers.of_user(name, day, request, account, state)

    def app_api(self, request: SimulatedRequest, state: VendorState) -> SimulatedAnswer | None:
        """Answer /v3/webhooks."""
        if not request.path.startswith(WEBHOOKS):
            return None
        if not request.headers.get("authorization", "").startswith("Basic "):
            return SimulatedAnswer.json({"status": 401}, HTTPStatus.UNAUTHORIZED)
        name = request.path.removeprefix(WEBHOOKS).strip("/")
        if request.method == "GET":
            answer = list(state.subscriptions.values())
            return SimulatedAnswer.json({"data": answer}) if answer else NOTHING
        if request.method == "DELETE":
            return NOTHING if state.subscriptions.pop(name, None) else MISSING
        if name == "activate":
            for one in state.subscriptions.values():
                one["active"] = True
            return SimulatedAnswer.json({})
        return self._subscribe(request, state)

    def _subscribe(self, request: SimulatedRequest, state: VendorState) -> SimulatedAnswer:
        asked: dict[str, Any] = request.json
        if state.subscriptions:
            return SimulatedAnswer.json({"status": 409}, HTTPStatus.CONFLICT)
        if not _ping(asked["url"]):
            return SimulatedAnswer.json({"status": 400}, HTTPStatus.BAD_REQUEST)
        made = {"id": fresh_id(), "events": asked["events"], "url": asked["url"]}
        state.counts["webhooks"] += 1
        state.subscriptions[made["id"]] = {**made, "active": True}
        return SimulatedAnswer.json({"data": {**made, "signature_secret_key": _secret()}}, HTTPStatus.CREATED)

    def event(self, account: str, action: str, kind: str, object_id: str, state: VendorState, now: int) -> bytes:
        """Return a push; Polar has one action only."""
        when = datetime.fromtimestamp(now / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        answer: dict[str, Any] = {
            "event": kind,
            "user_id": int(account),
            "timestamp": when,
            "url": "https://example.com",
        }
        if kind == "EXERCISE":
            answer["entity_id"] = object_id
        elif kind.startswith("SLEEP_WISE"):
            answer |= {"from": object_id, "to": object_id}
        elif kind != "PHYSICAL_INFORMATION":
            answer["date"] = object_id
        return SimulatedAnswer.json(answer).body

    def sign(self, body: bytes, secret: str, now: int) -> dict[str, str]:
        """Return it with the webhook's own secret, whatever the app's is."""
        return {"Polar-Webhook-Signature": hmac.new(_secret().encode(), body, hashlib.sha256).hexdigest()}

    def challenge(self, subscription: Mapping[str, Any], word: str) -> tuple[dict[str, str], str]:
        """None: a PING is answered by its status."""
        return {}, ""

    def listeners(self, state: VendorState, action: str, kind: str) -> list[str]:
        held = list(state.subscriptions.values())
        return [one["url"] for one in held if one["active"] and kind in one["events"]]

    def newest(self, account: str, kind: str, now: int) -> str:
        """Return an exercise's id, else a date."""
        found = [day for day in documents.days(now) if documents.exercise(account, day, now)]
        if kind == "EXERCISE":
            return documents.exercise_id(account, found[-1]) if found else ""
        nights = [day for day in documents.days(now) if PolarNight(account, day).is_known(now)]
        return nights[-1].isoformat()

    def moved(self, account: str, before: int, now: int) -> list[tuple[str, str, str]]:
        day = documents.today(now)
        found = [("create", "ACTIVITY_SUMMARY", day.isoformat())]
        if documents.exercise(account, day, now) and not documents.exercise(account, day, before):
            found.append(("create", "EXERCISE", documents.exercise_id(account, day)))
        night = PolarNight(account, day)
        if night.is_known(now) and not night.is_known(before):
            found.append(("create", "SLEEP", day.isoformat()))
        return found


def _secret() -> str:
    return hashlib.sha256(b"a simulated webhook").hexdigest()[:36]


def _ping(address: str) -> bool:
    body = SimulatedAnswer.json({"timestamp": "2026-01-01T00:00:00Z", "event": "PING"}).body
    return knock(address, body) == 200


def _registered(state: VendorState, account: str) -> bool:
    tokens = list(state.access.values())
    return any(token.account == account and REGISTERED in token.scopes for token in tokens)


def _register(request: SimulatedRequest, token: IssuedToken, state: VendorState) -> SimulatedAnswer:
    if not request.json.get("member-id"):
        return SimulatedAnswer.json({"status": 400}, HTTPStatus.BAD_REQUEST)
    if _registered(state, token.account):
        return SimulatedAnswer.json({"status": 409}, HTTPStatus.CONFLICT)
    state.counts["registrations"] += 1
    token.scopes = (*token.scopes, REGISTERED)
    return SimulatedAnswer.json({"polar-user-id": int(token.account), **request.json})
