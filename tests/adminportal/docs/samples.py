"""The samples of the documentation, as the tests see them, and what may stand behind a fence's language:

setup              run before every page, in its language
status=409         the last call is refused with this status
sets=NAME:field    (curl) keep a field of the last answer, which the text tells readers to keep
until=field:value  (curl) repeat until the last answer says so
answer [part]      (JSON) what the sample above answers, whole or in part
message=<type>     (JSON) a webhook message of that type
norun: reason      not run, and why
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

from markdown_it import MarkdownIt

from adminportal.docs import live, navigation, rendering
from adminportal.docs.navigation import SITE

RUN: Final = ("bash", "python", "js")
COMPILED: Final = ("kotlin", "swift")


@dataclass(frozen=True, slots=True)
class DocSample:
    """One fence. `group` counts the runs of fences that follow each other on the page."""

    page: str
    number: int
    group: int
    language: str
    code: str
    annotation: str
    marks: dict[str, str] = field(compare=False)

    @property
    def id(self) -> str:
        return f"{self.page}-{self.number}"

    @property
    def why_not_run(self) -> str:
        """The reason that the page gives."""
        return self.annotation.partition("norun:")[2].strip() if "norun" in self.marks else ""


@cache
def every() -> tuple[DocSample, ...]:
    """Return all samples of the site's own pages, in reading order."""
    return tuple(one for entry in navigation.entries() if entry.source.startswith(SITE) for one in of_page(entry.slug))


def of_page(slug: str) -> Iterator[DocSample]:
    entry = navigation.find(slug)
    assert entry is not None
    text = live.PLACE.sub("", entry.path.read_text())
    group, seen = 0, set[str]()
    for number, token in enumerate(MarkdownIt("commonmark").enable("table").parse(text)):
        name = rendering.language_of(token) if token.type == "fence" else ""
        if name not in rendering.LANGUAGES:
            seen.clear()
        elif not seen or name in seen:
            group, seen = group + 1, {name}
        seen |= {name} & rendering.LANGUAGES.keys()
        if token.type == "fence":
            language, _, annotation = token.info.partition(" ")
            words, _, _ = annotation.partition("norun:")
            marks = {word.partition("=")[0]: word.partition("=")[2] for word in words.split()}
            if "norun:" in annotation:
                marks["norun"] = ""
            yield DocSample(slug, number, group, language, token.content, annotation, marks)


def run_in(language: str) -> list[DocSample]:
    """Return what the tests run in that language, in reading order."""
    return [one for one in every() if one.language == language and not one.why_not_run]


def setup(language: str) -> str:
    return "\n".join(one.code for one in every() if one.language == language and "setup" in one.marks)


def differences(example: Any, real: Any, *, is_part: bool, at: str = "") -> Iterator[str]:
    """Yield how a page's answer differs in shape from a real one. What may be null may be null on either side."""
    if example is None or real is None:
        return
    if isinstance(example, dict) and isinstance(real, dict):
        for name in example.keys() - real.keys():
            yield f"{at}.{name} is shown, but does not come"
        for name in () if is_part else real.keys() - example.keys():
            yield f"{at}.{name} comes, but is not shown"
        for name in example.keys() & real.keys():
            yield from differences(example[name], real[name], is_part=is_part, at=f"{at}.{name}")
    elif isinstance(example, list) and isinstance(real, list):
        if example and not real:
            yield f"{at} is empty"
        elif example:
            yield from differences(example[0], real[0], is_part=is_part, at=f"{at}[0]")
    elif _kind(example) is not _kind(real):
        yield f"{at} is shown as {json.dumps(example)[:60]} and comes as {json.dumps(real)[:60]}"


def _kind(value: Any) -> type:
    return float if isinstance(value, (int, float)) and not isinstance(value, bool) else type(value)
