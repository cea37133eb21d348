"""The vendors' sign-in: a page with a button, codes, tokens that rotate, revocation."""

import base64
import hashlib
import hmac
from http import HTTPStatus
from urllib.parse import urlencode, urlsplit

from providers.simulator import consent
from providers.simulator.state import AuthorizationCode, BadGrant, IssuedToken, VendorState
from providers.simulator.vendor import SimulatedVendor
from providers.simulator.wire import SimulatedAnswer, SimulatedRequest


def authorize(vendor: SimulatedVendor, state: VendorState, request: SimulatedRequest) -> SimulatedAnswer:
    """GET shows the page, POST is the decision; both carry the query."""
    target = request.query.get("redirect_uri", "")
    if urlsplit(target).scheme not in ("http", "https") or not request.query.get("client_id"):
        return SimulatedAnswer.page(
            "<h1>This app is not known</h1><p>client_id or redirect_uri is missing.</p>", HTTPStatus.BAD_REQUEST
        )
    if request.method != "POST":
        asked = _scopes(vendor, request.query.get("scope", ""))
        return SimulatedAnswer.page(consent.page(vendor, request, asked))
    form, answer = request.form, {"state": request.query.get("state", "")}
    if form.get("decision") != "allow" or form.get("account") not in vendor.people:
        answer["error"] = "access_denied"
    else:
        scopes = _scopes(vendor, form.get("scope", request.query.get("scope", "")))
        challenge = request.query.get("code_challenge", "")
        vendor.signed_in(state, request, target)
        answer["code"] = state.code(form["account"], scopes, target, challenge, request.now)
        if vendor.scope_in_redirect:
            answer["scope"] = vendor.scope_separator.join(scopes)
    mark = "&" if "?" in target else "?"
    return SimulatedAnswer(HTTPStatus.FOUND, b"", {"Location": f"{target}{mark}{urlencode(answer)}"})


def token(vendor: SimulatedVendor, state: VendorState, request: SimulatedRequest) -> SimulatedAnswer:
    """Return codes and refresh tokens for a fresh pair."""
    form = request.form
    state.counts["token_calls"] += 1
    basic = request.headers.get("authorization", "").startswith("Basic ")
    if not basic and not (form.get("client_id") and form.get("client_secret")):
        return SimulatedAnswer.json({"error": "invalid_client"}, HTTPStatus.UNAUTHORIZED)
    seconds = state.token_seconds or vendor.token_seconds
    until = request.now + seconds * 1000
    try:
        if form.get("grant_type") == "refresh_token" and not vendor.rotates:
            whose = state.lasting(form.get("refresh_token", ""))
            body = vendor.token_answer(state.access_for(whose, until), "", whose, request.now, seconds)
            return SimulatedAnswer.json({name: value for name, value in body.items() if name != "refresh_token"})
        if form.get("grant_type") == "authorization_code":
            whose = _redeem(state, form, request.now)
        else:
            whose = state.rotate(form.get("refresh_token", ""))
    except BadGrant:
        return vendor.grant_refused()
    access, refresh = state.grant(whose.account, whose.scopes, until)
    return SimulatedAnswer.json(vendor.token_answer(access, refresh, whose, request.now, seconds))


def revoke(vendor: SimulatedVendor, state: VendorState, request: SimulatedRequest) -> SimulatedAnswer:
    """End the whole grant of the token; also 200 where there is none."""
    given = request.form.get("token") or request.query.get("access_token") or request.bearer
    whose = state.refresh.get(given) or state.access.get(given)
    state.counts["revocations"] += 1
    if whose is not None:
        state.end(whose.account)
    return SimulatedAnswer.json({})


def _redeem(state: VendorState, form: dict[str, str], now: int) -> IssuedToken:
    with state.lock:
        code = state.codes.pop(form.get("code", ""), None)
    if code is None or code.until < now or not _fits(code, form):
        raise BadGrant
    return IssuedToken(code.account, code.scopes)


def _fits(code: AuthorizationCode, form: dict[str, str]) -> bool:
    if form.get("redirect_uri") not in (None, code.redirect_uri):
        return False
    if not code.challenge:
        return True
    digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
    return hmac.compare_digest(base64.urlsafe_b64encode(digest).rstrip(b"=").decode(), code.challenge)


def _scopes(vendor: SimulatedVendor, text: str) -> tuple[str, ...]:
    return tuple(part for part in text.replace(",", " ").split() if part)
