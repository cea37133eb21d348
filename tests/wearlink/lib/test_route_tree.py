"""Routes put together by their words lead where they did."""

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, include, path
from django.urls.resolvers import RegexPattern

from wearlink.lib.web.route_tree import tree


def found(patterns: list[URLPattern | URLResolver], text: str) -> tuple[str, dict[str, object]]:
    """Route and captured values of a path."""
    match = URLResolver(RegexPattern(r"^"), patterns).resolve(text)
    return match.route, match.kwargs


def view(request: HttpRequest, **places: object) -> HttpResponse:
    return HttpResponse()


ROUTES = (
    "users",
    "users/",
    "users/<uuid:user_id>",
    "users/<uuid:user_id>/token",
    "users/<str:user_id>/imports",
    "users/<str:user_id>/imports/<str:job_id>",
    "users/<str:user_id>/imports/<str:job_id>/complete",
    "review/<str:log_id>",
    "review/<str:log_id>/claim",
    "review/queue/last",
    "review/<str:log_id>/<str:item_id>",
)


def test_every_path_keeps_its_route_and_its_values() -> None:
    patterns = [path(route, view) for route in ROUTES]
    identity = "b0a7ed26-7c2a-4f4e-8f6c-4c4d2a3f5b11"
    for route in ROUTES:
        text = route.replace("<uuid:user_id>", identity).replace("<str:user_id>", identity)
        text = text.replace("<str:log_id>", "a").replace("<str:item_id>", "b").replace("<str:job_id>", "c")
        assert found(tree(patterns), text) == found(patterns, text), route
    for text in ("users/1/imports", "users/1/token", "review/a/b", "review/queue/other"):
        assert _answer(tree(patterns), text) == _answer(patterns, text), text


def test_included_routes_keep_their_names_and_arguments() -> None:
    below = [path("one", view, {"kind": "x"}, name="first"), path("two/<int:n>", view, name="second")]
    patterns = tree([path("api/", include(below)), path("api/three", view)])
    match = URLResolver(RegexPattern(r"^"), patterns).resolve("api/one")
    assert (match.url_name, match.kwargs) == ("first", {"kind": "x"})
    assert found(patterns, "api/two/5") == ("api/two/<int:n>", {"n": 5})


def _answer(patterns: list[URLPattern | URLResolver], text: str) -> object:
    try:
        return found(patterns, text)
    except Exception as error:  # noqa: BLE001 - which one, is what is compared
        return type(error)
