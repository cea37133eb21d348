"""The authorization code grant: the way to a vendor, the way back, and tokens that stay fresh.

begin(…)       → a state that only its hash is kept of, and our own address that marks the browser and leads on
vendor_url(…)  → where that leads
look(…)        → the row of a state
consume(…)     → the same, gone from then on
exchange(…)    → the tokens of a code
fresh_tokens(…)→ a connection's tokens, renewed under its row's lock, so that of two workers one calls the vendor
"""

import hashlib
import logging
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

import msgspec
from django.conf import settings
from django.db import transaction

from accounts.models import EndUser
from providers.connections import lifecycle
from providers.contract import GrantLost, VendorError, VendorRetired, VendorUnavailable
from providers.models import ConnectionToken, OAuthState
from providers.vendor_api import credentials, token_endpoint
from providers.vendor_api.client import Tokens
from providers.vendor_api.credentials import VendorApp
from providers.vendor_api.token_endpoint import TokenAnswer
from wearlink.lib import clock
from wearlink.lib.errors import InvalidInput, NotAvailable

logger = logging.getLogger(__name__)
STATE_LIFETIME: Final = timedelta(minutes=10)
MAX_STATES: Final = 20  # of one end user
MAX_IDLE: Final = 500  # tokens renewed at a time
NOT_BEGUN: Final = "This sign-in was not begun here, is too old, or was used before."


class BadState(InvalidInput):
    """A state that nobody was given, that was used, or that is too old."""

    default_code = "bad_state"


@dataclass(frozen=True, slots=True)
class AuthorizationUrl:
    """The address to send the end user to, and its end. It is an address of ours, which leads on to the vendor."""

    url: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """A consumed state: who comes back, for which app, and where to."""

    user_key: int
    organization_id: Any
    app_id: Any
    redirect_uri: str
    verifier: str
    back_to_widget: bool
    link_since: datetime | None


@dataclass(frozen=True, slots=True)
class GrantedAccess:
    """The grant that a code was exchanged for."""

    token: TokenAnswer
    answer: Mapping[str, Any]
    scopes: tuple[str, ...]


def begin(
    app: VendorApp, user: EndUser, *, redirect_uri: str = "", link_since: datetime | None = None
) -> AuthorizationUrl:
    """Remember a state for ten minutes. link_since: when the connect link was made that this begins from, if any.

    Links are followed by programs that look ahead, too: of one end user only the newest MAX_STATES are kept.
    """
    state = secrets.token_urlsafe(32)
    verifier = secrets.token_urlsafe(64) if app.provider.oauth.pkce else ""
    expires_at = clock.now() + STATE_LIFETIME
    OAuthState.objects.create(
        digest=hash_state(state), user_key=user.key, organization_id=user.organization_id, provider=app.provider.slug,
        app_id=app.id, redirect_uri=redirect_uri, back_to_widget=link_since is not None, link_since=link_since,
        expires_at=expires_at, verifier=verifier,
    )  # fmt: skip
    kept = OAuthState.objects.filter(user_key=user.key).order_by("-expires_at").values("pk")[:MAX_STATES]
    OAuthState.objects.filter(user_key=user.key).exclude(pk__in=kept).delete()
    return AuthorizationUrl(f"{settings.BASE_URL}/connect/go/{state}", expires_at)


def vendor_url(app: VendorApp, state: str, verifier: str) -> str:
    """Return the vendor's page that asks for the grant."""
    oauth = app.provider.oauth
    asked = {
        "response_type": "code",
        "client_id": app.credentials.client_id,
        "redirect_uri": app.callback_url,
        "state": state,
        **oauth.authorize_params,
    }
    if app.scopes:
        asked["scope"] = oauth.scope_separator.join(app.scopes)
    if verifier:
        asked |= {"code_challenge": pkce_challenge(verifier), "code_challenge_method": "S256"}
    mark = "&" if "?" in app.urls.authorize else "?"
    return f"{app.urls.authorize}{mark}{urlencode(asked)}"


def look(state: str, slug: str = "") -> OAuthState:
    """Return the row of a state that is still good; of a provider, or of any. Raises BadState."""
    row = OAuthState.objects.filter(digest=hash_state(state), expires_at__gte=clock.now()).first()
    if row is None or (slug and row.provider != slug):
        raise BadState(NOT_BEGUN)
    return row


def consume(slug: str, state: str) -> AuthorizationRequest:
    """Use a state up. Raises BadState."""
    with transaction.atomic():
        row = OAuthState.objects.select_for_update().filter(digest=hash_state(state), provider=slug).first()
        if row is not None:
            row.delete()
    if row is None or row.expires_at < clock.now():
        raise BadState(NOT_BEGUN)
    who, back = (row.user_key, row.organization_id, row.app_id), (row.back_to_widget, row.link_since)
    return AuthorizationRequest(*who, row.redirect_uri, row.verifier, *back)


