"""/users: the end users of the caller's organization."""

from http import HTTPStatus
from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import sdk_tokens
from accounts.api import erasure_shapes, serializers
from accounts.api.auth import TOKEN_EXAMPLE
from accounts.api.team import PAGINATION
from accounts.api.views import EndUserView
from accounts.authentication import sdk_token
from accounts.deletion import erasing
from accounts.end_users import users
from accounts.end_users.users import EndUserNotFound
from accounts.models import Erasure
from accounts.replies import idempotent
from wearlink.lib.api import bodies
from wearlink.lib.api.etags import ETagMixin
from wearlink.lib.api.openapi import errors
from wearlink.lib.api.views import TenantView
from wearlink.lib.security.tokens import LIFETIME, Purpose

TAGS = ["Users"]
USER = {
    "id": "550e8400-e29b-41d4-a716-446655440000",
    "external_id": "customer-42",
    "first_name": "Jane",
    "last_name": "Doe",
    "email": "jane@example.com",
    "time_zone": "Europe/Paris",
    "zone_known": True,
    "zone_learned": False,
    "source_priority": {},
    "created_at": "2026-04-23T10:00:00Z",
    "updated_at": "2026-04-23T10:00:00Z",
}
USER_EXAMPLE = OpenApiExample("User", value=USER, response_only=True)


class Users(TenantView):
    """GET and POST /users."""

    query_class = serializers.EndUserQuery

    @extend_schema(
        operation_id="users_list",
        summary="List users",
        description="Newest first unless sort_by says otherwise. `external_id` and `email` find one user.",
        tags=TAGS,
        responses=serializers.EndUserPage,
        examples=[OpenApiExample("Users", value={"data": [USER], "pagination": PAGINATION}, response_only=True)],
    )
    def get(self, request: Request) -> Response:
        """List the organization's end users, a page at a time."""
        names = ("search", "external_id", "email", "sort_by")
        wanted = {name: self.query[name] for name in names if name in self.query}
        rows = users.listed(self.organization, **wanted)
        return self.paginated(rows.values(*serializers.END_USER), list)

    @extend_schema(
        operation_id="users_create",
        summary="Create a user",
        description="Everything is optional. E-mail and external_id are unique in your organization; a 409 says in "
        "`existing_id` who has them.",
        tags=TAGS,
        request=serializers.EndUserInputSerializer,
        responses={201: serializers.CreatedEndUserSerializer, **errors(409)},
        examples=[
            OpenApiExample(
                "New",
                value={
                    "first_name": "Jane",
                    "last_name": "Doe",
                    "email": "jane@example.com",
                    "time_zone": "Europe/Paris",
                },
                request_only=True,
            ),
            OpenApiExample("User", value={**USER, "warnings": []}, response_only=True),
        ],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        values = bodies.read(serializers.EndUserInputSerializer, request)
        created = users.create(self.organization, values)
        return Response(serializers.CreatedEndUserSerializer(created).data, status=HTTPStatus.CREATED)


class UserDetail(ETagMixin, EndUserView):
    """GET, PATCH and DELETE /users/{user_id}."""

    @extend_schema(
        operation_id="users_get",
        summary="Get a user",
        tags=TAGS,
        responses=serializers.EndUserSerializer,
        examples=[USER_EXAMPLE],
    )
    def get(self, request: Request, user_id: UUID) -> Response:
        """Return the end user."""
        return Response(serializers.SHOWN_END_USER.to_representation(self.end_user))

    @extend_schema(
        operation_id="users_update",
        summary="Change a user",
        description=(
            "A `time_zone` holds from `valid_from` on: without it from the beginning if no zone was known, else from "
            "now on. Days from then on are computed again in the background: see `GET /users/{user_id}/zone-changes`."
        ),
        tags=TAGS,
        request=serializers.EndUserChangesSerializer,
        responses={200: serializers.EndUserSerializer, **errors(409)},
        examples=[OpenApiExample("Change", value={"time_zone": "Asia/Kolkata"}, request_only=True), USER_EXAMPLE],
    )
    def patch(self, request: Request, user_id: UUID) -> Response:
        """Change what the body names."""
        changes = bodies.read(serializers.EndUserChangesSerializer, request)
        return Response(serializers.SHOWN_END_USER.to_representation(users.update(self.end_user, changes)))

    def locate(self, **kwargs: Any) -> None:
        """Look the end user up; for a DELETE of one that is being erased, take the erasure instead."""
        self.erasure: Erasure | None = None
        try:
            super().locate(**kwargs)
        except EndUserNotFound:
            known = Erasure.objects.filter(organization_id=self.organization.pk, user_id=kwargs["user_id"]).first()
            if known is None or self.request.method != "DELETE":
                raise
            if known.finished_at is not None:
                receipt = f"This user was erased; GET /erasures/{known.id} has the receipt."
                raise EndUserNotFound(receipt, code="user_erased") from None
            self.erasure = known

    @extend_schema(
        operation_id="users_delete",
        summary="Delete a user and all their data",
        description=(
            "Cannot be undone. 204: nothing is left. 202: the user is gone for all calls, and what is left is removed "
            "in the background: rows of large accounts, objects in a store that did not answer, copies at Svix, grants "
            "at vendors. Calling again, or GET /erasures/{erasure_id}, shows how far that is; a signed receipt is "
            "there at the end."
        ),
        tags=TAGS,
        responses={
            202: OpenApiResponse(erasure_shapes.ErasureSerializer, examples=[erasure_shapes.RUNNING]),
            204: OpenApiResponse(None, description="Nothing is left."),
        },
    )
    def delete(self, request: Request, user_id: UUID) -> Response:
        row = self.erasure or erasing.erase(self.end_user, self.actor)
        row.refresh_from_db()
        if row.finished_at is not None:
            return Response(status=HTTPStatus.NO_CONTENT)
        return Response(erasure_shapes.shown(row), status=HTTPStatus.ACCEPTED)


class UserToken(EndUserView):
    """POST and DELETE /users/{user_id}/token."""

    @extend_schema(
        operation_id="users_token",
        summary="Get an SDK token",
        description="For the phone of this user: valid for an hour, for this user's data only.",
        tags=TAGS,
        request=None,
        responses=serializers.AccessTokenSerializer,
        examples=[TOKEN_EXAMPLE],
    )
    def post(self, request: Request, user_id: UUID) -> Response:
        bodies.read(bodies.NoFields, request)
        token = sdk_token(self.end_user)
        return Response({"access_token": token, "token_type": "bearer", "expires_in": LIFETIME[Purpose.SDK]})

    @extend_schema(
        operation_id="users_token_withdraw",
        summary="Withdraw a user's SDK tokens",
        description="Ends all tokens issued for this user until now: a phone was lost, or its user signed out. Calls "
        "with one of them answer 401 with code `token_withdrawn`; a token asked for afterwards works.",
        tags=TAGS,
        request=None,
        responses={204: OpenApiResponse(None, description="They are dead.")},
    )
    def delete(self, request: Request, user_id: UUID) -> Response:
        """End the tokens out there."""
        sdk_tokens.withdraw(self.end_user, actor=self.actor)
        return Response(status=HTTPStatus.NO_CONTENT)
