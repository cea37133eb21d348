"""The choice of the backend that carries the messages: Svix where it has a token, else our own."""

from typing import Final

from django.conf import settings

from accounts.webhooks.backends.builtin import BuiltIn
from accounts.webhooks.backends.svix import SvixBackend
from accounts.webhooks.contract import Backend

_BUILT_IN: Final = BuiltIn()
_SVIX: Final = SvixBackend()


def chosen_backend() -> Backend:
    """Return the backend of this installation."""
    return _SVIX if settings.SVIX_TOKEN else _BUILT_IN
