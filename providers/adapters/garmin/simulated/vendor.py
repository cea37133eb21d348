"""Garmin's ways: no polling; summaries are pushed or announced; history is asked for and comes by pushes."""

from collections.abc import Mapping
from datetime import date
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlsplit

from providers.adapters.garmin.simulated import activities, lives
from providers.adapters.garmin.simulated.clock import DAY, day_of, days
from providers.simulator.noise import name_of
from providers.simulator.state import IssuedToken, VendorState
from providers.simulator.vendor import SimulatedVendor
from providers.simulator.wire import SimulatedAnswer, SimulatedRequest

PERMISSIONS: Final = ("ACTIVITY_EXPORT", "HEALTH_EXPORT", "HISTORICAL_DATA_EXPORT")
HISTORY: Final = "HISTORICAL_DATA_EXPORT"
PORTAL: Final = "portal"  # in place of the page on which the webhooks' addresses are entered by hand
ADDRESS_SECRET: Final = "simulated-webhook-secret"  # noqa: S105 - of nobody
PUSH_DAYS: Final = 5  # of history in one push
KEYS: Final = {"pulseOx": "pulseox", "respiration": "allDayRespiration", "moveiq": "moveIQActivities"}
NO_DATA: Final = frozenset({"moveIQActivities", "healthSnapshot", "bloodPressures", "mct"})
KINDS: Final = frozenset({*lives.KINDS, *activities.KINDS})
MAX_RANGE_SECONDS: Final = 30 * DAY


