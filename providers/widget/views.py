"""/connect/<token>: the list, the way to a vendor, and disconnecting. The link is the credential; it ends by itself."""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any, Final

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from accounts.audit import Actor
from providers.connections import browser, connect, lifecycle, oauth
from providers.connections.connect import LinkHolder
from providers.connections.oauth import BadState
from providers.vendor_api import credentials
from providers.widget import logos, once, pages, rows
from providers.widget.faces import face_of
from wearlink.lib.errors import NotAvailable, NotFound
from wearlink.lib.security.tokens import InvalidToken

Page = Callable[..., HttpResponse]
AGAIN_AFTER: Final = 4  # seconds


def with_link(page: Page) -> Page:
    """Read the link's token; one that is not good shows a page instead of an error."""

    @wraps(page)
    def opened(request: HttpRequest, token: str, **kwargs: Any) -> HttpResponse:
        try:
            holder = connect.read_link(token)
        except InvalidToken as error:
            return _dead_link(request, token, error.code)
        request.connect_token = token  # type: ignore[attr-defined]
        try:
            return page(request, holder, **kwargs)
        except (NotFound, NotAvailable) as error:
            code = "not_configured" if isinstance(error, NotAvailable) else error.code
            back = connect.page_url(token)
            return pages.result(request, "", code, status=HTTPStatus.NOT_FOUND, back=back, holder=holder)

    return opened


def _dead_link(request: HttpRequest, token: str, why: str) -> HttpResponse:
    """Say what is wrong with a link, and lead back to the app where the link still tells which."""
    if why == "user_gone":
        return pages.result(request, "", why, status=HTTPStatus.GONE)
    try:
        holder = connect.read_late_link(token)
    except InvalidToken:
        return pages.result(request, "", "bad_link", status=HTTPStatus.NOT_FOUND)
    return pages.result(request, "", "expired_link", status=HTTPStatus.GONE, holder=holder)


@require_safe
@with_link
def overview(request: HttpRequest, holder: LinkHolder) -> HttpResponse:
    """Return the providers with their status. While first data is on its way, the browser asks again by itself."""
    found = rows.provider_rows(holder)
    message = once.take(request)
    is_waiting = any(row.is_waiting for row in found)
    context = {
        "app": face_of(holder.organization),
        "rows": found,
        "token": _token(request),
        "return_to": holder.return_to,
        "is_done": any(row.is_live for row in found),
        "is_waiting": is_waiting,
        "message": message,
    }
    page = pages.shown(request, "overview", context)
    if is_waiting:
        page["Refresh"] = str(AGAIN_AFTER)
    if message:
        once.forget(page)
    return page


@require_GET
@with_link
def start(request: HttpRequest, holder: LinkHolder, provider: str) -> HttpResponse:
    """Redirect to the vendor. A plain link starts this, since form-action forbids a form's redirect to another site.

    A browser that only fetches ahead of its user begins nothing.
    """
    if "prefetch" in request.headers.get("Sec-Purpose", request.headers.get("Purpose", "")):
        return HttpResponse(status=HTTPStatus.SERVICE_UNAVAILABLE, headers={"Cache-Control": "no-store"})
    app = credentials.require_app(holder.organization.pk, credentials.get_cloud(provider))
    authorization = oauth.begin(app, holder.user, redirect_uri=holder.return_to, link_since=holder.since)
    return pages.away(authorization.url)


@require_safe
def go(request: HttpRequest, state: str) -> HttpResponse:
    """Mark the browser and send it on to the vendor. Nothing changes here, so asking twice does no harm."""
    try:
        row = oauth.look(state)
    except BadState as error:
        return pages.result(request, "", error.code, status=HTTPStatus.GONE)
    app = connect.app_of(credentials.get_cloud(row.provider), row.app_id)
    if app is None:
        return pages.result(request, "", "not_configured", status=HTTPStatus.NOT_FOUND)
    response = pages.away(oauth.vendor_url(app, state, row.verifier))
    browser.remember(response, state)
    return response


@csrf_exempt  # the link itself is the secret that another site does not have
@require_http_methods(["GET", "HEAD", "POST"])
@with_link
def disconnect(request: HttpRequest, holder: LinkHolder, provider: str) -> HttpResponse:
    """Ask once, then do it."""
    found = credentials.get_cloud(provider)
    if request.method != "POST":
        lifecycle.find(holder.user, provider)
        context = {"app": face_of(holder.organization), "name": found.name, "token": _token(request), "slug": provider}
        return pages.shown(request, "disconnect", context)
    actor = Actor("end_user", str(holder.user.id))
    connect.disconnect(holder.user, provider, actor=actor, reason="user_disconnected")
    response = pages.away(f"/connect/{_token(request)}")
    once.say(response, provider, once.ENDED)
    return response


@require_safe
def logo(request: HttpRequest, provider: str) -> HttpResponse:
    try:
        mark = logos.logo_svg(provider)
    except NotFound as error:
        raise Http404 from error
    return HttpResponse(
        mark,
        content_type="image/svg+xml",
        headers={
            "Cache-Control": "public, max-age=86400",
            "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
            "X-Content-Type-Options": "nosniff",
        },
    )


def _token(request: HttpRequest) -> str:
    return str(request.connect_token)  # type: ignore[attr-defined]
