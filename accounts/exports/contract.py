"""The parts of an export. Apps register theirs in AppConfig.ready(), in the order the archive has them.

A part gives members: files of the archive. A member gives blocks of whole lines, a bounded number at a time, so that
no account is too large. A part may also take its members back into an empty account.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, Final, NamedTuple, Protocol
from uuid import UUID

SCHEMA_VERSION: Final = 1


class ExportFormat(StrEnum):
    """The format of samples; everything else is NDJSON."""

    NDJSON = "ndjson"
    CSV = "csv"


@dataclass(frozen=True, slots=True)
class ExportScope:
    """The end user and the choice to export. Dates are local days, both included; None: no bound, no choice."""

    user_key: int
    user_id: UUID
    series: frozenset[str] | None = None
    first: date | None = None
    last: date | None = None
    format: ExportFormat = ExportFormat.NDJSON


class Block(NamedTuple):
    """Some whole lines (or a piece of a photo), and how many lines they are."""

    lines: int
    data: bytes


@dataclass(frozen=True, slots=True)
class ArchiveMember:
    """One file of the archive. `facts` go into the manifest; `is_packed` data is not deflated again."""

    path: str
    blocks: Callable[[], Iterable[Block]]
    facts: Mapping[str, Any] = field(default_factory=dict)
    is_packed: bool = False


class ExportWeight(NamedTuple):
    """The size of a part: rows, or what takes as long as a row, and bytes beside them."""

    rows: int
    bytes: int = 0


class ArchiveReader(Protocol):
    """An archive that is taken back: its manifest, its lines, its files."""

    manifest: Mapping[str, Any]

    def lines(self, path: str) -> Iterator[dict[str, Any]]:
        """Return the objects of a member; none where the archive has no such member."""

    def paths(self, folder: str) -> list[str]:
        """Return members below a folder, in the order of their names."""

    def facts(self, path: str) -> Mapping[str, Any]:
        """Return what the manifest says of a member."""

    def data(self, path: str) -> bytes:
        """Return the bytes of a member."""


@dataclass(frozen=True, slots=True)
class ExportPart:
    """One type of data. `holds` says in a sentence what its files hold, for the README of the archive."""

    name: str
    holds: str
    members: Callable[[ExportScope], Iterable[ArchiveMember]]
    weight: Callable[[ExportScope], ExportWeight] | None = None
    expand: Callable[[Sequence[str]], tuple[str, ...]] | None = None  # names of series → series; raises InvalidInput
    restore: Callable[[int, ArchiveReader], int] | None = None  # end user's key, archive → rows taken


_PARTS: dict[str, ExportPart] = {}


def register(part: ExportPart) -> None:
    """Add a type of data; a second one of the same name replaces the first only if it is the same."""
    if _PARTS.setdefault(part.name, part) != part:
        raise ValueError(f"The export part {part.name} is registered twice.")


def parts() -> tuple[ExportPart, ...]:
    """Return every type of data, in the order of registration."""
    return tuple(_PARTS.values())
