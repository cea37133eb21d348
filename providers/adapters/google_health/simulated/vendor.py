"""Google's ways: restricted scopes, filters, empty pages with tokens, subscribers that are verified twice."""

import base64
from collections.abc import Mapping
from functools import lru_cache
from http import HTTPStatus
from typing import Any, Final

import msgspec
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from providers.adapters.google_health.collections import BY_PATH, IDENTITY_PATH, TOTAL_OF, GoogleDataType
from providers.adapters.google_health.simulated import queries
from providers.adapters.google_health.simulated.lives import Point, days_of
from providers.simulator.pushes import knock
from providers.simulator.state import IssuedToken, VendorState
from providers.simulator.vendor import SimulatedVendor
from providers.simulator.wire import SimulatedAnswer, SimulatedRequest

KEYS: Final = "/keys"
SUBSCRIBERS: Final = "/v4/projects/1234567890/subscribers"
KEY_ID: Final = 424_242
NO_TOKEN: Final = ""
LEGACY: Final = {"204060801030": "7QZWRX", "204060801031": "7QZWRY"}  # what Fitbit called them
MISSING: Final = SimulatedAnswer.json({"error": {"code": 404, "status": "NOT_FOUND"}}, HTTPStatus.NOT_FOUND)
DENIED: Final = SimulatedAnswer.json({"error": {"code": 403, "status": "PERMISSION_DENIED"}}, HTTPStatus.FORBIDDEN)


class SimulatedGoogleHealth(SimulatedVendor):
    slug = "google_health"
    name = "Google Health"
    people = {"204060801030": "Ola Walks", "204060801031": "Jan Rests"}
    token_seconds = 3599
    windows = {"minute": (300, 60)}
    limits_each = True
    rotates = False

    def settings(self, base: str, secret: str) -> dict[str, str]:
        """Return our word at the webhook, and where the keys are."""
        return {"GOOGLE_HEALTH_WEBHOOK_TOKEN": secret, "PROVIDER_GOOGLE_HEALTH_KEYS_URL": f"{base}{KEYS}"}

    def token_answer(self, access: str, refresh: str, token: IssuedToken, now: int, seconds: int) -> dict[str, Any]:
        return {**super().token_answer(access, refresh, token, now, seconds), "scope": " ".join(token.scopes)}

    def api(self, request: SimulatedRequest, token: IssuedToken, state: VendorState) -> SimulatedAnswer:
        """Answer /v4/users/me/…."""
        if request.path == IDENTITY_PATH:
            answer = {"healthUserId": token.account, "legacyUserId": LEGACY.get(token.account, "")}
            return SimulatedAnswer.json({"name": "users/me/identity", **answer})
        path, _, rest = request.path.removeprefix("/v4/users/me/dataTypes/").partition("/")
        one = TOTAL_OF.get(path) if rest == "dataPoints:dailyRollUp" else BY_PATH.get(path)
        if one is None or rest not in ("dataPoints", "dataPoints:dailyRollUp"):
            return MISSING
        if set(token.scopes).isdisjoint(one.scopes):
            return DENIED
        if rest != "dataPoints":
            return SimulatedAnswer.json(queries.totals(path, request.json, token.account, state, request.now))
        return _list(one, request, token.account, state)

    def app_api(self, request: SimulatedRequest, state: VendorState) -> SimulatedAnswer | None:
        """Return the keys, and the subscribers of the project."""
        if request.path == KEYS:
            state.counts["keys"] += 1
            return SimulatedAnswer.json(key_set())
        if request.path != SUBSCRIBERS or request.method != "POST":
            return None
        asked: dict[str, Any] = request.json
        address, secret = asked["endpointUri"], asked["endpointAuthorization"]["secret"]
        body = b'{"type":"verification"}'
        if knock(address, body, {"Authorization": secret}) not in (200, 201) or knock(address, body) not in (401, 403):
            return SimulatedAnswer.json(
                {"error": {"code": 400, "status": "FAILED_PRECONDITION"}}, HTTPStatus.BAD_REQUEST
            )
        name = request.query["subscriberId"]
        state.subscriptions[name] = {"callback_url": address, "types": asked["subscriberConfigs"][0]["dataTypes"]}
        return SimulatedAnswer.json({"name": f"operations/{name}", "done": True})

    def event(self, account: str, action: str, kind: str, object_id: str, state: VendorState, now: int) -> bytes:
        """Return a list of one. DELETE tells nothing but the time."""
        first, last = _interval(account, kind, object_id, now)
        answer: Point = {"version": "1", "healthUserId": account, "dataType": kind}
        answer["operation"] = "DELETE" if action == "delete" else "UPSERT"
        answer["intervals"] = [{"physicalTimeInterval": {"startTime": first, "endTime": last}}]
        return SimulatedAnswer.json([{"data": answer}]).body

    def sign(self, body: bytes, secret: str, now: int) -> dict[str, str]:
        der = _private_key().sign(body, ec.ECDSA(SHA256()))
        signature = base64.b64encode(b"\x01" + KEY_ID.to_bytes(4) + der).decode()
        return {"Authorization": f"Bearer {secret}", "GOOGLE-HEALTH-API-SIGNATURE": signature}

    def challenge(self, subscription: Mapping[str, Any], word: str) -> tuple[dict[str, str], str]:
        """None: the address is tested by its statuses."""
        return {}, ""

    def listeners(self, state: VendorState, action: str, kind: str) -> list[str]:
        return [held["callback_url"] for held in list(state.subscriptions.values()) if kind in held["types"]]

    def newest(self, account: str, kind: str, now: int) -> str:
        found = next(queries.listed(BY_PATH[kind], account, VendorState(), now), None)
        if found is not None and kind == "exercise":  # the band's own, which the other app copied
            return f"{found['_id'][:-1]}0"
        return "" if found is None else str(found["_id"])

    def moved(self, account: str, before: int, now: int) -> list[tuple[str, str, str]]:
        found = []
        for kind in ("sleep", "exercise", "steps"):
            known = {point["_id"] for point in queries.listed(BY_PATH[kind], account, VendorState(), before)}
            fresh = {point["_id"] for point in queries.listed(BY_PATH[kind], account, VendorState(), now)} - known
            found += [("update", kind, name) for name in sorted(fresh)]
        return found


