"""What the calls take and answer."""

from typing import Any

from rest_framework import serializers

from accounts.api.fields import Moment
from accounts.webhooks.event_types import MAX_NAME_LENGTH, Level
from wearlink.lib.api.queries import CommaListField

MAX_TYPES = 250
WEEK_SECONDS = 604_800
DAY_SECONDS = 86_400


class TypeName(serializers.CharField):
    """The name of an event type, or a wildcard such as workout.*"""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=MAX_NAME_LENGTH, **options)


class EventTypeQuery(serializers.Serializer[Any]):
    """Which event types."""

    level = serializers.ChoiceField([level.value for level in Level], required=False, help_text="Only of this level.")
    group = serializers.CharField(max_length=64, required=False, help_text="Only of this group, such as heart_rate.")


class EventTypeSerializer(serializers.Serializer[Any]):
    """One thing that may be subscribed to."""

    name = serializers.CharField(help_text="What filter_types takes. Never changes.")
    description = serializers.CharField()
    level = serializers.ChoiceField([level.value for level in Level])
    group = serializers.CharField(help_text="`<group>.*` in filter_types stands for all of the group.")
    sensitive = serializers.BooleanField(help_text="Sent only to endpoints that name it.")
    schema = serializers.DictField(help_text="JSON Schema of the event's data.")
    example = serializers.DictField(help_text="An example of the event's data.")


class WholeList(serializers.Serializer[Any]):
    """What a list that fits into one answer says about itself."""

    total_count = serializers.IntegerField()
    has_more = serializers.BooleanField(help_text="Always false.")


class WebhookPagination(serializers.Serializer[Any]):
    """What a list by cursor says about itself."""

    next_cursor = serializers.CharField(allow_null=True, help_text="Pass it as `cursor` for the next page.")
    has_more = serializers.BooleanField()


class EventTypePage(serializers.Serializer[Any]):
    """All event types asked for."""

    data = EventTypeSerializer(many=True)  # type: ignore[assignment]
    pagination = WholeList()


