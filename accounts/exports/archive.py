"""Writing the archive: members one behind the other, then README, manifest and directory."""

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import IO, Any, Final
from uuid import UUID

import msgspec
import orjson

from accounts.exports.contract import SCHEMA_VERSION, ArchiveMember, Block, ExportScope
from accounts.exports.options import ExportOptions
from wearlink.lib import clock
from wearlink.lib.storage.zip_parts import MemberWriter, ZipEntry, directory

MANIFEST: Final = "manifest.json"
README: Final = "README.txt"
Tick = Callable[[], None]


class WrittenMember(msgspec.Struct, frozen=True):
    """A member that is in the archive, as a row keeps it: what the directory and the manifest say of it."""

    name: str
    at: int
    size: int
    packed: int
    crc: int
    sha256: str
    is_deflated: bool
    lines: int = 0
    facts: dict[str, Any] = {}

    @property
    def entry(self) -> ZipEntry:
        return ZipEntry(self.name, self.at, self.size, self.packed, self.crc, self.sha256, self.is_deflated)

    @property
    def end(self) -> int:
        """The place in the archive behind it."""
        return self.entry.end


def members_of(options: ExportOptions, scope: ExportScope) -> Iterator[ArchiveMember]:
    """Yield what is to be written, in the order of the parts."""
    for part in options.parts():
        yield from part.members(scope)


def write(file: IO[bytes], member: ArchiveMember, *, at: int, tick: Tick) -> WrittenMember:
    """Write a member from the file's place on, which is `at` in the archive; `tick` is called between blocks."""
    lines = 0
    with MemberWriter(file, member.path, at=at, deflate=not member.is_packed) as writer:
        for block in member.blocks():
            writer.write(block.data)
            lines += block.lines
            tick()
    one = writer.entry
    return WrittenMember(
        one.name, one.at, one.size, one.packed, one.crc, one.sha256, one.is_deflated, lines, dict(member.facts)
    )


class ArchiveEnd(msgspec.Struct, frozen=True):
    """The last members of an archive: its manifest and its README."""

    export_id: UUID | None
    user_id: UUID
    options: ExportOptions
    started_at: datetime

    def write(self, file: IO[bytes], members: Sequence[WrittenMember], *, at: int) -> int:
        """Write README, manifest and directory; returns the place behind the archive's last byte."""
        found = [*members]
        for path, text in ((README, self._readme), (MANIFEST, lambda: self._manifest(found))):
            found.append(write(file, _text(path, text()), at=found[-1].end if found else at, tick=_nothing))
        place = found[-1].end
        end = directory([one.entry for one in found], at=place)
        file.write(end)
        return place + len(end)

    def _manifest(self, members: Sequence[WrittenMember]) -> bytes:
        about = {
            "schema_version": SCHEMA_VERSION,
            "export_id": None if self.export_id is None else str(self.export_id),
            "user_id": str(self.user_id),
            "started_at": clock.rfc3339(clock.to_ms(self.started_at)),
            "finished_at": clock.rfc3339(clock.now_ms()),
            "types": [part.name for part in self.options.parts()],
            "series": self.options.series,
            "start_date": self.options.start_date,
            "end_date": self.options.end_date,
            "format": self.options.format.value,
            "members": [
                {"path": one.name, "lines": one.lines, "bytes": one.size, "sha256": one.sha256, **one.facts}
                for one in members
            ],
        }
        return orjson.dumps(about, option=orjson.OPT_INDENT_2)

    def _readme(self) -> bytes:
        holds = "\n\n".join(f"{part.name}\n    {part.holds}" for part in self.options.parts())
        return _README.format(holds=holds, manifest=MANIFEST, version=SCHEMA_VERSION).encode()


def _text(path: str, text: bytes) -> ArchiveMember:
    return ArchiveMember(path, lambda: [Block(0, text)])


def _nothing() -> None:
    """Do nothing: a small archive is written without pauses."""


class Pace:
    """Calls something at most every so many seconds."""

    def __init__(self, seconds: float, do: Callable[[], None]) -> None:
        self._seconds, self._do, self._last = seconds, do, time.monotonic()

    def __call__(self) -> None:
        """Call it if it is time."""
        now = time.monotonic()
        if now - self._last >= self._seconds:
            self._last = now
            self._do()


_README: Final = """\
All that is known of one person here, by type of data.

Files that end in .ndjson hold one JSON object a line. Each is the object that the REST API answers for the same
thing, so its documentation is the documentation of these files. Times are RFC 3339 in UTC; zone_offset is the local
offset that the source stated. Figures nobody measured are null. Files that end in .csv hold the same samples as a table
whose first line names the columns; a device name that a spreadsheet would compute has an apostrophe before it.

{manifest} (schema version {version}) lists every other file with its lines, bytes and SHA-256.

{holds}
"""
