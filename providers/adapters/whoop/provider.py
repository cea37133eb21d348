"""WHOOP: attributes, pulling by collection, pushes that name sleeps and workouts."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

import msgspec

from healthdata.records import Record, Rejected
from providers.adapters.whoop import normalise as reading
from providers.adapters.whoop.collections import ACCESS_PATH, PROFILE_PATH, SCOPES, recovery_id
from providers.adapters.whoop.normalise import body, cycles, recoveries, sleep, workouts
from providers.adapters.whoop.pulling import WhoopPuller
from providers.adapters.whoop.signature import SIGNATURE
from providers.contract import (
    Allowance,
    BadAnswer,
    Capabilities,
    CloudProvider,
    Context,
    Coverage,
    Deleted,
    InboundRequest,
    Notification,
    OAuth2,
    PartialFailure,
    Quota,
    RawDocument,
    Retraction,
    UnsupportedEvent,
    VendorClient,
    Window,
    read_json,
)

KINDS: Final = ("sleep", "recovery", "workout")
MINUTE, DAY = 60, 86_400


class WhoopEvent(msgspec.Struct):
    """A push: it names an object and carries no data. Events of the first API version have numbers for ids."""

    user_id: int
    id: str | int
    type: str
    trace_id: str = ""


class Whoop(CloudProvider):
    """WHOOP by its Developer API v2."""

    slug = "whoop"
    name = "WHOOP"
    notes = (
        "In WHOOP's developer dashboard enter the webhook address with model version v2, and the callback address, "
        "which must be https. An app that WHOOP has not approved serves few people. WHOOP tells totals of sleep stages "
        "but not when they were, and no heart rate over the day."
    )
    capabilities = Capabilities(pull=True, push=True, deletes=True)
    api_url = "https://api.prod.whoop.com/developer"
    oauth = OAuth2(
        authorize_url="https://api.prod.whoop.com/oauth/oauth2/auth",
        token_url="https://api.prod.whoop.com/oauth/oauth2/token",
        scopes=("offline", "read:profile", *SCOPES.values()),
        needs_any=tuple(SCOPES.values()),
        refresh_params={"scope": "offline"},
        needs_refresh_token=True,  # none comes without `offline`, and an access token lives an hour
        probe=PROFILE_PATH,
    )
    signature = SIGNATURE
    coverage = Coverage(
        series=tuple(dict.fromkeys([*sleep.SERIES, *recoveries.SERIES, *cycles.SERIES, *body.SERIES])),
        workout_types=workouts.WORKOUT_TYPES,
        sleep=True,
        scores=("sleep", "recovery"),
    )
    sync_hours = 6  # strain and energy of the day are never pushed
    look_back_days = 7  # filters know when something was, not when it was changed
    window_days = 30
    allowances = (Allowance("minute", 100, MINUTE), Allowance("day", 10_000, DAY))

    def account_id(self, client: VendorClient) -> str:
        found = client.get(PROFILE_PATH)
        if not isinstance(found, dict) or not found.get("user_id"):
            raise BadAnswer("The profile has no user_id.")
        return str(found["user_id"])

    def revoke(self, client: VendorClient) -> None:
        """End the end user's pushes too. It wants a token that is still good."""
        client.request("DELETE", ACCESS_PATH)

    def fetch(self, client: VendorClient, window: Window) -> Iterator[RawDocument | PartialFailure]:
        """Yield all collections whose scope was given."""
        yield from WhoopPuller(client).window(window)

    def quotas(self, headers: Mapping[str, str], status: int, now: float) -> tuple[Quota, ...]:
        """Return the limit that is closest to its end: which one, its reset tells, in seconds from now."""
        try:
            first = headers["x-ratelimit-limit"].partition(",")[0].partition(";")[0]
            limit, left = int(first), int(headers["x-ratelimit-remaining"])
            seconds = float(headers["x-ratelimit-reset"])
        except (KeyError, ValueError):
            return ()
        name = "minute" if seconds <= MINUTE else "day"
        stated = re.search(rf"(\d+);window={DAY}\b", headers["x-ratelimit-limit"]) if name == "day" else None
        return (Quota(name, int(stated[1]) if stated else limit, left, now + seconds),)

    def notifications(self, inbound: InboundRequest) -> Iterator[Notification]:
        """Yield a sleep, recovery or workout that came, changed or went. A recovery goes by the id of its sleep."""
        event = read_json(inbound.body, WhoopEvent)
        kind, _, action = event.type.partition(".")
        if kind not in KINDS or action not in ("updated", "deleted") or not isinstance(event.id, str):
            raise UnsupportedEvent(event.type[:56])
        yield Notification(
            str(event.user_id), kind, event.id[:100], deleted=action == "deleted", event_id=event.trace_id[:100]
        )

    def deleted_ids(self, notification: Notification) -> Iterable[str]:
        """recovery.deleted names the sleep, which stays."""
        named = notification.object_id
        return (recovery_id(named) if notification.kind == "recovery" else named,)

    def resolve(
        self, client: VendorClient, notification: Notification
    ) -> Iterator[RawDocument | PartialFailure | Deleted]:
        """Yield the object as it is now. Raises NotReady after one whose score is still being computed."""
        puller = WhoopPuller(client)
        found = {"sleep": puller.sleep, "recovery": puller.recovery, "workout": puller.workout}
        yield from found[notification.kind](notification.object_id)

    def normalise(self, body: bytes, context: Context) -> Iterator[Record | Rejected | Retraction]:
        """Return records of a page or a document. Raises AnomalousPayload."""
        return reading.normalise(body, context)
