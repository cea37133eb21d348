"""Reading an archive back: checked against its manifest before anything is taken from it."""

import hashlib
import json
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import orjson

from accounts.exports import contract
from accounts.exports.archive import MANIFEST
from accounts.exports.contract import SCHEMA_VERSION, ExportFormat
from accounts.models import EndUser

PIECE: Final = 1024 * 1024
Watch = Callable[[str, int], None]


class DamagedArchive(Exception):
    """The file is no export, or not what its manifest says."""


class ZipReader:
    """An archive in a file, as contract.ArchiveReader."""

    def __init__(self, path: Path) -> None:
        try:
            self._zip = zipfile.ZipFile(path)
            self.manifest: Mapping[str, Any] = json.loads(self._zip.read(MANIFEST))
            self._members = {one["path"]: one for one in self.manifest["members"]}
        except (OSError, zipfile.BadZipFile, KeyError, ValueError) as error:
            raise DamagedArchive("This is no export of WearLink.") from error

    def check(self) -> None:
        """Read every member once. Raises DamagedArchive for a version we do not know, CSV, or another digest."""
        if self.manifest["schema_version"] != SCHEMA_VERSION:
            raise DamagedArchive(f"Schema version {self.manifest['schema_version']} is unknown here.")
        if self.manifest["format"] != ExportFormat.NDJSON:
            raise DamagedArchive("Only exports with format=ndjson can be imported.")
        for path, member in self._members.items():
            digest = hashlib.sha256()
            try:
                with self._zip.open(path) as file:
                    while piece := file.read(PIECE):
                        digest.update(piece)
            except (KeyError, zipfile.BadZipFile) as error:
                raise DamagedArchive(f"{path} is missing or damaged.") from error
            if digest.hexdigest() != member["sha256"]:
                raise DamagedArchive(f"{path} is not what the manifest says.")

    def lines(self, path: str) -> Iterator[dict[str, Any]]:
        """Yield the objects of a member; none where the archive has no such member."""
        if path in self._members:
            with self._zip.open(path) as file:
                for line in file:
                    yield orjson.loads(line)

    def paths(self, folder: str) -> list[str]:
        """Return members below a folder, in the order of their names."""
        return sorted(path for path in self._members if path.startswith(f"{folder}/"))

    def facts(self, path: str) -> Mapping[str, Any]:
        """Return what the manifest says of a member."""
        return self._members.get(path, {})

    def data(self, path: str) -> bytes:
        return self._zip.read(path)


def restore(end_user: EndUser, path: Path, watch: Watch) -> None:
    """Take an export into an account that has no data; `watch` gets each type of data and how much of it was taken.

    Raises DamagedArchive, before anything is taken.
    """
    archive = ZipReader(path)
    archive.check()
    for part in contract.parts():
        if part.restore is not None and part.name in archive.manifest["types"]:
            watch(part.name, part.restore(end_user.key, archive))
