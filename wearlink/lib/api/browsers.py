"""Middleware that only browsers need, left out where a program calls the API with credentials of its own.

Without a cookie there is no session, no signed-in user and no message, so nothing is lost; and these three cost as much
as looking a caller up.
"""

from typing import Any

from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest
from django.utils.deprecation import MiddlewareMixin
from django_otp.middleware import OTPMiddleware

from wearlink.lib.api.callers import KEY_HEADER

API = "/api/"
CREDENTIALS = (f"HTTP_{KEY_HEADER.upper().replace('-', '_')}", "HTTP_AUTHORIZATION")


def is_program(request: HttpRequest) -> bool:
    """Return whether the API is called with a key or token and without a cookie."""
    meta = request.META
    return (
        not meta.get("HTTP_COOKIE")
        and request.path_info.startswith(API)
        and (CREDENTIALS[0] in meta or CREDENTIALS[1] in meta)
    )


class _ForBrowsers(MiddlewareMixin):
    def __call__(self, request: HttpRequest) -> Any:
        return self.get_response(request) if is_program(request) else super().__call__(request)


class SessionsForBrowsers(_ForBrowsers, SessionMiddleware):
    """request.session."""


class SignedIn(_ForBrowsers, AuthenticationMiddleware):
    """request.user."""


class MessagesForBrowsers(_ForBrowsers, MessageMiddleware):
    """Messages for the next page."""


class SecondFactor(OTPMiddleware):
    def __call__(self, request: HttpRequest) -> Any:
        return self.get_response(request) if is_program(request) else super().__call__(request)
