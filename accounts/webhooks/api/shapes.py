"""Request and response shapes of the calls about endpoints and event types."""

from typing import Any, ClassVar

from rest_framework import serializers

from accounts.api.fields import Moment
from accounts.webhooks import custom_headers
from accounts.webhooks.event_types import MAX_NAME_LENGTH, Level
from wearlink.lib.api.bodies import TrueOrFalse
from wearlink.lib.api.pagination import WholePagination

MAX_TYPES = 250
WEEK_SECONDS = 604_800
DAY_SECONDS = 86_400


class TypeName(serializers.CharField):
    """The name of an event type, or a wildcard such as workout.*"""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=MAX_NAME_LENGTH, **options)


class EventTypeQuery(serializers.Serializer[Any]):
    """The filters of the list of event types."""

    level = serializers.ChoiceField([level.value for level in Level], required=False, help_text="Only of this level.")
    group = serializers.CharField(max_length=64, required=False, help_text="Only of this group, such as heart_rate.")
    with_schema = serializers.BooleanField(
        required=False, default=False, help_text="With the JSON Schema and an example of each: some 650 kB for all."
    )


class EventTypeSerializer(serializers.Serializer[Any]):
    """One thing that may be subscribed to."""

    name = serializers.CharField(help_text="What filter_types takes. Never changes.")
    description = serializers.CharField()
    level = serializers.ChoiceField(
        [level.value for level in Level],
        help_text="session: one thing happened; group: samples of any series of a group; granular: of one series.",
    )
    group = serializers.CharField(help_text="`<group>.*` in filter_types covers all of the group.")
    sensitive = serializers.BooleanField(help_text="Sent only to endpoints that name it.")


class EventTypeDetailSerializer(EventTypeSerializer):
    """One thing that may be subscribed to, and what it looks like."""

    schema = serializers.DictField(help_text="JSON Schema of the event's data.")
    example = serializers.DictField(help_text="An example of the event's data.")


class ListedEventTypeSerializer(EventTypeSerializer):
    """One thing that may be subscribed to, as the list shows it."""

    schema = serializers.DictField(required=False, help_text="JSON Schema of the event's data, by `with_schema`.")
    example = serializers.DictField(required=False, help_text="An example of the event's data, by `with_schema`.")


class EventTypePage(serializers.Serializer[Any]):
    """All event types asked for."""

    data = ListedEventTypeSerializer(many=True)  # type: ignore[assignment]
    pagination = WholePagination()


class MetadataField(serializers.DictField):
    """Texts by name, as many and as long as a note may be."""

    def __init__(self, **options: Any) -> None:
        super().__init__(child=serializers.CharField(max_length=500, allow_blank=True), **options)

    def run_child_validation(self, data: Any) -> Any:
        if len(data) > 50 or any(len(str(name)) > 64 for name in data):
            raise serializers.ValidationError("has at most 50 names of at most 64 characters.")
        return super().run_child_validation(data)


class EndpointOptions(serializers.Serializer[Any]):
    """The optional fields of an endpoint."""

    aliases: ClassVar = {"event_types": "filter_types"}

    rate_limit = serializers.IntegerField(
        min_value=1, max_value=1000, required=False, allow_null=True, help_text="Calls a second; null: no limit."
    )
    headers = serializers.DictField(
        child=serializers.CharField(max_length=1024, trim_whitespace=False),
        required=False,
        help_text="Sent with every call, such as Authorization. All of them are replaced; a value that is sent back "
        "masked, as it is shown, stays as it is.",
    )
    metadata = MetadataField(required=False, help_text="Your own notes about the endpoint: at most 50 texts by name.")


class WebhookEndpointInputSerializer(EndpointOptions):
    """The endpoint to create."""

    url = serializers.CharField(
        max_length=2048, help_text="https, port 443, 8443, 80 or 8080, no user name. Decided again at every attempt."
    )
    description = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")
    filter_types = serializers.ListField(
        child=TypeName(),
        max_length=MAX_TYPES,
        required=False,
        allow_null=True,
        default=None,
        help_text="Names of event types, or wildcards such as workout.*. Without any: sessions, changes of state and "
        "groups, nothing sensitive.",
    )
    user_id = serializers.UUIDField(
        required=False, allow_null=True, default=None, help_text="Only events about this user."
    )
    secret = serializers.CharField(
        max_length=128,
        required=False,
        help_text="Your own: whsec_ and the base64 of 24 to 64 bytes. Default: a new one.",
    )


class WebhookEndpointChangesSerializer(EndpointOptions):
    """Changes to an endpoint; what is left out stays."""

    url = serializers.CharField(max_length=2048, required=False)
    description = serializers.CharField(max_length=500, required=False, allow_blank=True)
    filter_types = serializers.ListField(
        child=TypeName(), max_length=MAX_TYPES, required=False, allow_null=True, help_text="null or []: no filter."
    )
    user_id = serializers.UUIDField(required=False, allow_null=True, help_text="null: events about all users.")
    paused = TrueOrFalse(
        required=False, help_text="true: no new messages. false: active again, also after it was disabled."
    )


class WebhookEndpointSerializer(serializers.Serializer[Any]):
    """A webhook endpoint with its filter, its state and its options."""

    id = serializers.CharField()
    url = serializers.CharField()
    description = serializers.CharField()
    filter_types = serializers.ListField(
        child=serializers.CharField(), allow_null=True, help_text="As you gave them; null: no filter."
    )
    user_id = serializers.UUIDField(allow_null=True)
    status = serializers.ChoiceField(
        ["active", "paused", "disabled"], help_text="disabled: by us, as deliveries kept failing."
    )
    disabled_reason = serializers.SerializerMethodField()
    first_failure_at = Moment(allow_null=True, help_text="First message given up since the last success.")
    failing_since = Moment(source="failing_at", allow_null=True, help_text="When a message had failed four times.")
    rate_limit = serializers.IntegerField(allow_null=True, help_text="Calls a second.")
    headers = serializers.SerializerMethodField(help_text="Of every call; secret ones are masked.")
    metadata = serializers.DictField(child=serializers.CharField())
    created_at = Moment()
    updated_at = Moment()

    def get_disabled_reason(self, row: Any) -> str | None:
        """The reason why the endpoint is disabled; null unless it is."""
        return row.disabled_reason or None

    def get_headers(self, row: Any) -> dict[str, str]:
        return custom_headers.masked(row)


class WebhookEndpointPage(serializers.Serializer[Any]):
    """All endpoints of the organization."""

    data = WebhookEndpointSerializer(many=True)  # type: ignore[assignment]
    pagination = WholePagination()


class CreatedWebhookEndpointSerializer(WebhookEndpointSerializer):
    """A new endpoint and its secret."""

    secret = serializers.CharField(help_text="Signs every message; GET …/secret shows it again.")


class WebhookSecretSerializer(serializers.Serializer[Any]):
    """The secret with which messages to the endpoint are signed."""

    secret = serializers.CharField(help_text="whsec_ and base64, as the verifying libraries take it.")


class RotateSecretSerializer(serializers.Serializer[Any]):
    """The time for which the old secret stays valid beside the new one."""

    grace_seconds = serializers.IntegerField(
        min_value=0, max_value=WEEK_SECONDS, default=DAY_SECONDS, help_text="Both secrets sign for as long."
    )
