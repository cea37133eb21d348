"""The shapes of backfills in the API: types, the kinds of summary in each, and the stretches of time of each kind."""

from collections.abc import Iterable
from typing import Any, Final

from rest_framework import serializers

from accounts.api.fields import Moment
from providers.models import Backfill, BackfillPart
from wearlink.lib.api.jobs import JobSerializer

Json = dict[str, Any]
STATES: Final = BackfillPart.State.values
STATE_HELP: Final = (
    "pending: not asked for yet. requested: asked for, nothing came yet. receiving: something came. done: nothing came "
    "any more. no_data: nothing came within the provider's time. failed: see reason. cancelled."
)
#: of several states the first that is among them; what goes on goes before what has ended
FIRST: Final = ("receiving", "requested", "pending", "failed", "cancelled", "done", "no_data")


def together(states: Iterable[str]) -> str:
    """Return the state of several as one."""
    found = set(states)
    return next((state for state in FIRST if state in found), BackfillPart.State.NO_DATA.value)


class BackfillWindowSerializer(serializers.Serializer[BackfillPart]):
    """A request for history: one kind of summary over at most thirty days."""

    start_date = serializers.DateField(help_text="First local day.", source="start")
    end_date = serializers.DateField(help_text="Last local day.", source="end")
    state = serializers.ChoiceField(STATES, help_text=STATE_HELP)
    requested_at = Moment(allow_null=True, help_text="When the provider was asked.")
    last_received_at = Moment(allow_null=True, help_text="When something last came.", source="received_at")
    finished_at = Moment(allow_null=True, help_text="When it ended.")
    documents = serializers.IntegerField(min_value=0, help_text="Payloads that came.")
    missing_days = serializers.ListField(
        child=serializers.DateField(), help_text="Days of which nothing came, of summaries there are daily."
    )
    reason = serializers.CharField(
        allow_null=True,
        help_text="already_asked, out_of_reach, nothing_came, late, not_granted, not_enabled, cancelled, bad_answer, …",
    )
    error = serializers.CharField(allow_null=True, help_text="What went wrong, in words.")

    def to_representation(self, instance: BackfillPart) -> Json:
        shown: Json = super().to_representation(instance)
        return shown | {"reason": instance.reason or None, "error": instance.error or None}


class BackfillSummarySerializer(serializers.Serializer[Json]):
    """One kind of summary, as the provider calls it."""

    summary = serializers.CharField(help_text="The provider's name, such as dailies.")
    state = serializers.ChoiceField(STATES, help_text="Of its windows together.")
    windows = BackfillWindowSerializer(many=True, help_text="Newest first.")


class BackfillTypeSerializer(serializers.Serializer[Json]):
    """A type that can be retried by its name."""

    type_name = serializers.CharField(help_text="workouts, sleep, body or daily.")
    state = serializers.ChoiceField(STATES, help_text="Of its summaries together.")
    summaries = BackfillSummarySerializer(many=True, help_text="What it covers.")


class BackfillGapSerializer(serializers.Serializer[Json]):
    """A stretch of days that did not come."""

    type_name = serializers.CharField(help_text="Retry it by this name.")
    summary = serializers.CharField(help_text="The provider's name.")
    state = serializers.ChoiceField(STATES, help_text="How its window ended.")
    reason = serializers.CharField(allow_null=True, help_text="As in the window.")
    start_date = serializers.DateField(help_text="First local day of the window.")
    end_date = serializers.DateField(help_text="Last local day of the window.")
    days = serializers.ListField(child=serializers.DateField(), help_text="Those that lack; empty: the whole window.")


class BackfillSerializer(JobSerializer):
    """History that the provider pushes after it was asked."""

    provider = serializers.CharField(help_text="The provider.")
    user_id = serializers.UUIDField(help_text="The end user.")
    start_date = serializers.DateField(help_text="First local day asked for.")
    end_date = serializers.DateField(help_text="Last local day asked for.")
    types = BackfillTypeSerializer(many=True, help_text="By type, each with the summaries it covers.")
    missing = BackfillGapSerializer(many=True, help_text="What has ended without coming whole.")


def shown(row: Backfill, user_id: Any) -> Json:
    """Return a backfill with its parts (prefetched) as BackfillSerializer takes it."""
    parts = sorted(row.parts.all(), key=lambda part: part.position)
    return {
        "id": row.id,
        "status": row.status,
        "created_at": row.created_at,
        "started_at": row.started_at,
        "finished_at": row.finished_at,
        "error": f"Ended before its time: {row.error_code}." if row.error_code else None,
        "provider": row.provider,
        "user_id": user_id,
        "start_date": row.start,
        "end_date": row.end,
        "types": [_type(name, parts) for name in dict.fromkeys(part.type for part in parts)],
        "missing": [gap for part in parts for gap in _gaps(part)],
    }


def _type(name: str, parts: list[BackfillPart]) -> Json:
    mine = [part for part in parts if part.type == name]
    summaries: list[Json] = []
    for kind in dict.fromkeys(part.kind for part in mine):
        windows = [part for part in mine if part.kind == kind]
        summaries.append({"summary": kind, "state": together(part.state for part in windows), "windows": windows})
    return {"type_name": name, "state": together(one["state"] for one in summaries), "summaries": summaries}


def _gaps(part: BackfillPart) -> Iterable[Json]:
    """Yield the gaps of a part that ended: nothing came at all, or days are missing."""
    if part.finished_at is None:
        return
    whole = part.state != BackfillPart.State.DONE
    if whole or part.missing_days:
        yield {
            "type_name": part.type,
            "summary": part.kind,
            "state": part.state,
            "reason": part.reason or None,
            "start_date": part.start,
            "end_date": part.end,
            "days": [] if whole else part.missing_days,
        }
