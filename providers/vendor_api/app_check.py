"""The check of an app at its vendor: a made-up code is offered to its token endpoint, and the refusal says why.

RFC 6749, 5.2: an unknown client gets invalid_client; a known one gets invalid_grant for the code.
"""

import secrets
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final, Literal

import msgspec

from providers.contract import VendorError
from providers.vendor_api import token_endpoint
from providers.vendor_api.client import RefusedCall
from providers.vendor_api.credentials import VendorApp

CODE: Final = "wearlink-checks-the-app"
UNKNOWN_APP: Final = frozenset({"invalid_client", "unauthorized_client", "invalid_application"})
BAD_CODE: Final = frozenset({"invalid_grant", "invalid_code"})


@dataclass(frozen=True, slots=True)
class AppCheck:
    """accepted: id and secret are known; refused: they are not; unclear: the vendor does not say, or did not answer."""

    status: Literal["accepted", "refused", "unclear"]
    message: str


def check(app: VendorApp) -> AppCheck:
    """Ask the vendor. Nobody's grant is touched."""
    name = app.provider.name
    form = {"grant_type": "authorization_code", "code": CODE, "redirect_uri": app.callback_url}
    if app.provider.oauth.pkce:
        form["code_verifier"] = secrets.token_urlsafe(48)
    try:
        token_endpoint.request_tokens(app, {**form, **app.provider.oauth.token_params})
    except VendorError as error:
        refusal = error.__cause__
        if isinstance(refusal, RefusedCall):
            return _read(name, refusal.answer.status, refusal.answer.body)
        return AppCheck("unclear", str(error))
    return AppCheck("unclear", f"{name} took a code that we made up; a simulated vendor does so.")


def _read(name: str, status: int, body: bytes) -> AppCheck:
    words = _words(body)
    if words & UNKNOWN_APP or (status == HTTPStatus.UNAUTHORIZED and not words & BAD_CODE):
        return AppCheck("refused", f"{name} does not accept this client id and secret.")
    if words & BAD_CODE:
        return AppCheck("accepted", f"{name} knows this client id and secret.")
    return AppCheck("unclear", f"{name} answered {status} without saying whether it knows the app.")


def _words(body: bytes) -> set[str]:
    """Return the error codes of an answer, as RFC 6749 puts them and as some vendors do."""
    try:
        answer = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return set()
    if not isinstance(answer, dict):
        return set()
    several = answer.get("errors")
    found = [answer, *(several if isinstance(several, list) else [])]
    return {str(one.get(name)) for one in found if isinstance(one, dict) for name in ("error", "errorType", "code")}
