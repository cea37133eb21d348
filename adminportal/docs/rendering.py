"""Markdown → HTML: anchors, highlighted code, samples of several languages as tabs, links that work on both sides.

The files stay plain Markdown that a code host shows as well: fenced blocks that follow each other become tabs, links
between pages name the .md file, and the words after a fence's language are for the tests (tests/adminportal/docs).
"""

import html
import posixpath
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from pygments import highlight
from pygments.formatters.html import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

LANGUAGES: Final = {
    "bash": "curl",
    "python": "Python",
    "js": "JavaScript",
    "kotlin": "Kotlin",
    "swift": "Swift",
}
TITLES: Final = {**LANGUAGES, "json": "JSON", "http": "HTTP", "sh": "Shell"}
OPERATION: Final = re.compile(r"(GET|POST|PUT|PATCH|DELETE) (/\S*)")
ABSOLUTE: Final = re.compile(r"[a-z]+:|//", re.IGNORECASE)
_FORMATTER: Final[Any] = HtmlFormatter(nowrap=True)

# From the path of a linked file in the repository, or from "GET /path", to an address on this site; None where none.
Address = Callable[[str], str | None]


@dataclass(frozen=True, slots=True)
class DocHeading:
    """A heading with its anchor; level 1 is the page's title."""

    level: int
    anchor: str
    text: str


@dataclass(slots=True)
class RenderedText:
    """A rendered Markdown text: HTML without its first heading, the headings, and plain text by heading."""

    title: str = ""
    html: str = ""
    headings: list[DocHeading] = field(default_factory=list)
    passages: list[tuple[str, str]] = field(default_factory=list)  # anchor, text beneath it


def render(text: str, folder: str, address: Address) -> RenderedText:
    """Render a page whose file lies in `folder` of the repository; `address` resolves links and operations."""
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = parser.parse(text)
    found = RenderedText()
    _name_headings(tokens, found)
    _collect_text(tokens, found)
    for token in tokens:
        for inner in token.children or ():
            _lead(inner, folder, address)
    renderer = _Writer(parser, address)
    found.html = renderer.render(_grouped(tokens), parser.options, {})
    return found


def anchor_of(text: str, taken: Sequence[str] = ()) -> str:
    """Return the anchor that code hosts give a heading; a number is added to one that is taken."""
    plain = re.sub(r"[^\w\- ]", "", text.lower()).strip().replace(" ", "-")
    number, anchor = 0, plain
    while anchor in taken:
        number += 1
        anchor = f"{plain}-{number}"
    return anchor


def colour(code: str, language: str) -> str:
    """Return code as HTML with Pygments' classes; what no lexer knows is only escaped."""
    try:
        lexer = get_lexer_by_name(language)
    except ClassNotFound:
        return html.escape(code)
    return str(highlight(code, lexer, _FORMATTER))


def _name_headings(tokens: list[Token], found: RenderedText) -> None:
    """Give anchors to headings, and take the first one of level 1 out of the text: the page's frame shows it."""
    for place, token in enumerate(tokens):
        if token.type != "heading_open":
            continue
        text = _plain(tokens[place + 1])
        anchor = anchor_of(text, [one.anchor for one in found.headings])
        found.headings.append(DocHeading(int(token.tag[1]), anchor, text))
        token.attrSet("id", anchor)
    if found.headings and found.headings[0].level == 1:
        found.title = found.headings[0].text
        del tokens[:3]


def _plain(token: Token) -> str:
    kinds = ("text", "code_inline", "softbreak")
    parts = [one.content or " " for one in token.children or () if one.type in kinds]
    return "".join(parts)


def _collect_text(tokens: Sequence[Token], found: RenderedText) -> None:
    """Plain text by the heading above it, for the search."""
    anchor, parts, in_heading = "", list[str](), False
    for token in tokens:
        if token.type == "heading_open":
            found.passages.append((anchor, " ".join(parts)))
            anchor, parts, in_heading = str(token.attrGet("id")), [], True
        elif token.type == "heading_close":
            in_heading = False
        elif token.type == "inline" and not in_heading:
            parts.append(_plain(token))
        elif token.type == "fence":
            parts.append(token.content)
    found.passages.append((anchor, " ".join(parts)))


def _lead(token: Token, folder: str, address: Address) -> None:
    """Turn a link to a file of the repository into one to the page that shows it."""
    target = str(token.attrGet("href") or "")
    if token.type != "link_open" or not target or target.startswith(("#", "/")):
        return
    if ABSOLUTE.match(target):
        token.attrSet("rel", "noreferrer")
        return
    file, mark, anchor = target.partition("#")
    known = address(posixpath.normpath(posixpath.join(folder, file)))
    if known is None:
        raise ValueError(f"A link leads to {target}, which no page shows.")
    token.attrSet("href", known + mark + anchor)


