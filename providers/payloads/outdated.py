"""Documents that come late: of two versions that their vendor numbers, the higher counts, whichever came last."""

from collections.abc import Sequence
from typing import Protocol

from healthdata.records import Record
from healthdata.store import versions_of
from providers.models import Payload


class VersionedReading(Protocol):
    """A payload that was read, with the versions of the documents it is the whole of."""

    payload: Payload
    records: list[Record]
    documents: list[str]
    versions: dict[str, int]


def leave_out(user_key: int, readings: Sequence[VersionedReading]) -> None:
    """Take out of the readings, in their order, what documents said that are older than what is stored."""
    known: dict[str, dict[str, int]] = {}
    for reading in readings:
        if not reading.versions:
            continue
        provider = reading.payload.provider
        if provider not in known:
            known[provider] = versions_of(user_key, provider, _documents(readings, provider))
        stored = known[provider]
        older = {name for name, version in reading.versions.items() if version < stored.get(name, version)}
        if older:
            reading.documents = [name for name in reading.documents if name not in older]
            reading.records = [
                one for one in reading.records if (one.external_id or "").partition("#")[0] not in older
            ]  # fmt: skip
        stored.update({name: version for name, version in reading.versions.items() if name not in older})


def _documents(readings: Sequence[VersionedReading], provider: str) -> set[str]:
    return {name for reading in readings if reading.payload.provider == provider for name in reading.versions}
