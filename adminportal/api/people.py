"""/admin/developers and /admin/end-users: people of all tenants."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.platform import PlatformView
from adminportal.api import shapes
from adminportal.api.lists import TAGS, PlatformListView, SearchQuery
from adminportal.platform import developers, end_users
from wearlink.lib.api import bodies
from wearlink.lib.api.openapi import errors

DEVELOPER_ID = OpenApiParameter(
    "developer_id", OpenApiTypes.UUID, OpenApiParameter.PATH, description="Id of the developer."
)
USER_ID = OpenApiParameter("user_id", OpenApiTypes.UUID, OpenApiParameter.PATH, description="Id of the end user.")


class DeveloperQuery(SearchQuery):
    """The filters and page of a list of developers."""

    plan = serializers.CharField(max_length=32, required=False, help_text="Code of the organization's plan.")
    locked = serializers.BooleanField(required=False, help_text="Only those whose sign-in is refused now, or not.")
    superuser = serializers.BooleanField(required=False, help_text="Only superusers, or only others.")


class PlatformEndUserQuery(SearchQuery):
    """The filters and page of a list of end users."""

    organization_id = serializers.UUIDField(required=False, help_text="Only those of one tenant.")


class SuperuserSerializer(serializers.Serializer[Any]):
    """The rights to give to a developer."""

    is_superuser = serializers.BooleanField(required=False, help_text="Absent: the opposite of the present value.")


class Developers(PlatformListView):
    """GET /admin/developers."""

    query_class = DeveloperQuery

    @extend_schema(
        operation_id="admin_developers_list",
        tags=TAGS,
        summary="Developers of all tenants",
        description="Newest first. `q` is looked for in addresses, names and names of organizations.",
        responses=shapes.DeveloperListSerializer,
    )
    def get(self, request: Request) -> Response:
        rows = developers.find_all(**self.filters())
        return self.listed(rows, lambda row: shapes.PlatformDeveloperSerializer(row).data)


class DeveloperView(PlatformView):
    def shown(self, row: Any) -> Response:
        return Response(shapes.developer_detail(row))


class DeveloperDetail(DeveloperView):
    """GET /admin/developers/{developer_id}."""

    @extend_schema(
        operation_id="admin_developers_get",
        tags=TAGS,
        summary="A developer",
        description="With organization, subscription, numbers of keys and end users, and the last 20 acts.",
        parameters=[DEVELOPER_ID],
        responses=shapes.DeveloperDetailSerializer,
    )
    def get(self, request: Request, developer_id: str) -> Response:
        return self.shown(developers.find(self.ids["developer_id"]))


class DeveloperSuperuser(DeveloperView):
    """POST /admin/developers/{developer_id}/superuser."""

    @extend_schema(
        operation_id="admin_developers_superuser",
        tags=TAGS,
        summary="Make or unmake a superuser",
        description="Only for the root administrator (ROOT_ADMIN_EMAIL); 403 for other superusers. Audited.",
        parameters=[DEVELOPER_ID],
        request=SuperuserSerializer,
        responses={200: shapes.DeveloperDetailSerializer, **errors(403, 409)},
    )
    def post(self, request: Request, developer_id: str) -> Response:
        wanted = bodies.read(SuperuserSerializer, request).get("is_superuser")
        return self.shown(developers.set_superuser(self.ids["developer_id"], self.admin, wanted=wanted))


class DeveloperLock(DeveloperView):
    """POST /admin/developers/{developer_id}/lock."""

    @extend_schema(
        operation_id="admin_developers_lock",
        tags=TAGS,
        summary="Lock a developer out for seven days",
        description="Ends their sessions; no mail lifts it. 409 for your own account and the root administrator's.",
        parameters=[DEVELOPER_ID],
        request=None,
        responses={200: shapes.DeveloperDetailSerializer, **errors(409)},
    )
    def post(self, request: Request, developer_id: str) -> Response:
        bodies.read(bodies.NoFields, request)
        return self.shown(developers.lock(self.ids["developer_id"], self.admin))


class DeveloperUnlock(DeveloperView):
    """POST /admin/developers/{developer_id}/unlock."""

    @extend_schema(
        operation_id="admin_developers_unlock",
        tags=TAGS,
        summary="Unlock a developer",
        description="Lifts any lock and forgets failed sign-ins. Open sessions end, so they must sign in again.",
        parameters=[DEVELOPER_ID],
        request=None,
        responses=shapes.DeveloperDetailSerializer,
    )
    def post(self, request: Request, developer_id: str) -> Response:
        bodies.read(bodies.NoFields, request)
        return self.shown(developers.unlock(self.ids["developer_id"], self.admin))


class EndUsers(PlatformListView):
    """GET /admin/end-users."""

    query_class = PlatformEndUserQuery

    @extend_schema(
        operation_id="admin_end_users_list",
        tags=TAGS,
        summary="End users of all tenants",
        description="Newest first. `q` is looked for in names, e-mail and external_id.",
        responses=shapes.EndUserListSerializer,
    )
    def get(self, request: Request) -> Response:
        rows = end_users.find_all(**self.filters())
        return self.listed(rows, lambda row: shapes.PlatformEndUserSerializer(row).data)


class EndUserDetail(PlatformView):
    """GET /admin/end-users/{user_id}."""

    @extend_schema(
        operation_id="admin_end_users_get",
        tags=TAGS,
        summary="An end user",
        description="With the owner's address, connections and how much data there is; no health data itself.",
        parameters=[USER_ID],
        responses=shapes.EndUserDetailSerializer,
    )
    def get(self, request: Request, user_id: str) -> Response:
        return Response(shapes.end_user_detail(end_users.find(self.ids["user_id"])))
