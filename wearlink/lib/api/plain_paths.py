"""Refuses at the door what no route and no database takes: control characters in a path or a query."""

import re
from collections.abc import Callable
from typing import Final

from django.http import HttpRequest, HttpResponse

from wearlink.lib.api import errors

CONTROL: Final = re.compile("[\x00-\x1f\x7f]")
NUL_IN_QUERY: Final = re.compile("%00|\x00")


class PlainPaths:
    """404 for a path that cannot be one of ours, 400 for a query of the API with NUL."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if CONTROL.search(request.path_info):
            return errors.not_found(request)
        if request.path_info.startswith(errors.API_PREFIXES) and NUL_IN_QUERY.search(
            request.META.get("QUERY_STRING", "")
        ):
            return errors.bad_request(request)
        return self.get_response(request)
