"""The line of JSON before a file."""

from typing import Final

import msgspec

from providers.contract import AnomalousPayload, read_json

MAX_HEAD: Final = 10_000  # bytes


class FileHead(msgspec.Struct, rename="camel"):
    """The activity that a file belongs to, with the facts that its announcement gave."""

    activity_id: str
    activity_name: str | None = None
    activity_type: str | None = None
    device_name: str | None = None


def split(body: bytes) -> tuple[FileHead, memoryview]:
    """Return the line and the file. Raises AnomalousPayload."""
    end = body.find(b"\n", 0, MAX_HEAD)
    if end < 0:
        raise AnomalousPayload("A file without the line that says which activity it is of.")
    return read_json(body[:end], FileHead), memoryview(body)[end + 1 :]
