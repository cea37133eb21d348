"""Strava's ways: small limits stated in every answer, scopes stated in the redirect, one subscription an app."""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus
from typing import Any, Final

from providers.adapters.strava.simulated import activities
from providers.adapters.strava.simulated.activities import SimulatedActivity
from providers.simulator.pushes import shake_hands
from providers.simulator.state import IssuedToken, VendorState
from providers.simulator.vendor import SimulatedVendor, SimulatedWorkout, Used
from providers.simulator.wire import SimulatedAnswer, SimulatedRequest

SUBSCRIPTIONS: Final = "/push_subscriptions"
REFRESHED_MS: Final = 3_600_000
MISSING: Final = {
    "message": "Record Not Found",
    "errors": [{"resource": "SimulatedActivity", "field": "", "code": "not found"}],
}
SPORTS: Final = {"Run": "running", "TrailRun": "trail_running", "Swim": "swimming", "Ride": "cycling"}
READING: Final = frozenset({"activity:read", "activity:read_all"})


class SimulatedStrava(SimulatedVendor):
    slug = "strava"
    name = "Strava"
    people = {"88213407": "Eva Runs", "88213499": "Jan Rides", activities.MARATHON: "Ilse Peeters"}
    token_seconds = 21_600
    windows = {"15min": (200, 900), "day": (2000, 86_400), "read-15min": (100, 900), "read-day": (1000, 86_400)}
    scope_in_redirect = True
    scope_separator = ","

    def token_answer(self, access: str, refresh: str, token: IssuedToken, now: int, seconds: int) -> dict[str, Any]:
        """Return it with the athlete, and the end as a moment too."""
        answer = super().token_answer(access, refresh, token, now, seconds)
        athlete = {"id": int(token.account), "resource_state": 2, "weight": 61.5}
        return {**answer, "expires_at": now // 1000 + seconds, "athlete": athlete}

    def grant_refused(self) -> SimulatedAnswer:
        fault = {"resource": "RefreshToken", "field": "refresh_token", "code": "invalid"}
        return SimulatedAnswer.json({"message": "Bad Request", "errors": [fault]}, HTTPStatus.BAD_REQUEST)

    def refused(self) -> SimulatedAnswer:
        fault = {"resource": "Athlete", "field": "access_token", "code": "invalid"}
        return SimulatedAnswer.json({"message": "Authorization Error", "errors": [fault]}, HTTPStatus.UNAUTHORIZED)

    def limit_headers(self, used: Used, *, over: bool) -> dict[str, str]:
        """Return pairs of a quarter of an hour and a day; usage counts up, refused calls too."""
        found = {}
        for header, prefix in (("X-RateLimit", ""), ("X-ReadRateLimit", "read-")):
            pair = [used[f"{prefix}{name}"] for name in ("15min", "day")]
            found[f"{header}-Limit"] = ",".join(str(limit) for limit, _, _ in pair)
            found[f"{header}-Usage"] = ",".join(str(count) for _, count, _ in pair)
        return found

    def api(self, request: SimulatedRequest, token: IssuedToken, state: VendorState) -> SimulatedAnswer:
        """Answer /athlete… and /activities…."""
        parts = request.path.strip("/").split("/")
        profile = "profile:read_all" in token.scopes
        if parts == ["athlete"]:
            answer = {"id": int(token.account), "resource_state": 3, "sex": "F", "firstname": "Eva"}
            return SimulatedAnswer.json(answer | ({"weight": 61.5, "ftp": 218} if profile else {}))
        if parts == ["athlete", "zones"]:
            bounds = [(0, 118), (118, 147), (147, 162), (162, 176), (176, -1)]
            zones = [{"min": low, "max": high} for low, high in bounds]
            answer = {"heart_rate": {"custom_zones": False, "zones": zones}}
            return (
                SimulatedAnswer.json(answer)
                if profile
                else SimulatedAnswer.json({"message": "Authorization Error"}, HTTPStatus.FORBIDDEN)
            )
        if READING.isdisjoint(token.scopes):
            return SimulatedAnswer.json({"message": "Authorization Error"}, HTTPStatus.UNAUTHORIZED)
        if parts == ["athlete", "activities"]:
            return _list(request, token.account, state)
        if parts[0] == "activities" and len(parts) in (2, 3):
            return _one(parts[1], parts[2:], request, token.account, state)
        return SimulatedAnswer.json(MISSING, HTTPStatus.NOT_FOUND)

    def app_api(self, request: SimulatedRequest, state: VendorState) -> SimulatedAnswer | None:
        """Answer /push_subscriptions."""
        if not request.path.startswith(SUBSCRIPTIONS):
            return None
        who = request.form if request.method == "POST" else request.query
        if not who.get("client_id") or not who.get("client_secret"):
            return SimulatedAnswer.json({"message": "Authorization Error"}, HTTPStatus.UNAUTHORIZED)
        if request.method == "GET":
            return SimulatedAnswer.json([_public_fields(held) for held in state.subscriptions.values()])
        if request.method == "DELETE":
            gone = state.subscriptions.pop(request.path.removeprefix(f"{SUBSCRIPTIONS}/"), None)
            return (
                SimulatedAnswer(HTTPStatus.NO_CONTENT) if gone else SimulatedAnswer.json(MISSING, HTTPStatus.NOT_FOUND)
            )
        if state.subscriptions or not shake_hands(self, who, who["callback_url"]):
            return SimulatedAnswer.json({"message": "Bad Request"}, HTTPStatus.BAD_REQUEST)
        made = {**who, "id": 301177 + state.counts["subscriptions"]}
        state.counts["subscriptions"] += 1
        state.subscriptions[str(made["id"])] = made
        return SimulatedAnswer.json({"id": made["id"]}, HTTPStatus.CREATED)

    def event(self, account: str, action: str, kind: str, object_id: str, state: VendorState, now: int) -> bytes:
        """Return a push. `deauthorise` is what an end user's goodbye looks like."""
        answer: dict[str, Any] = {"owner_id": int(account), "event_time": now // 1000, "updates": {}}
        answer["subscription_id"] = next((held["id"] for held in state.subscriptions.values()), 0)
        if action == "deauthorise":
            answer |= {"object_type": "athlete", "object_id": int(account), "aspect_type": "update"}
            return SimulatedAnswer.json({**answer, "updates": {"authorized": "false"}}).body
        answer |= {"object_type": kind, "object_id": int(object_id or 0), "aspect_type": action}
        return SimulatedAnswer.json({**answer, "updates": {"title": "renamed"} if action == "update" else {}}).body

    def sign(self, body: bytes, secret: str, now: int) -> dict[str, str]:
        """Return the header as developers have reported it."""
        timestamp = str(now // 1000)
        mac = hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
        return {"X-Strava-Signature": f"t={timestamp},v1={mac}"}

    def challenge(self, subscription: Mapping[str, Any], word: str) -> tuple[dict[str, str], str]:
        answer = {"hub.mode": "subscribe", "hub.verify_token": subscription.get("verify_token", "")}
        return {**answer, "hub.challenge": word}, "hub.challenge"

    def listeners(self, state: VendorState, action: str, kind: str) -> list[str]:
        return [held["callback_url"] for held in list(state.subscriptions.values())]

    def newest(self, account: str, kind: str, now: int) -> str:
        found = list(activities.all_of(account, VendorState(), now)) if kind == "activity" else []
        return str(found[-1].id) if found else ""

    def workouts(self, account: str, first: int, last: int) -> list[SimulatedWorkout]:
        day, found = activities.today(first), []
        while day <= activities.today(last):
            plan = activities.plan_of(account, day)
            one = None if plan is None else SimulatedActivity(account, day, plan, VendorState())
            if one is not None and first <= one.start < last:
                sport = SPORTS.get(one.sport, "other")
                found.append(
                    SimulatedWorkout(str(one.id), sport, one.start, one.end, one.distance, one.kcal, one.pulse)
                )
            day += timedelta(days=1)
        return found

    def moved(self, account: str, before: int, now: int) -> list[tuple[str, str, str]]:
        found = activities.all_of(account, VendorState(), now)
        return [("create", "activity", str(one.id)) for one in found if before < one.end]


def _public_fields(held: Mapping[str, Any]) -> dict[str, Any]:
    return {"id": held["id"], "resource_state": 2, "callback_url": held["callback_url"]}


def _list(request: SimulatedRequest, account: str, state: VendorState) -> SimulatedAnswer:
    """Pages are shorter than asked for, although more may follow."""
    query = request.query
    after, before = int(query.get("after", 0)) * 1000, int(query.get("before", 10**11)) * 1000
    rows = [one.summary() for one in activities.all_of(account, state, request.now) if after < one.start < before]
    if "after" not in query:
        rows.reverse()
    size = max(min(int(query.get("per_page", 30)), 200) * 6 // 7, 1)
    begin = (int(query.get("page", 1)) - 1) * size
    return SimulatedAnswer.json(rows[begin : begin + size])


def _one(name: str, rest: list[str], request: SimulatedRequest, account: str, state: VendorState) -> SimulatedAnswer:
    found: SimulatedActivity | None = next(
        (one for one in activities.all_of(account, state, request.now) if str(one.id) == name), None
    )
    if found is None:
        return SimulatedAnswer.json(MISSING, HTTPStatus.NOT_FOUND)
    if not rest:
        return SimulatedAnswer.json(found.detail())
    if rest == ["streams"]:
        return SimulatedAnswer.json(found.streams())
    if rest == ["zones"] and account == "88213407":
        bounds = [(0, 118), (118, 147), (147, -1)]
        buckets = [{"min": low, "max": high, "time": found.seconds // 3} for low, high in bounds]
        return SimulatedAnswer.json([{"type": "heartrate", "distribution_buckets": buckets}])
    return SimulatedAnswer.json({"message": "Payment Required"}, HTTPStatus.PAYMENT_REQUIRED)
