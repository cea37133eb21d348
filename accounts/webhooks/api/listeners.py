"""/webhooks/listeners: a developer's command line fetches messages, see accounts.webhooks.delivery.listeners."""

from http import HTTPStatus
from typing import Any, Final

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.webhooks import wakeups
from accounts.webhooks.api import delivery_shapes, examples, listener_shapes
from accounts.webhooks.api.endpoints import TAGS
from accounts.webhooks.catalogue import example_events
from accounts.webhooks.delivery import listeners
from accounts.webhooks.delivery.listeners import LocalAnswer, SignedMessage
from accounts.webhooks.models import Endpoint
from wearlink.lib.api import bodies
from wearlink.lib.api.openapi import errors
from wearlink.lib.api.pagination import whole
from wearlink.lib.api.views import TenantView
from wearlink.lib.web import waiting

NO_ROOM_SECONDS: Final = 2
_EXAMPLE: Final = {
    "id": "lst_01KAV3M4Z8QF7G2N5T0RXCWB9E",
    "description": "alice's desk",
    "filter_types": ["workout.*"],
    "user_id": None,
    "created_at": "2026-04-23T10:00:00Z",
    "polled_at": "2026-04-23T10:00:00Z",
}
_SIGNED: Final = {
    "message_id": examples.MESSAGE_ID,
    "event_type": "connection.created",
    "headers": {"webhook-id": examples.MESSAGE_ID, "webhook-timestamp": "1776938400", "webhook-signature": "v1,…"},
    "body": '{"type":"connection.created","timestamp":"2026-04-23T10:00:00.000Z","data":{}}',
}


class ListenerView(TenantView):
    """Base of what concerns one listener; somebody else's looks like one that does not exist."""

    listener: Endpoint

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Set self.listener after TenantView's checks. Raises ListenerNotFound."""
        super().initial(request, *args, **kwargs)
        self.listener = listeners.find(self.organization, kwargs["listener_id"])


class Listeners(TenantView):
    """GET and POST /webhooks/listeners."""

    @extend_schema(
        operation_id="webhook_listeners_list",
        summary="List listeners",
        description="The command lines that listen at the moment.",
        tags=TAGS,
        responses=listener_shapes.ListenerPage,
        examples=[examples.answer("Listeners", {"data": [_EXAMPLE], "pagination": examples.WHOLE})],
    )
    def get(self, request: Request) -> Response:
        rows = Endpoint.objects.listeners_of(self.organization)
        return Response(whole([listener_shapes.ListenerSerializer(row).data for row in rows]))

    @extend_schema(
        operation_id="webhook_listeners_create",
        summary="Open a listener",
        description="For developing without a public address: what an endpoint would be sent waits here until it is "
        "fetched by polls, and is signed in the same way. `manage.py listen` does this and posts each message to a "
        "server on your own machine. Five listeners an organization; one that nobody polls for five minutes is closed.",
        tags=TAGS,
        request=listener_shapes.ListenerInputSerializer,
        responses={201: listener_shapes.OpenedListenerSerializer, **errors(409)},
        examples=[
            examples.asked("Workouts", {"filter_types": ["workout.*"]}),
            examples.answer("Opened", {**_EXAMPLE, "secret": examples.SIGNED_WITH}),
        ],
    )
    def post(self, request: Request) -> Response:
        values = bodies.read(listener_shapes.ListenerInputSerializer, request)
        made = listeners.open_listener(self.organization, values, self.actor)
        shown = listener_shapes.ListenerSerializer(made.endpoint).data
        return Response({**shown, "secret": made.secret}, status=HTTPStatus.CREATED)


class ListenerDetail(ListenerView):
    """DELETE /webhooks/listeners/{listener_id}."""

    @extend_schema(
        operation_id="webhook_listeners_delete", summary="Close a listener", tags=TAGS, responses={204: None}
    )
    def delete(self, request: Request, listener_id: str) -> Response:
        """Close the listener."""
        listeners.close(self.listener, self.actor)
        return Response(status=HTTPStatus.NO_CONTENT)


class PollListener(ListenerView):
    """POST /webhooks/listeners/{listener_id}/poll."""

    @extend_schema(
        operation_id="webhook_listeners_poll",
        summary="Fetch messages",
        description="Hands in what your server answered to the last ones, and waits for the next: up to 20, the oldest "
        "first. A message whose answer is not handed in within a minute comes again. When too many wait already the "
        "answer is empty and comes at once, with Retry-After.",
        tags=TAGS,
        request=listener_shapes.PollSerializer,
        responses=listener_shapes.PolledSerializer,
        examples=[
            examples.asked("Next", {"answers": [{"message_id": examples.MESSAGE_ID, "status_code": 200}]}),
            examples.answer("Messages", {"data": [_SIGNED]}),
        ],
    )
    def post(self, request: Request, listener_id: str) -> Response:
        values = bodies.read(listener_shapes.PollSerializer, request)
        found = listeners.poll(self.listener, [LocalAnswer(**one) for one in values.get("answers", ())])
        waited = True
        if not found and values["wait"]:
            name = wakeups.listener(self.listener.key)
            waited = waiting.wait(request.META, self.organization.pk, name, values["wait"])
            found = listeners.fetch(self.listener)
        headers = {} if found or waited else {"Retry-After": str(NO_ROOM_SECONDS)}
        return Response({"data": [_signed(one) for one in found]}, headers=headers)


class TestListener(ListenerView):
    """POST /webhooks/listeners/{listener_id}/test."""

    @extend_schema(
        operation_id="webhook_listeners_test",
        summary="Send a listener a test event",
        description="The example of an event type, to this listener and nobody else, whatever its filter says.",
        tags=TAGS,
        request=delivery_shapes.TestEventSerializer,
        responses={202: delivery_shapes.QueuedMessageSerializer},
        examples=[
            examples.asked("Type", {"event_type": "workout.created"}),
            examples.answer("Queued", {"message_id": examples.MESSAGE_ID, "status": "queued"}),
        ],
    )
    def post(self, request: Request, listener_id: str) -> Response:
        event_type = bodies.read(delivery_shapes.TestEventSerializer, request)["event_type"]
        message = example_events.create(self.listener, event_type)
        return Response({"message_id": message.id, "status": "queued"}, status=HTTPStatus.ACCEPTED)


def _signed(one: SignedMessage) -> dict[str, Any]:
    return {
        "message_id": one.message.id,
        "event_type": one.message.type,
        "headers": one.headers,
        "body": one.body.decode(),
    }
