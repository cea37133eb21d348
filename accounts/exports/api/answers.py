"""Answers that are archives: their headers, and bytes that leave no request's slot occupied."""

from collections.abc import Iterator
from typing import IO, Final

from django.http import StreamingHttpResponse

BLOCK: Final = 256 * 1024
ARCHIVE_TYPE: Final = "application/zip"


class ArchiveAnswer(StreamingHttpResponse):
    """Bytes of a file, as slowly as the client takes them (wearlink.lib.web.slots.Slots)."""

    needs_no_slot = True


def archive_headers(size: int) -> dict[str, str]:
    """Return the headers of a whole archive; browsers save it under a name that says nothing of its owner."""
    return {
        "Content-Type": ARCHIVE_TYPE,
        "Content-Length": str(size),
        "Content-Disposition": 'attachment; filename="wearlink-export.zip"',
        "X-Content-Type-Options": "nosniff",
    }


class FileBlocks:
    """All of a file, which is closed with the answer, sent or not."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.close = file.close

    def __iter__(self) -> Iterator[bytes]:
        while block := self._file.read(BLOCK):
            yield block
