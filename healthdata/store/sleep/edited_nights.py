"""Nights that a phone sends stage by stage, each under an id of its own, and again when they were edited.

Health Connect's stages are called `<night>-s<n>`. An edited night comes whole again, but in as many posts as it takes,
in any order, and none of them says how many stages it has now. A phone syncs every quarter of an hour at most, so the
posts of one version come close together: once a stage is another than the one that had its id, what was last sent long
before is of the former version. And what was sent after everything that is contradicted now is of the new one.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

from healthdata.models import Origin
from healthdata.records import StageRecord

CLOSE_MS: Final = 10 * 60_000
_STAGE_OF_NIGHT: Final = re.compile(r"(.+)-s\d+")

Identity = tuple[str, str]  # provider, external id
StageKey = tuple[int, int, int, str]  # source, start ms, end ms, stage
Origins = dict[Identity, Origin]


def night_of(external_id: str) -> str | None:
    """Return which night an id names a stage of; None for ids of other kinds."""
    found = _STAGE_OF_NIGHT.fullmatch(external_id)
    return found[1] if found else None


def stated_by_phone(record: StageRecord) -> bool:
    """Return whether the record states when it was sent and which stage of which night it is."""
    return record.version is not None and record.external_id is not None and night_of(record.external_id) is not None


def near(user_key: int, sources: Collection[int], records: Sequence[StageRecord], around_ms: int) -> Origins:
    """Return phones' origins of the nights around these records; no query where there are none."""
    stated = [record for record in records if stated_by_phone(record)]
    if not stated:
        return {}
    first, last = min(record.start for record in stated), max(record.start for record in stated)
    found = Origin.objects.filter(
        user_key=user_key, kind=Origin.Kind.STAGE, target__in=sources,
        start_ms__range=(first - around_ms, last + around_ms), version__isnull=False,
    )  # fmt: skip
    return {(origin.provider, origin.external_id): origin for origin in found if night_of(origin.external_id)}


def spared(old: Collection[StageKey], batch: Sequence[StageRecord], origins: Origins) -> set[StageKey]:
    """Return those rows, of all that a batch seems to replace, that were sent after everything it contradicts: the
    other posts of the same version.
    """
    now = max((record.version or 0 for record in batch if stated_by_phone(record)), default=0)
    stated = _last_versions(old, origins)
    if not now or not stated:
        return set()
    met = {key for key in old if any(key[1] < record.end and record.start < key[2] for record in batch)}
    cut = max(max((stated.get(key, 0) for key in met), default=0), now - CLOSE_MS)
    return {key for key in old if key not in met and stated.get(key, 0) > cut}


def left_over(edited: Iterable[StageRecord], origins: Origins) -> list[Origin]:
    """Return what former versions of the edited nights have left: claims that were last sent long before."""
    stated: dict[tuple[str, str | None], int] = {}
    for record in edited:
        if stated_by_phone(record):
            name = record.source.provider, night_of(record.external_id or "")
            stated[name] = max(stated.get(name, 0), record.version or 0)
    if not stated:
        return []
    found = []
    for (provider, external_id), origin in origins.items():
        now = stated.get((provider, night_of(external_id)))
        if now is not None and origin.version is not None and origin.version < now - CLOSE_MS:
            found.append(origin)
    return found


def _last_versions(keys: Collection[StageKey], origins: Mapping[Identity, Origin]) -> dict[StageKey, int]:
    """Return when each row was last sent, where a phone sent it."""
    wanted = set(keys)
    stated: dict[StageKey, int] = {}
    for origin in origins.values():
        key = (origin.target, origin.start_ms, origin.end_ms, origin.stage)
        if key in wanted and origin.version is not None:
            stated[key] = max(stated.get(key, 0), origin.version)
    return stated