def _list(one: GoogleDataType, request: SimulatedRequest, account: str, state: VendorState) -> SimulatedAnswer:
    query = request.query
    if "_empty_page" in query:  # a fault that was ordered
        return SimulatedAnswer.json({"dataPoints": [], "nextPageToken": "p-0"})
    try:
        if one.record == "sleep" and "dataSourceFamily" in query:
            raise queries.BadFilter("dataSourceFamily")
        rows = queries.filtered(one, query.get("filter", ""), queries.listed(one, account, state, request.now))
        answer = queries.page(rows, int(query.get("pageSize", 1440)), query.get("pageToken", NO_TOKEN), one)
    except ValueError:
        detail = {"code": 400, "status": "INVALID_ARGUMENT", "message": "INVALID_DATA_POINT_FILTER"}
        return SimulatedAnswer.json({"error": detail}, HTTPStatus.BAD_REQUEST)
    return SimulatedAnswer.json(answer)


def _interval(account: str, kind: str, object_id: str, now: int) -> tuple[str, str]:
    """Return the first and the last instant of the object of this id, deleted or not."""
    one, moments = BY_PATH[kind], []
    for day in days_of(account, VendorState(), now):
        for point in day.points(kind):
            if point["_id"] == object_id:
                value = point[one.key]
                span = value.get("interval") or dict.fromkeys(
                    ("startTime", "endTime"), value["sampleTime"]["physicalTime"]
                )
                moments += [span["startTime"], span["endTime"]]
    return min(moments), max(moments)


@lru_cache(maxsize=1)
def _private_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def key_set() -> dict[str, Any]:
    """Return the public half as Tink writes it: coordinates in a protocol buffer."""
    numbers = _private_key().public_key().public_numbers()
    pieces = b"".join(
        bytes([field << 3 | 2, 33]) + value.to_bytes(33) for field, value in ((3, numbers.x), (4, numbers.y))
    )
    encoded = base64.b64encode(bytes([2 << 3 | 2, 6, 8, 3, 16, 2, 24, 2]) + pieces).decode()
    data = {"typeUrl": "type.googleapis.com/google.crypto.tink.EcdsaPublicKey", "value": encoded}
    key = {"keyData": data, "status": "ENABLED", "keyId": KEY_ID, "outputPrefixType": "TINK"}
    return msgspec.to_builtins({"primaryKeyId": KEY_ID, "key": [key]})  # type: ignore[no-any-return]
