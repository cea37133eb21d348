"""Error reports, sent only where SENTRY_DSN says so, and stripped of people's data."""

from typing import Any

import sentry_sdk
from django.conf import settings
from sentry_sdk.integrations.celery import CeleryIntegration
from sentry_sdk.integrations.django import DjangoIntegration

from wearlink.lib.monitoring import logs

KEPT_HEADERS = frozenset({"content-type", "content-length", "user-agent", "host"})


def start() -> None:
    """Start reporting when there is a DSN."""
    if not settings.SENTRY_DSN:
        return
    sentry_sdk.init(
        dsn=settings.SENTRY_DSN,
        integrations=[DjangoIntegration(), CeleryIntegration()],
        default_integrations=True,
        send_default_pii=False,
        include_local_variables=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        before_send=scrub,
    )


def scrub(event: Any, hint: dict[str, Any]) -> Any:
    """Remove bodies, query strings, cookies, users, most headers and the messages of errors, which quote data."""
    request = event.get("request", {})
    for name in ("data", "query_string", "cookies", "env", "url"):
        request.pop(name, None)
    headers = request.get("headers", {})
    request["headers"] = {name: value for name, value in headers.items() if name.lower() in KEPT_HEADERS}
    for name in ("user", "extra", "breadcrumbs"):
        event.pop(name, None)
    for error in event.get("exception", {}).get("values", []):
        error["value"] = ""
    event.setdefault("tags", {})["request_id"] = logs.request_id()
    return event
