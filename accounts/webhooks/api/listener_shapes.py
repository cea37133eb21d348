"""Request and response shapes of the calls about listeners."""

from typing import Any, Final

from rest_framework import serializers

from accounts.api.fields import Moment
from accounts.webhooks.api.shapes import MAX_TYPES, TypeName
from wearlink.lib.api.pagination import WholePagination

MAX_WAIT: Final = 25  # seconds; proxies cut requests off at 30 or 60
MAX_ANSWERS: Final = 50


class ListenerInputSerializer(serializers.Serializer[Any]):
    """The listener to open."""

    filter_types = serializers.ListField(
        child=TypeName(),
        max_length=MAX_TYPES,
        required=False,
        allow_null=True,
        default=None,
        help_text="As of endpoints.",
    )
    user_id = serializers.UUIDField(
        required=False, allow_null=True, default=None, help_text="Only events about this user."
    )
    description = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")
    secret = serializers.CharField(
        max_length=128,
        required=False,
        help_text="Your own, such as the one your server has already. Default: a new one.",
    )


class ListenerSerializer(serializers.Serializer[Any]):
    """A command line that listens."""

    id = serializers.CharField()
    description = serializers.CharField()
    filter_types = serializers.ListField(
        child=serializers.CharField(), allow_null=True, help_text="As you gave them; null: no filter."
    )
    user_id = serializers.UUIDField(allow_null=True)
    created_at = Moment()
    polled_at = Moment(help_text="It is closed five minutes after its last poll.")


class OpenedListenerSerializer(ListenerSerializer):
    """A new listener and its secret."""

    secret = serializers.CharField(help_text="Signs what this listener fetches.")


class ListenerPage(serializers.Serializer[Any]):
    """All listeners of the organization."""

    data = ListenerSerializer(many=True)  # type: ignore[assignment]
    pagination = WholePagination()


class LocalAnswerSerializer(serializers.Serializer[Any]):
    """The answer of your own server to one message."""

    message_id = serializers.CharField(max_length=40)
    status_code = serializers.IntegerField(min_value=0, max_value=999, help_text="0: it did not answer.")


class PollSerializer(serializers.Serializer[Any]):
    """The answers to the messages of the last poll, and how long to wait for the next messages."""

    wait = serializers.IntegerField(
        min_value=0, max_value=MAX_WAIT, default=MAX_WAIT, help_text="Seconds to wait where there is nothing yet."
    )
    answers = serializers.ListField(
        child=LocalAnswerSerializer(),
        required=False,
        max_length=MAX_ANSWERS,
        help_text="What your server said to the messages of the last poll.",
    )


class SignedMessageSerializer(serializers.Serializer[Any]):
    """A message as it is to be posted: these headers, and exactly these bytes."""

    message_id = serializers.CharField()
    event_type = serializers.CharField()
    headers = serializers.DictField(
        child=serializers.CharField(), help_text="To pass on to your server, signature included."
    )
    body = serializers.CharField(help_text="UTF-8.")


class PolledSerializer(serializers.Serializer[Any]):
    """The oldest messages that wait, or none in the time given."""

    data = SignedMessageSerializer(many=True)  # type: ignore[assignment]
