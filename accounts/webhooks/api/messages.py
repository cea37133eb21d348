"""/webhooks/messages and /webhooks/event-types."""

from http import HTTPStatus

from django.conf import settings
from django.db.models import Q
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Organization
from accounts.webhooks import event_types, events
from accounts.webhooks.api import answers, delivery_shapes, examples, shapes
from accounts.webhooks.api.endpoints import TAGS
from accounts.webhooks.api.pages import messages_page
from accounts.webhooks.backends.chosen import chosen_backend
from accounts.webhooks.catalogue import filters
from accounts.webhooks.contract import EventTypeNotFound, MessageNotFound
from accounts.webhooks.endpoints import lifecycle
from accounts.webhooks.models import Endpoint, Message
from wearlink.lib.api import bodies
from wearlink.lib.api.openapi import errors
from wearlink.lib.api.pagination import whole
from wearlink.lib.api.views import TenantView


class EventTypes(TenantView):
    """GET /webhooks/event-types."""

    query_class = shapes.EventTypeQuery

    @extend_schema(
        operation_id="webhook_event_types",
        summary="List event types",
        description="Everything that may be subscribed to: sessions and changes of state, groups of series, and "
        "single series. One batch of a series makes one event of its group and one of its own; an endpoint that "
        "takes both gets both. `schema` and `example` are there by `with_schema=true`; those of one type are in "
        "`GET /webhooks/event-types/{event_type}`.",
        tags=TAGS,
        responses=shapes.EventTypePage,
        examples=[examples.answer("Types", {"data": [examples.EVENT_TYPE], "pagination": examples.WHOLE})],
    )
    def get(self, request: Request) -> Response:
        """List all event types, or those of a level or group."""
        level, group = self.query.get("level"), self.query.get("group")
        found = [one for one in event_types.every() if level in (None, one.level) and group in (None, one.group)]
        shown = answers.whole_event_type if self.query["with_schema"] else answers.event_type
        return Response(whole([shown(one) for one in found]))


class EventTypeDetail(TenantView):
    """GET /webhooks/event-types/{event_type}."""

    @extend_schema(
        operation_id="webhook_event_type",
        summary="Get an event type",
        description="With the JSON Schema of its data and an example.",
        tags=TAGS,
        responses=shapes.EventTypeDetailSerializer,
        examples=[examples.answer("Type", {**examples.EVENT_TYPE, **examples.EVENT_TYPE_SHAPE})],
    )
    def get(self, request: Request, event_type: str) -> Response:
        found = event_types.find(event_type)
        if found is None:
            raise EventTypeNotFound(filters.unknown(event_type))
        return Response(answers.whole_event_type(found))


class Messages(TenantView):
    """GET /webhooks/messages."""

    query_class = delivery_shapes.MessagesQuery

    @extend_schema(
        operation_id="webhook_messages_list",
        summary="List messages",
        description="Newest first; kept for 90 days. An event that no endpoint takes makes no message.",
        tags=TAGS,
        responses={200: delivery_shapes.WebhookMessagePage, **errors(404, 501)},
        examples=[examples.answer("Messages", {"data": [examples.MESSAGE], "pagination": examples.CURSOR})],
    )
    def get(self, request: Request) -> Response:
        rows, following = messages_page(self.organization, self.query)
        return Response(answers.by_cursor([answers.message(row) for row in rows], following))


class MessageDetail(TenantView):
    """GET /webhooks/messages/{message_id}."""

    @extend_schema(
        operation_id="webhook_messages_get",
        summary="Get a message",
        description="With its body, and how far it has come on its way to each endpoint.",
        tags=TAGS,
        responses={200: delivery_shapes.WebhookMessageDetailSerializer, **errors(503)},
        examples=[
            examples.answer(
                "Message",
                {
                    **examples.MESSAGE,
                    "payload": {
                        "type": "connection.created",
                        "timestamp": "2026-04-23T10:00:00Z",
                        "data": examples.DATA,
                    },
                    "destinations": [
                        {
                            "endpoint_id": examples.ENDPOINT_ID,
                            "status": "delivered",
                            "attempts": 1,
                            "next_attempt_at": None,
                        }
                    ],
                },
            )
        ],
    )
    def get(self, request: Request, message_id: str) -> Response:
        message = find(self.organization, message_id)
        where = chosen_backend().destinations(message)
        return Response(answers.whole_message(message, events.body_of(message), where))


class ResendMessage(TenantView):
    """POST /webhooks/messages/{message_id}/resend."""

    @extend_schema(
        operation_id="webhook_messages_resend",
        summary="Send a message again",
        description="To one endpoint, whatever its filter says and whether it was delivered or not. One attempt, "
        "with the same id.",
        tags=TAGS,
        request=delivery_shapes.ResendMessageSerializer,
        responses={202: delivery_shapes.QueuedMessageSerializer, **errors(503)},
        examples=[
            examples.asked("Endpoint", {"endpoint_id": examples.ENDPOINT_ID}),
            examples.answer("Queued", {"message_id": examples.MESSAGE_ID, "status": "queued"}),
        ],
    )
    def post(self, request: Request, message_id: str) -> Response:
        message = find(self.organization, message_id)
        endpoint = lifecycle.find(
            self.organization, bodies.read(delivery_shapes.ResendMessageSerializer, request)["endpoint_id"]
        )
        chosen_backend().resend(endpoint, message)
        return Response({"message_id": message.id, "status": "queued"}, status=HTTPStatus.ACCEPTED)


class RetryMessage(TenantView):
    """POST /webhooks/messages/{message_id}/retry."""

    @extend_schema(
        operation_id="webhook_messages_retry",
        summary="Make a message's waiting retries now",
        description="To one endpoint, or to every one that it waits for.",
        tags=TAGS,
        request=delivery_shapes.RetryMessageSerializer,
        responses={202: delivery_shapes.RetriedMessagesSerializer, **errors(503)},
        examples=[
            examples.asked("Endpoint", {"endpoint_id": examples.ENDPOINT_ID}),
            examples.answer("Queued", {"messages": 1}),
        ],
    )
    def post(self, request: Request, message_id: str) -> Response:
        message = find(self.organization, message_id)
        name = bodies.read(delivery_shapes.RetryMessageSerializer, request).get("endpoint_id")
        if name:
            endpoints = [lifecycle.find(self.organization, name)]
        else:
            endpoints = list(Endpoint.objects.for_organization(self.organization).order_by("key"))
        backend = chosen_backend()
        return Response({"messages": sum(backend.retry(one, message) for one in endpoints)}, status=HTTPStatus.ACCEPTED)


class EgressAddresses(TenantView):
    """GET /webhooks/egress-addresses."""

    @extend_schema(
        operation_id="webhook_egress_addresses",
        summary="List the addresses that calls come from",
        description="For the allow-list of your firewall. Signatures, not addresses, prove who calls.",
        tags=TAGS,
        responses=delivery_shapes.EgressAddressesSerializer,
        examples=[examples.answer("Addresses", {"addresses": ["198.51.100.7", "2001:db8::/64"]})],
    )
    def get(self, request: Request) -> Response:
        """Return the addresses that the operator has set."""
        return Response({"addresses": settings.WEBHOOK_EGRESS_ADDRESSES})


def find(organization: Organization, message_id: str) -> Message:
    """Return the organization's message of that id; raises MessageNotFound."""
    named = Q(id=message_id) | Q(service_id=message_id) if settings.SVIX_TOKEN else Q(id=message_id)
    found = Message.objects.for_organization(organization).filter(named).first()
    if found is None:
        raise MessageNotFound("Webhook message not found")
    return found
