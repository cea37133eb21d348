"""/contact, /admin/support and /admin/announcements: what people write to the platform, and what it tells all."""

from http import HTTPStatus
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.platform import PlatformView
from accounts.api.throttle import throttle
from adminportal import announcements, support
from adminportal.api.lists import TAGS, PlatformListView, SearchQuery
from adminportal.models import Announcement, Severity, SupportTicket
from wearlink.lib.api import bodies
from wearlink.lib.api.pagination import OffsetPagination
from wearlink.lib.api.views import TenantView

TICKET_ID = OpenApiParameter("ticket_id", OpenApiTypes.UUID, OpenApiParameter.PATH, description="Id of the ticket.")
ANNOUNCEMENT_ID = OpenApiParameter(
    "announcement_id", OpenApiTypes.UUID, OpenApiParameter.PATH, description="Id of the banner."
)


class ContactSerializer(serializers.Serializer[Any]):
    """A message sent by the contact form."""

    name = serializers.CharField(max_length=120, required=False, allow_blank=True, help_text="Who writes.")
    email = serializers.EmailField(max_length=254, help_text="Where to answer.")
    subject = serializers.CharField(max_length=200, required=False, allow_blank=True, help_text="In a line.")
    message = serializers.CharField(max_length=5000, help_text="The message.")
    website = serializers.CharField(
        max_length=200, required=False, allow_blank=True, help_text="Leave it empty: only robots fill it in."
    )


class ReceivedSerializer(serializers.Serializer[Any]):
    """The acknowledgement of a message."""

    status = serializers.ChoiceField(choices=["received"], help_text="Always received.")


class TicketSerializer(serializers.Serializer[SupportTicket]):
    """A support ticket."""

    id = serializers.UUIDField(help_text="Id of the ticket.")
    name = serializers.CharField(help_text="Who wrote; may be empty.")
    email = serializers.EmailField(help_text="Where to answer.")
    subject = serializers.CharField(help_text="In a line; may be empty.")
    message = serializers.CharField(help_text="The message.")
    status = serializers.SerializerMethodField(help_text="open or resolved.")
    created_at = serializers.DateTimeField(format=None, help_text="When it came.")
    resolved_at = serializers.DateTimeField(format=None, allow_null=True, help_text="Null: open.")
    resolved_by = serializers.UUIDField(
        source="resolved_by_id", allow_null=True, help_text="Id of the administrator who resolved it."
    )

    def get_status(self, row: SupportTicket) -> str:
        """The state of the ticket: open or resolved."""
        return "open" if row.resolved_at is None else "resolved"


class TicketListSerializer(serializers.Serializer[Any]):
    """A page of tickets, newest first."""

    data = TicketSerializer(many=True)  # type: ignore[assignment]  # a field, not the property
    pagination = OffsetPagination(help_text="Size of the whole.")


class TicketQuery(SearchQuery):
    """The filters and page of a list of tickets."""

    status = serializers.ChoiceField(choices=["open", "resolved"], required=False, help_text="Absent: both.")


class ResolveSerializer(serializers.Serializer[Any]):
    """The state to give to a ticket."""

    resolved = serializers.BooleanField(default=True, help_text="false opens it again.")


class AnnouncementSerializer(serializers.Serializer[Announcement]):
    """A banner for the dashboard."""

    id = serializers.UUIDField(help_text="Id of the banner.")
    severity = serializers.ChoiceField(Severity.values, help_text="How loudly it speaks.")
    title = serializers.CharField(help_text="In a line.")
    body = serializers.CharField(help_text="The rest; may be empty.")
    cta_label = serializers.CharField(help_text="Text of the button; empty: there is none.")
    cta_url = serializers.CharField(help_text="Where the button leads.")
    is_active = serializers.BooleanField(help_text="Whether it is shown.")
    published_at = serializers.DateTimeField(format=None, help_text="Since when.")
    dismissed_at = serializers.DateTimeField(format=None, allow_null=True, help_text="Until when.")