class EndpointInputSerializer(serializers.Serializer[Any]):
    """An endpoint to be."""

    url = serializers.CharField(
        max_length=2048, help_text="https, port 443, 8443, 80 or 8080, no user name. Judged anew at every attempt."
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


class EndpointChangeSerializer(serializers.Serializer[Any]):
    """Changes to an endpoint; what is left out stays."""

    url = serializers.CharField(max_length=2048, required=False)
    description = serializers.CharField(max_length=500, required=False, allow_blank=True)
    filter_types = serializers.ListField(
        child=TypeName(), max_length=MAX_TYPES, required=False, allow_null=True, help_text="null or []: no filter."
    )
    user_id = serializers.UUIDField(required=False, allow_null=True, help_text="null: events about all users.")
    paused = serializers.BooleanField(
        required=False, help_text="true: no new messages. false: active again, also after it was disabled."
    )


class EndpointSerializer(serializers.Serializer[Any]):
    """A webhook endpoint."""

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
    created_at = Moment()
    updated_at = Moment()

    def get_disabled_reason(self, row: Any) -> str | None:
        """Null unless disabled."""
        return row.disabled_reason or None


class EndpointPage(serializers.Serializer[Any]):
    """All endpoints of the organization."""

    data = EndpointSerializer(many=True)  # type: ignore[assignment]
    pagination = WholeList()


class CreatedEndpointSerializer(EndpointSerializer):
    """A new endpoint and its secret."""

    secret = serializers.CharField(help_text="Signs every message; GET …/secret tells it again.")


class SecretSerializer(serializers.Serializer[Any]):
    """The signing secret."""

    secret = serializers.CharField(help_text="whsec_ and base64, as the verifying libraries take it.")


class RotateSerializer(serializers.Serializer[Any]):
    """How long the old secret stays good."""

    grace_seconds = serializers.IntegerField(
        min_value=0, max_value=WEEK_SECONDS, default=DAY_SECONDS, help_text="Both secrets sign for as long."
    )


class TestSerializer(serializers.Serializer[Any]):
    """Which example to send."""

    event_type = TypeName(default="workout.created")


class SentSerializer(serializers.Serializer[Any]):
    """A message on its way."""

    message_id = serializers.CharField()
    status = serializers.CharField(help_text="queued")


class RecoverSerializer(serializers.Serializer[Any]):
    """Which time to go through again."""

    since = serializers.DateTimeField(help_text="At most as long ago as messages are kept.")
    until = serializers.DateTimeField(required=False, help_text="Default: now.")


class RecoveredSerializer(serializers.Serializer[Any]):
    """How much is sent again."""

    messages = serializers.IntegerField(allow_null=True, help_text="null where that cannot be told.")


class StatisticsQuery(serializers.Serializer[Any]):
    """Which time."""

    since = serializers.DateTimeField(required=False, help_text="Default: 28 days ago.")
    until = serializers.DateTimeField(required=False, help_text="Default: now.")


class StatisticsSerializer(serializers.Serializer[Any]):
    """What became of an endpoint's messages."""

    since = Moment()
    until = Moment()
    delivered = serializers.IntegerField()
    pending = serializers.IntegerField(help_text="On their way, retries included.")
    failed = serializers.IntegerField(help_text="Given up, or dropped as the endpoint was switched off.")


class CursorQuery(serializers.Serializer[Any]):
    """?cursor, ?limit and a stretch of time."""

    cursor = serializers.CharField(max_length=1024, required=False, help_text="next_cursor of the page before.")
    limit = serializers.IntegerField(min_value=1, max_value=250, default=50, help_text="Items a page.")
    since = serializers.DateTimeField(required=False, help_text="Not before this.")
    until = serializers.DateTimeField(required=False, help_text="Before this.")
    event_types = CommaListField(required=False, help_text="Names, separated by commas or the parameter repeated.")


class AttemptsQuery(CursorQuery):
    """Which attempts."""

    status = serializers.ChoiceField(["succeeded", "failed"], required=False)
    with_content = serializers.BooleanField(default=False, help_text="Show what was sent and what was answered.")


class RequestSerializer(serializers.Serializer[Any]):
    """What was sent; the body only with with_content."""

    url = serializers.CharField()
    headers = serializers.DictField(child=serializers.CharField())
    body = serializers.CharField(allow_null=True)


class ResponseSerializer(serializers.Serializer[Any]):
    """What was answered; the body only with with_content, base64 where it is no text."""

    status_code = serializers.IntegerField(help_text="0: there was no answer.")
    body = serializers.CharField(allow_null=True, help_text="Its first 20,000 bytes.")
    body_encoding = serializers.ChoiceField(["utf-8", "base64"], allow_null=True)


class AttemptSerializer(serializers.Serializer[Any]):
    """One call to an endpoint."""

    id = serializers.CharField()
    message_id = serializers.CharField()
    event_type = serializers.CharField(allow_null=True)
    number = serializers.IntegerField(allow_null=True, help_text="1 for the first; null with Svix.")
    trigger = serializers.ChoiceField(["scheduled", "manual"])
    status = serializers.ChoiceField(["succeeded", "failed"])
    error = serializers.CharField(allow_null=True)
    created_at = serializers.DateTimeField()
    duration_ms = serializers.IntegerField()
    next_attempt_at = serializers.DateTimeField(allow_null=True)
    request = RequestSerializer()
    response = ResponseSerializer()


class AttemptPage(serializers.Serializer[Any]):
    """A page of the delivery log, newest first."""

    data = AttemptSerializer(many=True)  # type: ignore[assignment]
    pagination = WebhookPagination()


class MessagesQuery(CursorQuery):
    """Which messages."""

    user_id = serializers.UUIDField(required=False, help_text="Only about this user.")


class MessageSerializer(serializers.Serializer[Any]):
    """One event that was sent."""

    id = serializers.CharField(help_text="The same in webhook-id and svix-id of every attempt.")
    event_type = serializers.CharField()
    user_id = serializers.UUIDField(allow_null=True)
    created_at = serializers.DateTimeField()


class MessagePage(serializers.Serializer[Any]):
    """A page of messages, newest first."""

    data = MessageSerializer(many=True)  # type: ignore[assignment]
    pagination = WebhookPagination()


class DestinationSerializer(serializers.Serializer[Any]):
    """How far the message has come on its way to one endpoint."""

    endpoint_id = serializers.CharField()
    status = serializers.ChoiceField(["pending", "delivered", "failed", "dropped"])
    attempts = serializers.IntegerField(allow_null=True)
    next_attempt_at = serializers.DateTimeField(allow_null=True)


class WholeMessageSerializer(MessageSerializer):
    """One event, what was sent, and where to."""

    payload = serializers.DictField(help_text="The body of every attempt.")
    destinations = DestinationSerializer(many=True)


class ResendSerializer(serializers.Serializer[Any]):
    """Where to send a message once more."""

    endpoint_id = serializers.CharField(max_length=40)
