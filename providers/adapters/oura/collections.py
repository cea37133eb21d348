"""The addresses of Oura's collections, the scopes they need, and their names in pushes."""

from typing import Final, Literal

import msgspec


class Collection(msgspec.Struct, frozen=True):
    """One collection below /v2/usercollection/. scopes: any of them opens it. window: how its days are asked for.

    pushed: its data_type in webhooks, empty if none comes. subscribed: whether we ask for its pushes.
    """

    path: str
    scopes: tuple[str, ...] = ()
    window: Literal["days", "moments", "none"] = "days"
    pushed: str = ""
    subscribed: bool = False


def _daily(path: str, *scopes: str, pushed: str = "", subscribed: bool = True) -> Collection:
    return Collection(path, scopes, "days", pushed or path, subscribed)


RING: Final = ("ring_configuration",)
COLLECTIONS: Final = (
    _daily("sleep", "daily"),
    _daily("daily_sleep", "daily"),
    _daily("daily_readiness", "daily"),
    _daily("daily_activity", "daily"),
    Collection("heartrate", ("heartrate",), "moments"),
    _daily("workout", "workout"),
    _daily("session", "session"),
    _daily("daily_spo2", "spo2", "spo2Daily"),
    _daily("daily_stress", "daily", "stress"),
    _daily("daily_resilience", "stress"),
    _daily("daily_cardiovascular_age", "heart_health"),
    _daily("vO2_max", "heart_health", pushed="vo2_max"),
    _daily("sleep_time", "daily", subscribed=False),
    _daily("rest_mode_period", "daily", subscribed=False),
    _daily("enhanced_tag", "tag", subscribed=False),
    _daily("tag", "tag", subscribed=False),
    Collection("ring_configuration", RING, "none", "ring_configuration"),
    Collection("ring_battery_level", RING, "moments"),
)
BY_DATA_TYPE: Final = {one.pushed: one for one in COLLECTIONS if one.pushed}
EVENTS: Final = ("create", "update", "delete")
TOPICS: Final = tuple(f"{event}.{one.pushed}" for one in COLLECTIONS if one.subscribed for event in EVENTS)