def exchange(app: VendorApp, code: str, verifier: str, query: Mapping[str, str]) -> GrantedAccess:
    """Return the tokens of a code. Raises VendorError."""
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": app.callback_url}
    if verifier:
        form["code_verifier"] = verifier
    answer = token_endpoint.request_tokens(app, {**form, **app.provider.oauth.token_params})
    granted = app.provider.granted_scopes(answer, query)
    return GrantedAccess(token_endpoint.parse_token(answer), answer, app.scopes if granted is None else granted)


def renewer(connection_key: int) -> Callable[[str | None], Tokens]:
    """Return `access` of one connection, as an EndUserCaller asks for it."""
    return lambda rejected: fresh_tokens(connection_key, rejected)


def fresh_tokens(connection_key: int, rejected: str | None = None) -> Tokens:
    """Return a connection's tokens. `rejected` is an access token the vendor did not take.

    The row of the tokens is locked while the vendor is asked, so that a second worker finds the first one's tokens;
    the new ones are committed before anybody uses them. Raises GrantLost (the connection is expired then), VendorError.
    """
    try:
        with transaction.atomic():
            rows = ConnectionToken.objects.select_for_update(of=("self",)).select_related("connection__app")
            row = rows.filter(pk=connection_key).first()
            if row is None or not row.connection.is_live:
                raise GrantLost("The connection has ended.")
            tokens = tokens_of(row)
            if not _must_renew(tokens, rejected):
                return tokens
            return _renew(row, tokens, rejected)
    except GrantRefused as refused:
        lifecycle.expire(connection_key, reason=refused.reason, token=refused.token)
        raise GrantLost("The vendor does not accept the grant any more.") from refused


def renew_idle() -> int:
    """Renew tokens that nobody used for two thirds of their refresh tokens' life; returns how many were looked at.

    Of vendors that push everything, nothing else would use them before they are needed.
    """
    count = 0
    for provider in credentials.all_clouds():
        if not provider.oauth.refresh_ends_days:
            continue
        before = clock.now() - timedelta(days=provider.oauth.refresh_ends_days * 2 / 3)
        idle = ConnectionToken.objects.filter(connection__provider=provider.slug, obtained_at__lt=before)
        for key in list(idle.exclude(refresh=b"").order_by("obtained_at").values_list("pk", flat=True)[:MAX_IDLE]):
            count += 1
            try:
                fresh_tokens(key)
            except (VendorError, NotAvailable) as error:
                logger.warning("An idle token of %s was not renewed: %s", provider.slug, error)
    return count


class GrantRefused(Exception):
    """The grant is lost: carried out of the transaction that holds the row."""

    def __init__(self, reason: str, token: str) -> None:
        super().__init__(reason)
        self.reason, self.token = reason, token


def tokens_of(row: ConnectionToken) -> Tokens:
    """Return the tokens of a row."""
    if row.expires_at is None or not row.refresh:
        return Tokens(row.access, row.refresh, float("inf"))
    early = credentials.get_cloud(row.connection.provider).oauth.refresh_early
    lasts = max((row.expires_at - row.obtained_at).total_seconds(), 0)
    # half of a token's life at most: one that lasts shorter than `early` would be renewed before every call
    return Tokens(row.access, row.refresh, row.expires_at.timestamp() - min(early, lasts / 2))


def token_columns(token: TokenAnswer, now: datetime) -> dict[str, Any]:
    """Return the columns of a ConnectionToken that a token answer fills; no refresh token keeps the one there is."""
    columns: dict[str, Any] = {
        "access": token.access_token,
        "expires_at": token.ends_at(now),
        "obtained_at": now,
    }
    if token.refresh_token:
        columns["refresh"] = token.refresh_token
    return columns


def hash_state(state: str) -> bytes:
    """Return what is stored of a state."""
    return hashlib.sha256(state.encode()).digest()


def pkce_challenge(verifier: str) -> str:
    """Return the S256 challenge of RFC 7636."""
    return urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def _must_renew(tokens: Tokens, rejected: str | None) -> bool:
    if rejected is not None:
        return tokens.access == rejected
    return tokens.ends <= clock.now().timestamp()


def _renew(row: ConnectionToken, tokens: Tokens, rejected: str | None) -> Tokens:
    """Ask the vendor for new tokens and keep them. The row is locked."""
    if not tokens.refresh:
        raise GrantRefused("token_rejected", row.access)
    app = credentials.app_of_connection(row.connection)
    try:
        token = token_endpoint.refresh(app, tokens.refresh)
    except GrantLost as error:
        reason = error.reason if isinstance(error, VendorRetired) else "refresh_failed"
        raise GrantRefused(reason, row.access) from error
    except VendorUnavailable:
        now = clock.now()
        if rejected is None and row.expires_at is not None and row.expires_at > now:
            return msgspec.structs.replace(tokens, ends=now.timestamp() + 60)  # still good: try again in a minute
        raise
    columns = token_columns(token, clock.now())
    ConnectionToken.objects.filter(pk=row.pk).update(**columns)
    for name, value in columns.items():
        setattr(row, name, value)
    return tokens_of(row)
