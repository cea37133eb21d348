"""Routes by their words: a path is compared with the routes that begin as it does, and not with all there are."""

from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple

from django.urls import URLPattern, URLResolver, include, path

SLASH: Final = "/"


class FlatRoute(NamedTuple):
    """A route as one `path()` declares it, without the words that its branch has in common."""

    words: str
    view: Any
    arguments: dict[str, Any]
    name: str | None


def tree(patterns: Iterable[URLPattern | URLResolver]) -> list[URLPattern | URLResolver]:
    """Return the same routes, those with a common beginning below one include() of it.

    Plain words come first, those of most routes before others; the rest keeps its order. Of two routes that the same
    path fits, the one in plain words is found.
    """
    return _branches(list(_leaves(patterns)))


def _leaves(patterns: Iterable[URLPattern | URLResolver], before: str = "") -> Iterator[FlatRoute]:
    for pattern in patterns:
        words = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _leaves(pattern.url_patterns, words)
        else:
            yield FlatRoute(words, pattern.callback, pattern.default_args, pattern.name)


def _branches(routes: list[FlatRoute]) -> list[URLPattern | URLResolver]:
    groups: dict[str, list[FlatRoute]] = {}
    for route in routes:
        word, slash, rest = route.words.partition(SLASH)
        # a route that ends here is alone, also where it ends with a slash
        key = word + slash if rest else route.words
        groups.setdefault(key, []).append(route)
    found: list[tuple[int, URLPattern | URLResolver]] = []
    for beginning, members in groups.items():
        weight = 0 if "<" in beginning else -len(members)
        if beginning.endswith(SLASH) and len(members) > 1:
            below = [route._replace(words=route.words.removeprefix(beginning)) for route in members]
            found.append((weight, path(beginning, include(_branches(below)))))
        else:
            found += [(weight, path(one.words, one.view, one.arguments, name=one.name)) for one in members]
    return [pattern for _, pattern in sorted(found, key=lambda one: one[0])]
