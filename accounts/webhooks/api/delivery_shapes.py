"""Request and response shapes of the calls about messages and their deliveries."""

from typing import Any, ClassVar

from rest_framework import serializers

from accounts.api.fields import Moment
from accounts.webhooks import event_types
from accounts.webhooks.api.shapes import TypeName
from wearlink.lib.api.pagination import CursorPagination
from wearlink.lib.api.queries import CommaListField


class TestEventSerializer(serializers.Serializer[Any]):
    """The event type whose example is sent."""

    event_type = TypeName(default="workout.created")

    def validate_event_type(self, value: str) -> str:
        if event_types.find(value) is None:
            raise serializers.ValidationError("is no event type; GET /api/v1/webhooks/event-types lists all.")
        return value


class QueuedMessageSerializer(serializers.Serializer[Any]):
    """A message on its way."""

    message_id = serializers.CharField()
    status = serializers.CharField(help_text="queued")


OLDER_NAMES = {"since": "start_time", "until": "end_time"}


class RecoverMessagesSerializer(serializers.Serializer[Any]):
    """The range of time whose undelivered messages are sent again."""

    aliases: ClassVar = OLDER_NAMES

    start_time = serializers.DateTimeField(help_text="At most as long ago as messages are kept.")
    end_time = serializers.DateTimeField(required=False, help_text="Default: now.")


class RecoveredMessagesSerializer(serializers.Serializer[Any]):
    """The number of messages that are sent again."""

    messages = serializers.IntegerField(allow_null=True, help_text="null where that is not known.")


class StatisticsQuery(serializers.Serializer[Any]):
    """The range of time that statistics cover."""

    aliases: ClassVar = OLDER_NAMES

    start_time = serializers.DateTimeField(required=False, help_text="Default: 28 days ago.")
    end_time = serializers.DateTimeField(required=False, help_text="Default: now.")


class RetriedMessagesSerializer(serializers.Serializer[Any]):
    """The number of retries that are made now."""

    messages = serializers.IntegerField(help_text="Messages that are sent now.")


class EndpointDayCountsSerializer(serializers.Serializer[Any]):
    """Messages of one UTC day and type."""

    date = serializers.DateField(source="day", help_text="UTC day.")
    event_type = serializers.CharField()
    delivered = serializers.IntegerField(help_text="Arrived.")
    pending = serializers.IntegerField(help_text="On their way, retries included.")
    failed = serializers.IntegerField(help_text="Given up, or dropped as the endpoint was switched off.")


class EndpointStatisticsSerializer(serializers.Serializer[Any]):
    """The outcomes of an endpoint's messages, each message counted once."""

    start_time = Moment(help_text="From when on.")
    end_time = Moment(help_text="Until when.")
    delivered = serializers.IntegerField(help_text="Arrived.")
    pending = serializers.IntegerField(help_text="On their way, retries included.")
    failed = serializers.IntegerField(help_text="Given up, or dropped as the endpoint was switched off.")
    tests = serializers.IntegerField(
        allow_null=True, help_text="Test events, which count nowhere else; null with Svix."
    )
    by_day = EndpointDayCountsSerializer(many=True, allow_null=True, help_text="null with Svix.")


class CursorQuery(serializers.Serializer[Any]):
    """?cursor, ?limit and a stretch of time."""

    aliases: ClassVar = {**OLDER_NAMES, "filter_types": "event_types"}

    cursor = serializers.CharField(max_length=1024, required=False, help_text="next_cursor of the page before.")
    limit = serializers.IntegerField(min_value=1, max_value=250, default=50, help_text="Items a page.")
    start_time = serializers.DateTimeField(required=False, help_text="Not before this.")
    end_time = serializers.DateTimeField(required=False, help_text="Before this.")
    event_types = CommaListField(required=False, help_text="Names, separated by commas or the parameter repeated.")


class AttemptsQuery(CursorQuery):
    """The filters and page of a list of attempts."""

    status = serializers.ChoiceField(["succeeded", "failed"], required=False, help_text="Only attempts that ended so.")
    with_content = serializers.BooleanField(default=False, help_text="Show what was sent and what was answered.")