def _grouped(tokens: Sequence[Token]) -> list[Token]:
    """Fences that follow each other, each in another language, become one token; a repeated language begins another."""
    result: list[Token] = []
    for token in tokens:
        last = result[-1] if result else None
        if token.type == "fence" and language_of(token) in LANGUAGES:
            known = [] if last is None or last.type != "samples" else list(map(language_of, last.meta["fences"]))
            if last is not None and known and language_of(token) not in known:
                last.meta["fences"].append(token)
            else:
                result.append(Token("samples", "", 0, meta={"fences": [token]}))
            continue
        result.append(token)
    return result


def language_of(token: Token) -> str:
    """Return the first word behind the fence."""
    return token.info.split(" ", 1)[0]


class _Writer(RendererHTML):
    """Our code blocks, tables that scroll by themselves, and operations that lead to the reference."""

    def __init__(self, parser: MarkdownIt, address: Address) -> None:
        super().__init__(parser)
        self.address = address
        self.groups = 0
        for name in ("samples", "fence", "code_inline", "table_open", "table_close", "heading_close", "td_open"):
            self.rules[name] = getattr(self, name)

    def samples(self, tokens: Sequence[Token], index: int, *_: Any) -> str:
        """Radio buttons that choose the language, without a script; one language alone needs none."""
        fences: list[Token] = tokens[index].meta["fences"]
        if len(fences) == 1:
            return _block(fences[0], bar=True)
        self.groups += 1
        choices, panels = [], []
        for number, fence in enumerate(fences):
            language, name = language_of(fence), f"sample-{self.groups}"
            checked = " checked" if number == 0 else ""
            choices.append(
                f'<input type="radio" class="docs-pick docs-pick-{number}" name="{name}" id="{name}-{number}"'
                f' value="{language}"{checked}><label for="{name}-{number}">{LANGUAGES[language]}</label>'
            )
            panels.append(f'<div class="docs-panel docs-panel-{number}">{_block(fence)}</div>')
        legend = '<legend class="wl-hidden">Language of this sample</legend>'
        return f'<fieldset class="docs-samples">{legend}{"".join(choices)}{"".join(panels)}</fieldset>\n'

    def fence(self, tokens: Sequence[Token], index: int, *_: Any) -> str:
        """Return a block of anything else."""
        return _block(tokens[index], bar=True)

    def code_inline(self, tokens: Sequence[Token], index: int, *_: Any) -> str:
        """Link code such as `GET /users` to the reference."""
        text = tokens[index].content
        code = f"<code>{html.escape(text)}</code>"
        known = self.address(text) if OPERATION.fullmatch(text) else None
        return code if known is None else f'<a class="docs-operation" href="{html.escape(known)}">{code}</a>'

    def table_open(self, *_: Any) -> str:
        """Return a region of its own, so that a wide table does not widen the page."""
        return '<div class="docs-table" tabindex="0" role="region" aria-label="Table">\n<table>\n'

    def table_close(self, *_: Any) -> str:
        return "</table>\n</div>\n"

    def td_open(self, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
        """Render a dot in a matrix with a word for screen readers."""
        if tokens[index + 1].content == "●" and tokens[index + 1].children:
            tokens[index + 1].children = [Token("yes", "", 0)]
            return '<td class="docs-yes">'
        return str(self.renderToken(tokens, index, options, env))

    def yes(self, *_: Any) -> str:
        return '<span aria-hidden="true">●</span><span class="wl-hidden">yes</span>'

    def heading_close(self, tokens: Sequence[Token], index: int, *_: Any) -> str:
        """Return a link to the heading itself, at its end."""
        anchor = tokens[index - 2].attrGet("id")
        link = f'<a class="docs-anchor" href="#{anchor}" aria-label="Link to this section">#</a>'
        return f" {link}</{tokens[index].tag}>\n"


def _kept(token: Token) -> str:
    """Return what later samples of curl need of this one's answer, as a comment beneath it."""
    marks = [word.removeprefix("sets=") for word in token.info.split() if word.startswith("sets=")]
    pairs = [one.partition(":") for mark in marks for one in mark.split(",")]
    return "".join(f"# keep {path} of the answer as {name}\n" for name, _, path in pairs)


def _block(token: Token, *, bar: bool = False) -> str:
    """Return a code block that scrolls by keyboard, too; with a bar it says above what it is."""
    language = language_of(token)
    title = TITLES.get(language, "Text")
    content = token.content + _kept(token)
    code = colour(content, language) if language else html.escape(content)
    if "answer" in token.info.split():
        title = "Answer"
    above = f'<div class="docs-bar" aria-hidden="true">{title}</div>' if bar else ""
    return (
        f'<div class="docs-code" data-language="{title}">{above}'
        f'<pre tabindex="0" aria-label="{title}"><code>{code}</code></pre></div>\n'
    )
