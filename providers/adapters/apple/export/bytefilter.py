"""A filter between the bytes of an export and the XML parser.

The parser never sees a document type: without one there are no entities to expand and no addresses to fetch, and the
broken ones of iOS 16 do no harm. Control characters that XML forbids go too. Whatever tries to bring a declaration in
later is refused, since no honest export has any `<!` behind its root tag but comments.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from providers.contract import RefusedFile

# What the allocator keeps when it is freed (wearlink.lib.work.memory). Larger ones are new pages every time, which
# costs a fifth of the reading.
BLOCK: Final = 64 * 1024
MAX_HEAD: Final = 128 * 1024  # Apple's own takes 10 kB
MAX_SUBSET: Final = 64 * 1024

_CONTROLS: Final = bytes(code for code in range(32) if code not in b"\t\n\r")
_BOM: Final = b"\xef\xbb\xbf"
_OTHER_BOMS: Final = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00", b"<\x00", b"\x00<")
_DECLARATION: Final = re.compile(rb"<\?xml\s([^>]*)\?>", re.ASCII)
_ENCODING: Final = re.compile(rb"""encoding\s*=\s*["']([^"']*)["']""")
_BLANK: Final = re.compile(rb"(?:\s|<!--.*?-->|<\?.*?\?>)*", re.DOTALL)
_DOCTYPE: Final = re.compile(rb"<!DOCTYPE\s+HealthData\b([^\[>]*)", re.DOTALL)
_SUBSET_END: Final = re.compile(rb"\]\s*>")
_ROOT: Final = re.compile(rb"<HealthData[\s/>]")
_FORBIDDEN: Final = re.compile(rb"<!(?:DOCTYPE|ENTITY|ELEMENT|ATTLIST|NOTATION)", re.IGNORECASE)
_OVERLAP: Final = 16


def looks_like_export(head: bytes) -> bool:
    """Return whether a file that begins so is a health export, judged by its document type or root tag alone."""
    return b"<!DOCTYPE HealthData" in head or _ROOT.search(head) is not None


def filtered(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the blocks of an export without its document type and control characters. Raises RefusedFile."""
    source = iter(blocks)
    head = b""
    while len(head) <= MAX_HEAD and (block := next(source, b"")):
        head += block
    _refuse_other_encodings(head)
    first = _without_prolog(head.removeprefix(_BOM).translate(None, _CONTROLS))
    tail = _inspected(b"", first)
    yield first
    for block in source:
        clean = block.translate(None, _CONTROLS)
        tail = _inspected(tail, clean)
        yield clean


def _refuse_other_encodings(head: bytes) -> None:
    if head.startswith(_OTHER_BOMS):
        raise RefusedFile("unsupported_encoding", "The XML is not UTF-8.")
    declared = _DECLARATION.match(head.removeprefix(_BOM))
    named = _ENCODING.search(declared[1]) if declared else None
    if named and named[1].lower() not in (b"utf-8", b"utf8", b"us-ascii"):
        raise RefusedFile("unsupported_encoding", "The XML declares another encoding than UTF-8.")


def _without_prolog(text: bytes) -> bytes:
    """Return the file from its root tag on; line breaks stand for what was before it, so that lines keep
    their numbers.
    """
    place = _end_of_blank(text, 0)
    doctype = _DOCTYPE.match(text, place)
    if doctype:
        place = _end_of_blank(text, _end_of_doctype(text, doctype))
    if not _ROOT.match(text, place):
        raise RefusedFile("not_an_export", "The XML is no Apple Health export: its root is not HealthData.")
    return b"\n" * text.count(b"\n", 0, place) + text[place:]


def _end_of_blank(text: bytes, start: int) -> int:
    found = _BLANK.match(text, start)
    return found.end() if found else start


def _end_of_doctype(text: bytes, doctype: "re.Match[bytes]") -> int:
    if _FORBIDDEN.search(doctype[1]):
        raise _declares_entities()
    if text[doctype.end() : doctype.end() + 1] == b">":
        return doctype.end() + 1
    end = _SUBSET_END.search(text, doctype.end(), doctype.end() + MAX_SUBSET)
    if end is None:
        raise RefusedFile("document_type", "The document type of the XML is too long or does not end.")
    if b"<!entity" in text[doctype.start() : end.start()].lower():
        raise _declares_entities()
    return end.end()


def _inspected(tail: bytes, block: bytes) -> bytes:
    """Refuse declarations in a block or across its border; returns what the next border needs."""
    if b"!" in block and b"<!" in block and _FORBIDDEN.search(block):  # a single byte is found ten times as fast
        raise _declares_entities()
    if b"<" in tail and _FORBIDDEN.search(tail + block[:_OVERLAP]):
        raise _declares_entities()
    return (tail + block)[-_OVERLAP:] if len(block) < _OVERLAP else block[-_OVERLAP:]


def _declares_entities() -> RefusedFile:
    return RefusedFile("declarations", "The XML declares entities or a second document type; no real export does.")
