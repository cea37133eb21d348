"""Callers: an API key, a developer with a dashboard token, or a phone with an SDK token of one end user."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from django.db import transaction
from django.utils.functional import cached_property
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from accounts import keys
from accounts.audit import Actor
from accounts.models import ApiKey, Developer, EndUser, Organization
from wearlink.lib.api.callers import API_KEY, DASHBOARD, KEY_HEADER, SDK
from wearlink.lib.errors import Unauthorized
from wearlink.lib.security import tokens
from wearlink.lib.security.tokens import Purpose
from wearlink.lib.valkey.ratelimit import Count
from wearlink.lib.valkey.remembered import Remembered

_organizations = Remembered[Organization]("organization", seconds=30)


class TokenWithdrawn(tokens.InvalidToken):
    """An SDK token that its organization has withdrawn before its end."""

    default_code = "token_withdrawn"

    def __init__(self) -> None:
        super().__init__("The token was withdrawn. Please ask your server for a new one.")


@dataclass(frozen=True)
class Caller:
    """A verified caller. kind is api_key, dashboard or sdk; the fields that belong to the others are None."""

    kind: str
    organization: Organization
    developer: Developer | None = None
    api_key: ApiKey | None = None
    end_user_id: UUID | None = None
    sdk_token_version: int = 0  # what the end user's row must have

    @cached_property
    def actor(self) -> Actor:
        """The caller as the audit trail names it."""
        if self.developer is not None:
            return Actor("developer", str(self.developer.pk))
        if self.api_key is not None:
            return Actor("api_key", self.api_key.listed_id)
        return Actor("end_user", str(self.end_user_id))

    @property
    def bucket(self) -> str:
        """The rate limit's counter: one a key, and one for everybody of an organization without a key."""
        if self.api_key is not None:
            return keys.bucket(self.api_key)
        return organization_bucket(self.organization)

    @property
    def requests_per_minute(self) -> int | None:
        return self.organization.requests_per_minute


class ApiKeyAuthentication(BaseAuthentication):
    """X-WearLink-API-Key: sk-…, or Authorization: Bearer sk-…, which many clients and people try first."""

    kind: ClassVar[str] = API_KEY

    def authenticate(self, request: Request) -> tuple[None, Caller] | None:
        """Return None without a key; Unauthorized for one that is not live."""
        whole = request.headers.get(KEY_HEADER)
        if whole is None:
            whole = _bearer(request)
            if not whole.startswith(keys.PREFIX):
                return None
        row, count = keys.find_counted(whole.strip())
        if row is None:
            raise Unauthorized("The API key is not valid.", code="invalid_api_key")
        _counted(request, count)
        return None, Caller(API_KEY, row.organization, api_key=row)

    def authenticate_header(self, request: Request) -> str:
        """Make a refusal a 401."""
        return 'Bearer realm="wearlink"'


class BearerAuthentication(BaseAuthentication):
    """Authorization: Bearer <token>, for the tokens of one purpose."""

    kind: ClassVar[str]
    purpose: ClassVar[Purpose]

    def authenticate(self, request: Request) -> tuple[Developer | None, Caller] | None:
        """Return None without a token or with one of another purpose; Unauthorized for one that is not valid."""
        token = _bearer(request)
        if not token or token.startswith(keys.PREFIX):
            return None
        claimed = tokens.purpose_of(token)
        if claimed is None:
            raise tokens.InvalidToken("The token is not valid here.")
        if claimed is not self.purpose:
            return None
        caller = self.caller(tokens.read(token, self.purpose), request)
        return caller.developer, caller

    def authenticate_header(self, request: Request) -> str:
        """Make a refusal a 401."""
        return 'Bearer realm="wearlink"'

    def caller(self, claims: tokens.Claims, request: Request) -> Caller:
        """Return the caller of the claims. Raises InvalidToken once the token was withdrawn."""
        raise tokens.InvalidToken("The token is not valid here.")


class DashboardAuthentication(BearerAuthentication):
    """A developer's session; ended by sign-out, lock and password change."""

    kind = DASHBOARD
    purpose = Purpose.DASHBOARD

    def caller(self, claims: tokens.Claims, request: Request) -> Caller:
        """Return the developer, read from the database: a lock must act at once."""
        rows = Developer.objects.select_related("organization").filter(pk=claims.subject)
        developer = rows.filter(token_version=claims.more.get("ver", 0)).first()
        if developer is None or developer.is_suspended():
            raise tokens.InvalidToken("The session has ended. Please sign in again.", code="session_ended")
        return Caller(DASHBOARD, developer.organization, developer=developer)


class SdkAuthentication(BearerAuthentication):
    """A phone: one end user of one organization."""

    kind = SDK
    purpose = Purpose.SDK

    def caller(self, claims: tokens.Claims, request: Request) -> Caller:
        """Return the end user's id; that the user still exists, and has withdrawn nothing, is the view's query."""
        organization, count = _remembered(claims.more.get("org", ""))
        if organization is None:
            raise tokens.InvalidToken("The token is not valid here.")
        _counted(request, count)
        if claims.more.get("over", 0) != organization.sdk_token_version:
            raise TokenWithdrawn
        return Caller(SDK, organization, end_user_id=UUID(claims.subject), sdk_token_version=claims.more.get("ver", 0))


def _bearer(request: Request) -> str:
    """Return the token after Authorization: Bearer; empty without it."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def dashboard_token(developer: Developer) -> str:
    """Return a token for the dashboard."""
    return tokens.issue(Purpose.DASHBOARD, str(developer.pk), ver=developer.token_version)


def sdk_token(end_user: EndUser) -> str:
    """Return a token for the phone of one end user, good until either version is raised (accounts.sdk_tokens)."""
    organization = end_user.organization
    versions = {"ver": end_user.sdk_token_version, "over": organization.sdk_token_version}
    return tokens.issue(Purpose.SDK, str(end_user.id), org=str(organization.pk), **versions)


def organization_bucket(organization: Organization) -> str:
    """Return the counter of all calls without a key."""
    return f"organization:{organization.pk}"


def forget_organization(organization_id: UUID) -> None:
    """Forget, after the commit, what is remembered of this organization's callers, so that the next call reads it."""
    keys.forget_organization(organization_id)
    transaction.on_commit(lambda: _organizations.forget([str(organization_id)]), robust=True)


def _remembered(organization_id: str) -> tuple[Organization | None, Count | None]:
    """Return the organization of a verified token, and the count of this call where it was made along with the look."""
    rows = Organization.objects.filter(pk=organization_id)
    return _organizations.get(organization_id, rows.first, bucket=organization_bucket)


def _counted(request: Request, count: Count | None) -> None:
    """Tell ratelimit.charge what the look for the caller has counted."""
    if count is not None:
        request._request.counted = count  # type: ignore[attr-defined]
