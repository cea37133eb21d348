"""Request and response shapes of the audit trail's endpoints."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from drf_spectacular.utils import OpenApiExample, extend_schema_field
from rest_framework import serializers

from accounts import audit
from wearlink.lib import clock
from wearlink.lib.api.bodies import hint
from wearlink.lib.api.pagination import CursorPagination
from wearlink.lib.errors import InvalidInput


@extend_schema_field({"type": "string", "format": "date-time"})
class InstantField(serializers.CharField):
    """An RFC 3339 time, or a UTC date, which means its beginning (`is_end`: its end)."""

    def __init__(self, *, is_end: bool = False, **options: Any) -> None:
        self._is_end = is_end
        super().__init__(required=False, **options)

    def to_internal_value(self, data: Any) -> datetime:  # type: ignore[override]
        text = super().to_internal_value(data)
        try:
            day = date.fromisoformat(text) if len(text) == len("2026-01-01") else None
            if day is not None:
                return datetime.combine(day, time.min, UTC) + (timedelta(days=1) if self._is_end else timedelta())
            return clock.from_ms(clock.parse_rfc3339(text.replace(" ", "+"))[0])
        except (InvalidInput, ValueError, OverflowError) as error:
            raise serializers.ValidationError(
                "is neither a date such as 2026-01-01 nor a time such as 2026-01-01T00:00:00Z."
            ) from error


class ActionField(serializers.CharField):
    """The name of an action, or the beginning of names up to a dot."""

    def to_internal_value(self, data: Any) -> str:
        """Raise ValidationError for a name that no action has."""
        name = super().to_internal_value(data).removesuffix(".*")
        known = audit.actions()
        groups = {action.partition(".")[0] for action in known}
        if name not in known and name not in groups:
            raise serializers.ValidationError(f"{name[:64]!r} is no action. {hint(name, [*groups, *known])}")
        return name


_ACTION_HELP: Final = "Only this action, such as api_key.rotated, or all of a group, such as api_key."


class AuditExportQuery(serializers.Serializer[Any]):
    """The filter of an export of audit entries."""

    since = InstantField(help_text="Entries from this time or UTC date on.")
    until = InstantField(is_end=True, help_text="Entries before this time, or up to the end of this UTC date.")
    action = ActionField(required=False, max_length=64, help_text=_ACTION_HELP)


class AuditQuery(serializers.Serializer[Any]):
    """The filter and page of a list of audit entries."""

    aliases = {"since": "start_time", "until": "end_time"}

    start_time = InstantField(help_text="Entries from this time or UTC date on.")
    end_time = InstantField(is_end=True, help_text="Entries before this time, or up to the end of this UTC date.")
    action = ActionField(required=False, max_length=64, help_text=_ACTION_HELP)
    cursor = serializers.CharField(required=False, max_length=1000, help_text="next_cursor of the page before.")
    limit = serializers.IntegerField(min_value=1, max_value=500, default=50, help_text="Entries a page.")


class AuditEntrySerializer(serializers.Serializer[Any]):
    """A privileged act, as the audit trail keeps it."""

    sequence = serializers.IntegerField(help_text="Number in your organization's chain, from 1, without gaps.")
    created_at = serializers.DateTimeField()
    action = serializers.CharField(help_text="What was done; GET /audit-logs takes it as a filter.")
    actor_kind = serializers.CharField(help_text="developer, api_key, end_user, system or anonymous.")
    actor_id = serializers.CharField(help_text="Who acted.", allow_blank=True)
    target_type = serializers.CharField(help_text="What was acted upon.", allow_blank=True)
    target_id = serializers.CharField(help_text="Its id.", allow_blank=True)
    data = serializers.DictField(help_text="Ids and plain facts, never names, addresses or secrets.")  # type: ignore[assignment]
    hash = serializers.CharField(help_text="Over the entry and the hash of the one before it.")


class AuditPageSerializer(serializers.Serializer[Any]):
    """A page of audit entries, newest first."""

    data = AuditEntrySerializer(many=True)  # type: ignore[assignment]
    pagination = CursorPagination()


class AuditVerificationSerializer(serializers.Serializer[Any]):
    """The result of checking an organization's audit chain: whether it is whole, and how far it was checked."""

    is_whole = serializers.BooleanField(help_text="No entry was changed, removed or put in between.")
    entries = serializers.IntegerField(help_text="Length of the chain.")
    first_broken = AuditEntrySerializer(
        allow_null=True,
        help_text="The first entry that does not follow from the one before it; null too where entries are missing.",
    )
    checked_at = serializers.DateTimeField(help_text="When that was so.")
    checked_from = serializers.IntegerField(
        help_text="The first number looked at: 1, and in a long chain the one behind the last walk over all of it."
    )
    checked_to = serializers.IntegerField(help_text="The last number that was found to follow.")
    all_checked_at = serializers.DateTimeField(
        allow_null=True, help_text="When all entries were last walked, by night; null: not yet."
    )


_ENTRY: Final[dict[str, Any]] = {
    "sequence": 17,
    "created_at": "2026-04-23T10:00:00Z",
    "action": "api_key.rotated",
    "actor_kind": "developer",
    "actor_id": "550e8400-e29b-41d4-a716-446655440000",
    "target_type": "apikey",
    "target_id": "sk-Zk3bQ9xT",
    "data": {"replaces": "sk-a1b2c3d4"},
    "hash": "5d41402abc4b2a76b9719d911017c592a2d6e6d3cbd0a1a3b6e0c4d4f2f9c8b1",
}
PAGE: Final = OpenApiExample(
    "Entries", {"data": [_ENTRY], "pagination": {"next_cursor": None, "has_more": False}}, response_only=True
)
WHOLE: Final = OpenApiExample(
    "Whole",
    {
        "is_whole": True,
        "entries": 17,
        "first_broken": None,
        "checked_at": "2026-04-23T10:00:05Z",
        "checked_from": 1,
        "checked_to": 17,
        "all_checked_at": "2026-04-23T00:40:02Z",
    },
    response_only=True,
)
