"""The vendors' token endpoints: what they are sent and what they answer."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec

from providers.contract import AppRefused, BadAnswer, GrantLost, VendorRetired, VendorUnavailable
from providers.vendor_api.client import AppCaller, RefusedCall
from providers.vendor_api.credentials import VendorApp

NO_TOKENS: Final = "The vendor's token endpoint answers something else than tokens."
MAX_LIFETIME: Final = 20 * 365 * 86_400


class TokenAnswer(msgspec.Struct):
    """A vendor's answer to a code or a refresh, as far as vendors agree on it."""

    access_token: str
    refresh_token: str | None = None
    expires_in: float | str | None = None
    expires_at: float | str | None = None

    def ends_at(self, now: datetime) -> datetime | None:
        """Return when the access token ends; None where it does not."""
        seconds = _number(self.expires_in)
        if seconds is None and (at := _number(self.expires_at)) is not None:
            seconds = at - now.timestamp()
        return None if seconds is None else now + timedelta(seconds=min(max(seconds, 0), MAX_LIFETIME))


def refresh(app: VendorApp, refresh_token: str) -> TokenAnswer:
    """Return fresh tokens for a refresh token. Raises GrantLost, VendorError; never BadAnswer, for which a run would
    pass over one collection after the other.
    """
    form = {"grant_type": "refresh_token", "refresh_token": refresh_token, **app.provider.oauth.refresh_params}
    try:
        return parse_token(request_tokens(app, form))
    except BadAnswer as error:
        raise VendorUnavailable(NO_TOKENS) from error


def request_tokens(app: VendorApp, form: dict[str, str]) -> Mapping[str, Any]:
    """POST to the token endpoint; the decoded answer. Raises GrantLost for a refresh that is refused, VendorError."""
    caller, options = AppCaller(app), {"data": form, "headers": {"Accept": "application/json"}}
    who = app.credentials
    if app.provider.oauth.client_auth == "basic":
        options["auth"] = (who.client_id, who.client_secret)  # type: ignore[assignment]
    else:
        options["data"] = {**form, "client_id": who.client_id, "client_secret": who.client_secret}
    try:
        answer = caller.send("POST", app.urls.token, options).json()
    except RefusedCall as refusal:
        if isinstance(retired := caller.explain(refusal.answer), VendorRetired):
            raise retired from refusal
        body = _decoded(refusal.answer.body)
        refreshing = form["grant_type"] == "refresh_token"
        if refreshing and app.provider.grant_is_lost(refusal.answer.status, body):
            raise GrantLost("The vendor does not accept the grant any more.") from refusal
        raise AppRefused(f"{app.provider.name} refused the code or the app ({refusal.answer.status}).") from refusal
    if not isinstance(answer, dict):
        raise BadAnswer("The token answer is no JSON object.")
    return answer


def parse_token(answer: Mapping[str, Any]) -> TokenAnswer:
    """Return the tokens of an answer. Raises BadAnswer."""
    try:
        return msgspec.convert(answer, TokenAnswer)
    except msgspec.ValidationError as error:
        raise BadAnswer(f"The token answer is not what it should be: {error}") from error


def _decoded(body: bytes) -> Any:
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def _number(value: float | str | None) -> float | None:
    try:
        return None if value is None else float(value)
    except ValueError:
        return None
