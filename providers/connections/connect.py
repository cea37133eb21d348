"""Connecting an end user: links to our page, where a browser may be sent back to, and the way back from the vendor."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import urlencode, urlsplit
from uuid import UUID

from django.conf import settings
from django.db import transaction

from accounts import audit
from accounts.models import EndUser, Organization
from providers.connections import failed_codes, lifecycle, oauth
from providers.connections.oauth import AuthorizationRequest, GrantedAccess
from providers.contract import (
    CloudProvider,
    FormerAccount,
    Grant,
    RateLimited,
    VendorError,
    VendorRetired,
    VendorUnavailable,
)
from providers.models import ProviderApp
from providers.vendor_api import credentials
from providers.vendor_api.client import EndUserCaller, Tokens
from providers.vendor_api.credentials import VendorApp
from wearlink.lib import clock
from wearlink.lib.errors import InvalidInput
from wearlink.lib.security import tokens
from wearlink.lib.security.tokens import LIFETIME, Claims, Purpose

MAX_ACCOUNT_LENGTH: Final = 128
LINK_LIFETIME: Final = timedelta(hours=1)  # from the first one on, however often it was renewed on the way back


@dataclass(frozen=True, slots=True)
class ConnectLink:
    """A connect link and when it ends."""

    url: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class LinkHolder:
    """The end user of a connect link, and where they return to."""

    user: EndUser
    organization: Organization
    return_to: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Question:
    """The consent asked of the end user before any token is kept: for whom the data are, and the next address."""

    organization: Organization
    redirect_uri: str


@dataclass(frozen=True, slots=True)
class CallbackResult:
    """The end of a sign-in: where the browser goes, or (location empty) a page that says so. code: "" for success.

    back_to_page: it goes back to our connect page.
    """

    provider: str
    code: str = ""
    location: str = ""
    back_to_page: bool = False


@dataclass(frozen=True, slots=True)
class VendorAccount:
    """The account behind a grant, with its names at providers that this one succeeds."""

    name: str
    former: tuple[FormerAccount, ...] = ()


class AddressNotAllowed(InvalidInput):
    """An address that the organization did not allow."""

    default_code = "redirect_not_allowed"


def require_allowed(organization: Organization, address: str) -> str:
    """Return the address itself if a browser may be sent there. Raises AddressNotAllowed.

    An allowed address matches exactly. One that is only an origin (https://app.example.com, with no path or /) allows
    every path and query there; this goes for http and https only.
    """
    origin = _origin(address)
    if not address.isprintable():  # a line break would end the header that leads there
        raise AddressNotAllowed.on(
            "redirect_uri", "holds a character that is not printable.", code="redirect_not_allowed"
        )
    for rule in organization.redirect_addresses:
        if address == rule or (origin and _is_origin(rule) and _origin(rule) == origin):
            return address
    raise AddressNotAllowed.on(
        "redirect_uri",
        "is not among the organization's allowed redirect addresses (PATCH /organization).",
        code="redirect_not_allowed",
    )


def create_link(user: EndUser, organization: Organization, return_to: str) -> ConnectLink:
    """Return a link to our page for one end user. Raises AddressNotAllowed."""
    address = require_allowed(organization, return_to) if return_to else ""
    token = _link_token(user.id, address, clock.now())
    return ConnectLink(page_url(token), clock.now() + timedelta(seconds=LIFETIME[Purpose.CONNECT]))


def _link_token(user_id: UUID, address: str, since: datetime) -> str:
    """Return a token of a link that was first made at ``since``; where that is too long ago it is dead from the
    beginning.
    """
    left = int((since + LINK_LIFETIME - clock.now()).total_seconds())
    lifetime, begun = min(left, LIFETIME[Purpose.CONNECT]), int(since.timestamp())
    return tokens.issue(Purpose.CONNECT, str(user_id), lifetime=lifetime, back=address, since=begun)


def page_url(token: str) -> str:
    """Return the address of our page."""
    return f"{settings.BASE_URL}/connect/{token}"


def read_link(token: str) -> LinkHolder:
    """Return whom a link is for. Raises InvalidToken."""
    return _holder(tokens.read(token, Purpose.CONNECT))


def read_late_link(token: str) -> LinkHolder:
    """Return whom a link was for that may have expired: good for the way back to the app, and for nothing else.

    Raises InvalidToken.
    """
    return _holder(tokens.read(token, Purpose.CONNECT, may_be_late=True))


def _holder(claims: Claims) -> LinkHolder:
    user = EndUser.objects.select_related("organization").defer("search_text").filter(id=UUID(claims.subject)).first()
    if user is None:
        raise tokens.InvalidToken("The user of this link does not exist any more.", code="user_gone")
    since = datetime.fromtimestamp(int(claims.more.get("since") or claims.more["iat"]), UTC)
    return LinkHolder(user, user.organization, str(claims.more.get("back") or ""), since)


def disconnect(user: EndUser, slug: str, *, actor: audit.Actor, reason: str) -> None:
    """End a connection: revoked at the vendor, tokens destroyed, nothing comes any more; the data stay.

    Raises NotConnected.
    """
    lifecycle.revoke(lifecycle.find(user, slug).pk, reason=reason, actor=actor, at_vendor=True)


def question(slug: str, state: str) -> Question:
    """Return what to ask before a code is exchanged. Raises BadState."""
    row = oauth.look(state, slug)
    return Question(Organization.objects.get(pk=row.organization_id), "" if row.back_to_widget else row.redirect_uri)


def handle_callback(slug: str, query: Mapping[str, str]) -> CallbackResult:
    """Handle the browser that the vendor sent back. Raises UnknownProvider, BadState; every other end is an Outcome."""
    provider = credentials.get_cloud(slug)
    request = oauth.consume(slug, query.get("state", ""))
    code = _finish(provider, request, query)
    return CallbackResult(slug, code, _location(slug, request, code), request.back_to_widget)


def _finish(provider: CloudProvider, request: AuthorizationRequest, query: Mapping[str, str]) -> str:
    """Exchange the code and keep the connection; a word for what went wrong, empty if nothing did."""
    if query.get("error") or not query.get("code"):
        return "access_denied" if query.get("error") in ("access_denied", "user_denied") else "vendor_refused"
    app = app_of(provider, request.app_id)
    if app is None:
        return "not_configured"
    if not failed_codes.may_try(request):
        return "vendor_unavailable"
    try:
        granted = oauth.exchange(app, query["code"], request.verifier, query)
        account, scopes = _fetch_account(app, granted)
    except (VendorUnavailable, RateLimited):
        return "vendor_unavailable"
    except VendorRetired as error:
        return error.code
    except VendorError:
        failed_codes.count(request)
        return "vendor_error"
    return _store(provider, request, granted, account, scopes)


def _store(
    provider: CloudProvider, request: AuthorizationRequest, granted: GrantedAccess, account: VendorAccount,
    scopes: tuple[str, ...],
) -> str:  # fmt: skip
    columns = oauth.token_columns(granted.token, clock.now())
    with transaction.atomic():
        user = EndUser.objects.select_for_update(no_key=True).filter(pk=request.user_key).first()
        if user is None:
            return "user_gone"
        lifecycle.create(
            user, provider=provider, app_id=request.app_id, account=account.name, columns=columns,
            scopes=scopes,
        )  # fmt: skip
        for former in account.former:
            lifecycle.end_former(user, former)
    return ""


def _fetch_account(app: VendorApp, granted: GrantedAccess) -> tuple[VendorAccount, tuple[str, ...]]:
    """Ask who it is and what is allowed, and let the adapter do what a new connection needs. Raises VendorError."""
    held = Tokens(granted.token.access_token, granted.token.refresh_token or "")
    client = EndUserCaller(app, lambda _: held, account="", grant=Grant(granted.scopes, granted.answer))
    try:
        account = app.provider.account_id(client)
        former = tuple(app.provider.former_accounts(client))
    except (KeyError, TypeError, ValueError) as error:
        raise VendorError("The vendor did not say whose account it is.") from error
    if not account or len(account) > MAX_ACCOUNT_LENGTH:
        raise VendorError("The vendor did not say whose account it is.")
    client.account = account
    given = app.provider.permissions(client)
    app.provider.complete_connection(client)
    return VendorAccount(account, former), granted.scopes if given is None else given


def app_of(provider: CloudProvider, app_id: UUID | None) -> VendorApp | None:
    """Return the app a sign-in was begun with; None if it is gone. No id: the platform's."""
    if app_id is None:
        return credentials.platform_app(provider)
    row = ProviderApp.objects.filter(pk=app_id).first()
    return None if row is None else credentials.organization_app(provider, row)


def _location(slug: str, request: AuthorizationRequest, code: str) -> str:
    """Return where the browser goes: to our page, or to the customer's app; empty for neither."""
    if request.back_to_widget:
        user_id = EndUser.objects.filter(pk=request.user_key).values_list("id", flat=True).first()
        if user_id is None:
            return ""
        token = _link_token(user_id, request.redirect_uri, request.link_since or clock.now())
        return page_url(token)
    outcome = {"provider": slug, **({"error": code} if code else {"status": "connected"})}
    return with_query(request.redirect_uri, outcome) if request.redirect_uri else ""


def with_query(address: str, values: Mapping[str, str]) -> str:
    """Return the address with more query parameters."""
    return f"{address}{'&' if '?' in address else '?'}{urlencode(values)}"


def _origin(address: str) -> tuple[str, str, int | None] | None:
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc or "\\" in address:
        return None
    return parts.scheme, parts.hostname, port


def _is_origin(rule: str) -> bool:
    parts = urlsplit(rule)
    return parts.path in ("", "/") and not parts.query and not parts.fragment