class SimulatedGarmin(SimulatedVendor):
    slug = "garmin"
    name = "Garmin"
    people = {name_of("garmin", name).replace("-", ""): name for name in ("Nora Watch", "Emil Edge")}

    def settings(self, base: str, secret: str) -> dict[str, str]:
        """Return the secret at the end of the webhooks' address."""
        return {"GARMIN_WEBHOOK_TOKEN": ADDRESS_SECRET}

    def token_answer(self, access: str, refresh: str, token: IssuedToken, now: int, seconds: int) -> dict[str, Any]:
        """Return a token answer with the app's scope, whatever was allowed."""
        answer = super().token_answer(access, refresh, token, now, seconds)
        scope = "PARTNER_WRITE PARTNER_READ CONNECT_READ CONNECT_WRITE"
        return {**answer, "token_type": "bearer", "scope": scope, "refresh_token_expires_in": 7_775_998, "jti": "sim"}

    def signed_in(self, state: VendorState, request: SimulatedRequest, redirect_uri: str) -> None:
        """Store what a developer enters in the portal: the address of webhooks, which is that of the app."""
        parts = urlsplit(redirect_uri)
        state.subscriptions[PORTAL] = {
            "callback_url": f"{parts.scheme}://{parts.netloc}/v1/webhooks/garmin/secret/{ADDRESS_SECRET}",
            "base": f"http://{request.headers.get('host', '')}/garmin",
        }

    def api(self, request: SimulatedRequest, token: IssuedToken, state: VendorState) -> SimulatedAnswer:
        if request.path == "/user/id":
            return SimulatedAnswer.json({"userId": token.account})
        if request.path == "/user/permissions":
            return SimulatedAnswer.json(_permissions(token))
        if (request.method, request.path) == ("DELETE", "/user/registration"):
            state.counts["revocations"] += 1
            state.end(token.account)
            state.outbox.append((token.account, "push", "deregistrations", ""))
            return SimulatedAnswer(HTTPStatus.NO_CONTENT)
        kind = request.path.removeprefix("/backfill/")
        if kind != request.path:
            return self._history(KEYS.get(kind, kind), token, request, state)
        return self._announced(request, token, state)

    def _history(self, kind: str, token: IssuedToken, request: SimulatedRequest, state: VendorState) -> SimulatedAnswer:
        """Return 202 and nothing else; the summaries come later. A range may be asked for once."""
        state.counts[f"backfill:{kind}"] += 1
        if HISTORY not in _permissions(token):
            return SimulatedAnswer.json({"errorMessage": "User has not granted historical data"}, HTTPStatus.FORBIDDEN)
        if kind == "mct":
            return SimulatedAnswer.json(
                {"errorMessage": "Endpoint not enabled for summary type: CONNECT_MCT"}, HTTPStatus.BAD_REQUEST
            )
        try:
            first, last = (int(request.query[f"summary{edge}TimeInSeconds"]) for edge in ("Start", "End"))
        except (KeyError, ValueError):
            return SimulatedAnswer.json({"errorMessage": "Bad request"}, HTTPStatus.BAD_REQUEST)
        if last - first > MAX_RANGE_SECONDS:
            return SimulatedAnswer.json({"errorMessage": "Time range exceeds 30 days"}, HTTPStatus.BAD_REQUEST)
        if last < request.now // 1000 - 62 * DAY:
            return SimulatedAnswer.json(
                {"errorMessage": "Start time is before minimum start time"}, HTTPStatus.BAD_REQUEST
            )
        asked = f"asked:{token.account}:{kind}:{first}:{last}"
        if asked in state.deleted:
            return SimulatedAnswer.json({"errorMessage": "Duplicate backfill request"}, HTTPStatus.CONFLICT)
        state.deleted.add(asked)
        found = [
            day for day in days(first, last) if self._summary(token.account, kind, day, state, request.now // 1000)
        ]
        for at in range(0, len(found), PUSH_DAYS):
            named = ",".join(f"{kind}:{day}" for day in found[at : at + PUSH_DAYS])
            state.outbox.append((token.account, "ping" if kind == "activityFiles" else "push", kind, named))
        return SimulatedAnswer(HTTPStatus.ACCEPTED)

    def _announced(self, request: SimulatedRequest, token: IssuedToken, state: VendorState) -> SimulatedAnswer:
        """Return what a ping named; without its token Garmin is not polled."""
        kind, named = request.path.strip("/"), request.query.get("token", "")
        if not named.startswith("pull-"):
            return SimulatedAnswer.json({"errorMessage": "InvalidPullTokenException"}, HTTPStatus.BAD_REQUEST)
        ids = named.removeprefix("pull-")
        if kind == "activityFile":
            found = self._summary(token.account, "activities", date.fromisoformat(ids), state, request.now // 1000)
            if found is None:
                return SimulatedAnswer.json({"errorMessage": "Not found"}, HTTPStatus.NOT_FOUND)
            return SimulatedAnswer(HTTPStatus.OK, activities.file(found), {}, "application/octet-stream")
        rows = self._rows(token.account, kind, ids, state, request.now // 1000)
        return SimulatedAnswer.json([{name: row[name] for name in row if name != "userId"} for row in rows])

    def event(self, account: str, action: str, kind: str, object_id: str, state: VendorState, now: int) -> bytes:
        """Return a body with what is named: pushed, or announced where the action is `ping`. Files are
        only announced.
        """
        base = state.subscriptions.get(PORTAL, {}).get("base", "")
        if kind == "deregistrations":
            items: list[dict[str, Any]] = [{"userId": account}]
        elif kind == "userPermissionsChange":
            items = [{"userId": account, "permissions": ["HEALTH_EXPORT"], "changeTimeInSeconds": now // 1000}]
        elif kind == "activityFiles":
            items = [
                _file_ping(account, base, row)
                for row in self._rows(account, "activities", object_id, state, now // 1000)
            ]
        elif action == "ping":
            items = [
                {"userId": account, "callbackURL": f"{base}/{kind}?uploadStartTimeInSeconds=1&token=pull-{object_id}"}
            ]
        else:
            items = self._rows(account, kind, object_id, state, now // 1000)
        return SimulatedAnswer.json({kind: items}).body

    def _rows(self, account: str, kind: str, named: str, state: VendorState, now: int) -> list[dict[str, Any]]:
        found = [
            self._summary(account, kind, date.fromisoformat(one.partition(":")[2]), state, now)
            for one in named.split(",")
            if ":" in one
        ]
        return [row for row in found if row is not None]

    def _summary(self, account: str, kind: str, day: date, state: VendorState, now: int) -> dict[str, Any] | None:
        """Return a summary as it is at a moment (epoch seconds), in its latest revision."""
        if kind not in activities.KINDS:
            return (
                lives.KINDS[kind](account, day, now, state.revisions[f"{kind}:{day}"]) if kind in lives.KINDS else None
            )
        revisions = state.revisions[f"activities:{day}"] + state.revisions[f"manuallyUpdatedActivities:{day}"]
        found = activities.summary(account, day, now, revisions)
        return activities.details(found) if found is not None and kind == "activityDetails" else found

    def sign(self, body: bytes, secret: str, now: int) -> dict[str, str]:
        """Return the headers of a push, which has no signature: the app's client id."""
        return {"garmin-client-id": "simulated-client"}

    def challenge(self, subscription: Mapping[str, Any], word: str) -> tuple[dict[str, str], str]:
        return {}, ""

    def listeners(self, state: VendorState, action: str, kind: str) -> list[str]:
        """Return the one address of the portal."""
        return [held["callback_url"] for held in list(state.subscriptions.values())]

    def newest(self, account: str, kind: str, now: int) -> str:
        """Return kind and day of the latest."""
        for day in reversed(list(days(now // 1000 - 14 * DAY, now // 1000))):
            if kind in KINDS and self._summary(account, kind, day, VendorState(), now // 1000) is not None:
                return f"{kind}:{day}"
        return ""

    def moved(self, account: str, before: int, now: int) -> list[tuple[str, str, str]]:
        """Return the day that grows; whatever has come to be there since."""
        today, fresh = day_of(now // 1000), VendorState()
        found = [("push", "dailies", f"dailies:{today}"), ("push", "stressDetails", f"stressDetails:{today}")]
        for kind in sorted(KINDS - {"dailies", "stressDetails", "manuallyUpdatedActivities"}):
            known = self._summary(account, kind, today, fresh, before // 1000)
            if known is None and self._summary(account, kind, today, fresh, now // 1000) is not None:
                found.append(("push", kind, f"{kind}:{today}"))
        return found


def _permissions(token: IssuedToken) -> list[str]:
    return list(token.scopes or PERMISSIONS)


def _file_ping(account: str, base: str, row: dict[str, Any]) -> dict[str, Any]:
    day = day_of(row["startTimeInSeconds"])
    link = f"{base}/activityFile?id={row['activityId']}&token=pull-{day}"
    kept = ("activityId", "activityName", "activityType", "deviceName", "startTimeInSeconds", "manual", "isWebUpload")
    named = {name: row[name] for name in kept}
    return {"userId": account, "summaryId": f"{row['summaryId']}-file", "fileType": "FIT", "callbackURL": link, **named}
