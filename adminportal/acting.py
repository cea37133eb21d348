"""The result of a button of a portal's page: words for the next page, and the redirect to it."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect
from django.shortcuts import redirect

from wearlink.lib.errors import WearLinkError


def act(request: HttpRequest, done: str, do: Callable[[], object], *, back: str) -> HttpResponseRedirect:
    """Do something that a form of ours asks for, say that it is done or why not, and lead back."""
    try:
        do()
    except WearLinkError as error:
        messages.error(request, error.detail)
    else:
        messages.success(request, done)
    return redirect(back)