class AttemptedCallSerializer(serializers.Serializer[Any]):
    """The request of an attempt; its body only with with_content."""

    url = serializers.CharField()
    headers = serializers.DictField(
        child=serializers.CharField(), help_text="As they were sent; secret ones are masked."
    )
    body = serializers.CharField(allow_null=True)


class AttemptAnswerSerializer(serializers.Serializer[Any]):
    """The response to an attempt; its body only with with_content, base64 where it is no text."""

    status_code = serializers.IntegerField(help_text="0: there was no answer.")
    body = serializers.CharField(allow_null=True, help_text="Its first 20,000 bytes.")
    body_encoding = serializers.ChoiceField(
        ["utf-8", "base64"], allow_null=True, help_text="How the body is written here; null without a body."
    )


class DeliveryAttemptSerializer(serializers.Serializer[Any]):
    """One call to an endpoint."""

    id = serializers.CharField()
    message_id = serializers.CharField()
    event_type = serializers.CharField(allow_null=True)
    number = serializers.IntegerField(allow_null=True, help_text="1 for the first; null with Svix.")
    trigger = serializers.ChoiceField(
        ["scheduled", "manual"], help_text="scheduled: by us; manual: somebody asked for it."
    )
    status = serializers.ChoiceField(["succeeded", "failed"], help_text="succeeded: the answer was 2xx.")
    error = serializers.CharField(
        allow_null=True, help_text="Why there was no answer, in words; null where there was one."
    )
    created_at = serializers.DateTimeField()
    duration_ms = serializers.IntegerField(help_text="Until the answer, or until we gave up waiting.")
    next_attempt_at = serializers.DateTimeField(allow_null=True)
    request = AttemptedCallSerializer(help_text="What was sent.")
    response = AttemptAnswerSerializer(help_text="What was answered.")


class DeliveryAttemptPage(serializers.Serializer[Any]):
    """A page of the delivery log, newest first."""

    data = DeliveryAttemptSerializer(many=True)  # type: ignore[assignment]
    pagination = CursorPagination()


class MessagesQuery(CursorQuery):
    """The filters and page of a list of messages."""

    endpoint_id = serializers.CharField(max_length=40, required=False, help_text="Only those sent to this endpoint.")
    status = serializers.ChoiceField(
        ["pending", "delivered", "failed", "dropped"],
        required=False,
        help_text="Their delivery state at the endpoint, or at any.",
    )
    user_id = serializers.UUIDField(required=False, help_text="Only about this user.")


class WebhookMessageSerializer(serializers.Serializer[Any]):
    """One event that was sent."""

    id = serializers.CharField(help_text="The same in webhook-id and svix-id of every attempt.")
    event_type = serializers.CharField()
    user_id = serializers.UUIDField(allow_null=True)
    created_at = serializers.DateTimeField()


class WebhookMessagePage(serializers.Serializer[Any]):
    """A page of messages, newest first."""

    data = WebhookMessageSerializer(many=True)  # type: ignore[assignment]
    pagination = CursorPagination()


class MessageDestinationSerializer(serializers.Serializer[Any]):
    """The progress of a message on its way to one endpoint."""

    endpoint_id = serializers.CharField()
    status = serializers.ChoiceField(
        ["pending", "delivered", "failed", "dropped"],
        help_text="pending: on its way; dropped: the endpoint was switched off or deleted.",
    )
    attempts = serializers.IntegerField(allow_null=True)
    next_attempt_at = serializers.DateTimeField(allow_null=True)


class WebhookMessageDetailSerializer(WebhookMessageSerializer):
    """One event, what was sent, and where to."""

    payload = serializers.DictField(help_text="The body of every attempt.")
    destinations = MessageDestinationSerializer(many=True, help_text="The endpoints it goes to.")


class RetryMessageSerializer(serializers.Serializer[Any]):
    """The endpoint to retry; without one, all of the message's endpoints."""

    endpoint_id = serializers.CharField(max_length=40, required=False)


class EgressAddressesSerializer(serializers.Serializer[Any]):
    """The addresses from which webhook calls come."""

    addresses = serializers.ListField(
        child=serializers.CharField(), help_text="Addresses or networks; empty: the operator has named none."
    )


class ResendMessageSerializer(serializers.Serializer[Any]):
    """The endpoint to which a message is sent once more."""

    endpoint_id = serializers.CharField(max_length=40)
