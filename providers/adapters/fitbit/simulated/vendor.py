"""Fitbit's ways: local days, 150 calls an hour, subscriptions of each end user, and 410 once it is gone."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus
from typing import Any, Final

from providers.adapters.fitbit.collections import PROFILE_PATH
from providers.adapters.fitbit.simulated import answers
from providers.adapters.fitbit.simulated.lives import TrackerDay, now_there
from providers.simulator.pushes import knock
from providers.simulator.state import IssuedToken, VendorState
from providers.simulator.vendor import SimulatedVendor, Used
from providers.simulator.wire import SimulatedAnswer, SimulatedRequest

DASHBOARD: Final = "/dashboard/webhooks"  # in place of the page of the developer's site
DASHBOARD_NAME: Final = "dashboard"
SUBSCRIPTIONS: Final = "apiSubscriptions"
DENIED: Final = SimulatedAnswer.json(
    {"errors": [{"errorType": "insufficient_scope"}], "success": False}, HTTPStatus.FORBIDDEN
)
NOTHING: Final = SimulatedAnswer.json({"errors": [{"errorType": "not_found"}], "success": False}, HTTPStatus.NOT_FOUND)
NAMES: Final = {"sleep": "sleep_id", "activities": "run_id", "body": "weight_id"}


class SimulatedFitbit(SimulatedVendor):
    slug = "fitbit"
    name = "Fitbit"
    people = {"7QZWRX": "Ola Walks", "7QZWRY": "Jan Rests"}  # whom Google knows by other ids
    token_seconds = 28_800
    windows = {"hour": (150, 3600)}
    limits_each = True

    def settings(self, base: str, secret: str) -> dict[str, str]:
        return {"FITBIT_WEBHOOK_TOKEN": secret}

    def token_answer(self, access: str, refresh: str, token: IssuedToken, now: int, seconds: int) -> dict[str, Any]:
        fields = super().token_answer(access, refresh, token, now, seconds)
        return {**fields, "scope": " ".join(token.scopes), "user_id": token.account}

    def grant_refused(self) -> SimulatedAnswer:
        return SimulatedAnswer.json(
            {"errors": [{"errorType": "invalid_grant"}], "success": False}, HTTPStatus.BAD_REQUEST
        )

    def refused(self) -> SimulatedAnswer:
        return SimulatedAnswer.json(
            {"errors": [{"errorType": "expired_token"}], "success": False}, HTTPStatus.UNAUTHORIZED
        )

    def limit_headers(self, used: Used, *, over: bool) -> dict[str, str]:
        limit, count, _ = used["hour"]
        fields = {"Limit": limit, "Remaining": max(limit - count, 0), "Reset": 1800}
        return {f"Fitbit-Rate-Limit-{name}": str(value) for name, value in fields.items()}

    def api(self, request: SimulatedRequest, token: IssuedToken, state: VendorState) -> SimulatedAnswer:
        """Answer /1/user/-/… and /1.2/user/-/…."""
        path = request.path.partition("/user/-/")[2]
        if request.path == PROFILE_PATH:
            return SimulatedAnswer.json(answers.profile(token.account)) if "profile" in token.scopes else DENIED
        if SUBSCRIPTIONS in path:
            return _subscriptions(path, request, token, state)
        status, answer = answers.of_path(path, request, token.account, token.scopes, state)
        if status == HTTPStatus.OK:
            return SimulatedAnswer.json(answer)
        return DENIED if status == HTTPStatus.FORBIDDEN else NOTHING

    def app_api(self, request: SimulatedRequest, state: VendorState) -> SimulatedAnswer | None:
        """Return what a developer enters by hand: {"url": …, "code": …}. The address is tested at once."""
        if request.path != DASHBOARD or request.method != "POST":
            return None
        asked: dict[str, str] = request.json
        fields = [knock(asked["url"], query={"verify": code}) for code in (asked["code"], "a-wrong-one")]
        if fields != [204, 404]:
            return SimulatedAnswer.json({"statuses": fields}, HTTPStatus.BAD_REQUEST)
        state.subscriptions[DASHBOARD_NAME] = {"callback_url": asked["url"]}
        return SimulatedAnswer(HTTPStatus.NO_CONTENT)

    def event(self, account: str, action: str, kind: str, object_id: str, state: VendorState, now: int) -> bytes:
        """Return a list of one. The day is that of the document; only collections are named."""
        fields = {
            "collectionType": kind,
            "ownerId": account,
            "ownerType": "user",
            "subscriptionId": f"wearlink-{account}",
        }
        if kind != "userRevokedAccess":
            fields["date"] = _day_of(account, kind, object_id, now)
        return SimulatedAnswer.json([fields]).body

    def sign(self, body: bytes, secret: str, now: int) -> dict[str, str]:
        mac = hmac.new(f"{secret}&".encode(), body, hashlib.sha1).digest()
        return {"X-Fitbit-Signature": base64.b64encode(mac).decode()}

    def challenge(self, subscription: Mapping[str, Any], word: str) -> tuple[dict[str, str], str]:
        """None: the address is tested by its statuses."""
        return {}, ""

    def listeners(self, state: VendorState, action: str, kind: str) -> list[str]:
        """Return the subscriber, of what somebody subscribed to."""
        wanted = any(name.endswith(f"/{kind}") for name in state.subscriptions)
        held = state.subscriptions.get(DASHBOARD_NAME)
        return [held["callback_url"]] if held is not None and wanted else []

    def newest(self, account: str, kind: str, now: int) -> str:
        """Return the newest log's id; of foods the day."""
        for day in _back(account, now):
            if kind == "foods":
                if day.food()["summary"]["calories"]:
                    return f"foods-{day.day}"
            elif {"sleep": day.sleep, "activities": day.run, "body": day.weight}[kind]() is not None:
                return str(getattr(day, NAMES[kind]))
        return ""

    def moved(self, account: str, before: int, now: int) -> list[tuple[str, str, str]]:
        found = []
        for kind in ("sleep", "activities", "body", "foods"):
            fresh = self.newest(account, kind, now)
            if fresh != self.newest(account, kind, before):
                found.append(("update", kind, fresh))
        return found


def _back(account: str, now: int) -> list[TrackerDay]:
    today = now_there(now).date()
    return [TrackerDay(account, today - timedelta(days=ago), VendorState(), now) for ago in range(10)]


def _day_of(account: str, kind: str, object_id: str, now: int) -> str:
    if kind == "foods":
        return object_id.removeprefix("foods-")
    return next(f"{day.day}" for day in _back(account, now) if str(getattr(day, NAMES[kind])) == object_id)


def _subscriptions(path: str, request: SimulatedRequest, token: IssuedToken, state: VendorState) -> SimulatedAnswer:
    """Answer /apiSubscriptions.json and /{collection}/apiSubscriptions/{id}.json."""
    if request.method == "GET":
        mine = [held for name, held in state.subscriptions.items() if name.startswith(f"{token.account}/")]
        return SimulatedAnswer.json({SUBSCRIPTIONS: mine})
    collection, _, rest = path.partition("/")
    fields = {"collectionType": collection, "ownerId": token.account, "ownerType": "user"}
    fields["subscriptionId"] = rest.removeprefix(f"{SUBSCRIPTIONS}/").removesuffix(".json")
    known = state.subscriptions.setdefault(f"{token.account}/{collection}", fields)
    return SimulatedAnswer.json(known, HTTPStatus.OK if known is not fields else HTTPStatus.CREATED)
