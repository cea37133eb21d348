"""/docs/api: the reference of the API. All calls are in one list; each one's page is put into the list when
it is opened, and is a page of its own where no script runs.

Drawn by the server out of the running schema: a library that draws the whole document in the browser took 17 seconds of
a processor for ours.
"""

from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from adminportal.docs import calls, endpoints, views
from adminportal.docs.endpoints import DocOperation


@dataclass(frozen=True, slots=True)
class CallGroup:
    """The calls of one tag."""

    name: str
    anchor: str
    text: str
    operations: list[DocOperation]


@require_safe
def every_call(request: HttpRequest) -> HttpResponse:
    """Show the list, by groups."""
    context = {"title": "API reference", "slug": "api", "groups": _groups()}
    return views.show(request, "docs/reference.html", context)


@require_safe
def one_call(request: HttpRequest, operation_id: str) -> HttpResponse:
    """Show a call with its form: a page, or for the list's script its content alone."""
    operation = endpoints.by_id(operation_id)
    if operation is None:
        raise Http404
    context = {"call": calls.page(operation), "title": operation.summary, "slug": "api"}
    return views.show(request, "docs/call.html" if views.wants_part(request) else "docs/call_page.html", context)


def _groups() -> list[CallGroup]:
    groups = []
    for name, text in endpoints.tags().items():
        operations = [one for one in endpoints.operations() if one.tag == name]
        groups.append(CallGroup(name, operations[0].anchor, text, operations))
    return groups