class PublishSerializer(serializers.Serializer[Any]):
    """The banner to publish."""

    severity = serializers.ChoiceField(Severity.values, default=Severity.INFO.value, help_text="Default info.")
    title = serializers.CharField(max_length=120, help_text="In a line.")
    body = serializers.CharField(max_length=1000, required=False, allow_blank=True, help_text="The rest.")
    cta_label = serializers.CharField(max_length=60, required=False, help_text="Text of a button; needs cta_url.")
    cta_url = serializers.URLField(max_length=500, required=False, help_text="Where the button leads; https or http.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse a button without a text or without an address."""
        if ("cta_label" in attrs) != ("cta_url" in attrs):
            missing = "cta_url" if "cta_label" in attrs else "cta_label"
            raise serializers.ValidationError({missing: "A button needs both cta_label and cta_url."})
        return attrs


class AnnouncementListSerializer(serializers.Serializer[Any]):
    """A page of banners, newest first."""

    data = AnnouncementSerializer(many=True)  # type: ignore[assignment]  # a field, not the property
    pagination = OffsetPagination(help_text="Size of the whole.")


class Contact(TenantView):
    """POST /contact."""

    callers = frozenset()

    @extend_schema(
        operation_id="contact",
        tags=["Support"],
        summary="Write to the platform's support",
        description="Public; five messages a minute and address.",
        request=ContactSerializer,
        responses={201: ReceivedSerializer},
        auth=[],
    )
    def post(self, request: Request) -> Response:
        """Take a message. A robot gets the same answer, and its message is dropped."""
        throttle(request, support.SCOPE, support.RATE)
        support.receive(bodies.read(ContactSerializer, request))
        return Response({"status": "received"}, status=HTTPStatus.CREATED)


class Tickets(PlatformListView):
    """GET /admin/support."""

    query_class = TicketQuery

    @extend_schema(
        operation_id="admin_support_list",
        tags=TAGS,
        summary="Support tickets",
        description="Newest first. `q` is looked for in name, address, subject and message.",
        responses=TicketListSerializer,
    )
    def get(self, request: Request) -> Response:
        filters = self.filters()
        status = filters.pop("status", None)
        rows = support.tickets(is_open=None if status is None else status == "open", **filters)
        return self.listed(rows, lambda row: TicketSerializer(row).data)


class ResolveTicket(PlatformView):
    """POST /admin/support/{ticket_id}/resolve."""

    @extend_schema(
        operation_id="admin_support_resolve",
        tags=TAGS,
        summary="Resolve a ticket, or open it again",
        description="Audited.",
        parameters=[TICKET_ID],
        request=ResolveSerializer,
        responses=TicketSerializer,
    )
    def post(self, request: Request, ticket_id: str) -> Response:
        resolved = bodies.read(ResolveSerializer, request)["resolved"]
        row = support.resolve(self.ids["ticket_id"], self.admin, resolved=resolved)
        return Response(TicketSerializer(row).data)


class ActiveAnnouncement(TenantView):
    """GET /admin/announcements/active."""

    callers = frozenset()

    @extend_schema(
        operation_id="announcements_active",
        tags=["Support"],
        summary="The banner to show now",
        description="Public, so that it can be shown before sign-in. null where there is none.",
        responses=AnnouncementSerializer(allow_null=True),
        auth=[],
    )
    def get(self, request: Request) -> Response:
        row = announcements.active()
        return Response(b"null" if row is None else AnnouncementSerializer(row).data)


class AnnouncementHistory(PlatformListView):
    """GET /admin/announcements/history."""

    query_class = SearchQuery

    @extend_schema(
        operation_id="admin_announcements_history",
        tags=TAGS,
        summary="All banners, past ones included",
        description="Newest first. `q` is looked for in title and text.",
        responses=AnnouncementListSerializer,
    )
    def get(self, request: Request) -> Response:
        return self.listed(announcements.history(**self.filters()), lambda row: AnnouncementSerializer(row).data)


class PublishAnnouncement(PlatformView):
    """POST /admin/announcements/publish."""

    @extend_schema(
        operation_id="admin_announcements_publish",
        tags=TAGS,
        summary="Publish a banner",
        description="Takes the place of the active one. Audited.",
        request=PublishSerializer,
        responses={201: AnnouncementSerializer},
    )
    def post(self, request: Request) -> Response:
        row = announcements.publish(bodies.read(PublishSerializer, request), self.admin)
        return Response(AnnouncementSerializer(row).data, status=HTTPStatus.CREATED)


class DismissAnnouncement(PlatformView):
    """POST /admin/announcements/{announcement_id}/dismiss."""

    @extend_schema(
        operation_id="admin_announcements_dismiss",
        tags=TAGS,
        summary="Take a banner down",
        description="One that is down stays as it is. Audited.",
        parameters=[ANNOUNCEMENT_ID],
        request=None,
        responses=AnnouncementSerializer,
    )
    def post(self, request: Request, announcement_id: str) -> Response:
        bodies.read(bodies.NoFields, request)
        return Response(AnnouncementSerializer(announcements.dismiss(self.ids["announcement_id"], self.admin)).data)
