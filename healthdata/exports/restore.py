"""Health data out of an export, into an account that has none. Figures and scores of ours are computed again."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from itertools import islice
from typing import Any, Final

from accounts.end_users import zones as user_zones
from accounts.exports.contract import ArchiveReader
from healthdata.days import ZoneHistory
from healthdata.exports.samples import FOLDER
from healthdata.ingest import ingest
from healthdata.models import Source, Stream
from healthdata.records import DailyRecord, Record, Sample, Score, SourceInfo, StageRecord, WorkoutRecord
from healthdata.store.sources import SourceBook
from wearlink.lib.clock import parse_rfc3339

SOURCES: Final = "sources.ndjson"
WORKOUTS: Final = "workouts.ndjson"
SLEEP: Final = "sleep.ndjson"
STAGES: Final = "sleep_stages.ndjson"
SCORES: Final = "health_scores.ndjson"
ACTIVITY: Final = "activity_days.ndjson"
OURS: Final = "wearlink"
RECORD_BATCH_SIZE: Final = 20_000
Json = Mapping[str, Any]

_FIGURES: Final = (
    "type", "original_type", "title", "notes", "distance_meters", "calories_kcal", "basal_calories_kcal",
    "avg_heart_rate_bpm", "max_heart_rate_bpm", "min_heart_rate_bpm", "elevation_gain_meters",
    "elevation_loss_meters", "avg_speed_mps", "max_speed_mps", "average_power_watts", "duration_seconds", "details",
    "segments", "laps",
)  # fmt: skip


class ExportedSource(SourceInfo, frozen=True):
    """A source whose identity is known from the export, instead of following from its names."""

    known_key: str = ""

    @property
    def key(self) -> str:
        return self.known_key


def sources(user_key: int, archive: ArchiveReader) -> int:
    """Make the sources, with what their owner decided of them."""
    infos = known_sources(archive)
    book = SourceBook.open(user_key)
    book.add_sources(infos.values())
    rows = {uid: book.source(info) for uid, info in infos.items()}
    for line in archive.lines(SOURCES):
        row = rows[line["id"]]
        row.apps, row.label, row.is_hidden = line["apps"], line["name"] or "", line["is_hidden"]
        merged = rows.get(line["merged_into"])
        row.merged_into = None if merged is None else merged.pk
    Source.objects.bulk_update(rows.values(), ["apps", "label", "is_hidden", "merged_into"])
    return len(rows)


def known_sources(archive: ArchiveReader) -> dict[str, ExportedSource]:
    """Return the sources by the id they have in the export."""
    identities: Mapping[str, Json] = archive.facts(SOURCES).get("identities", {})
    return {
        line["id"]: ExportedSource(
            provider=line["provider"],
            model=line["model"],
            name=identities[line["id"]]["name"],
            device_type=line["device_type"],
            manufacturer=line["manufacturer"],
            known_key=identities[line["id"]]["key"],
        )
        for line in archive.lines(SOURCES)
    }


def samples(user_key: int, archive: ArchiveReader) -> int:
    """Take samples and daily values."""
    zones = ZoneHistory(user_zones.history(user_key))
    infos = known_sources(archive)
    taken = 0
    for path in archive.paths(FOLDER):
        streams = {one["ids_begin"]: one for one in archive.facts(path)["streams"]}
        taken += _ingest(user_key, _values(archive.lines(path), streams, infos, zones))
    return taken


def _values(
    lines: Iterable[Json], streams: Mapping[str, Json], infos: Mapping[str, SourceInfo], zones: ZoneHistory
) -> Iterator[Record]:
    daily = Stream.Grain.DAILY.name.lower()
    for line in lines:
        stream = streams[line["id"][:13]]
        source, series, value = infos[stream["source_id"]], line["series_type"], line["value"]
        at, zone = _ms(line["timestamp"]), _minutes(line["zone_offset"])
        if stream["grain"] == daily:
            yield DailyRecord(source, series, zones.day_of(at, zone), value, zone)
        else:
            length = line["duration_seconds"]
            yield Sample(source, series, at, value, None if length is None else round(length * 1000), zone)


def workouts(user_key: int, archive: ArchiveReader) -> int:
    """Take workouts; their courses are samples."""
    by_shown = _by_shown_names(archive)
    return _ingest(user_key, (_workout(line, _source_of(line, by_shown)) for line in archive.lines(WORKOUTS)))


def _workout(line: Json, source: SourceInfo) -> WorkoutRecord:
    figures = {name: line[name] for name in _FIGURES}
    start, end = _ms(line["start_time"]), _ms(line["end_time"])
    return WorkoutRecord(source=source, start=start, end=end, zone=_minutes(line["zone_offset"]), **figures)


def stages(user_key: int, archive: ArchiveReader) -> int:
    """Take stages of sleep; sessions follow from them."""
    infos = known_sources(archive)
    return _ingest(
        user_key,
        (
            StageRecord(
                infos[line["source_id"]],
                _ms(line["start_time"]),
                _ms(line["end_time"]),
                line["stage"],
                _minutes(line["zone_offset"]),
                line["is_nap"],
            )
            for line in archive.lines(STAGES)
        ),
    )


def scores(user_key: int, archive: ArchiveReader) -> int:
    infos = {info.provider: info for info in reversed(known_sources(archive).values())}
    theirs = (line for line in archive.lines(SCORES) if line["provider"] != OURS)
    return _ingest(
        user_key,
        (
            Score(
                infos.get(line["provider"]) or SourceInfo(line["provider"]),
                date.fromisoformat(line["date"]),
                line["category"],
                line["score"],
                line["range_min"],
                line["range_max"],
                components=line["components"],
            )
            for line in theirs
        ),
    )


def _by_shown_names(archive: ArchiveReader) -> dict[tuple[str, str | None], SourceInfo]:
    """Return sources by provider and the name they are shown under; of several the first."""
    infos = known_sources(archive)
    found: dict[tuple[str, str | None], SourceInfo] = {}
    for line in archive.lines(SOURCES):
        found.setdefault((line["provider"], line["device"]), infos[line["id"]])
    return found


def _source_of(line: Json, by_shown: Mapping[tuple[str, str | None], SourceInfo]) -> SourceInfo:
    shown = line["source"]
    return by_shown.get((shown["provider"], shown["device"])) or SourceInfo(shown["provider"], name=shown["device"])


def _ingest(user_key: int, records: Iterator[Record]) -> int:
    taken = 0
    while batch := list(islice(records, RECORD_BATCH_SIZE)):
        ingest(user_key, [batch], samples=False, causes=["import:export"])
        taken += len(batch)
    return taken


def _ms(text: str) -> int:
    return parse_rfc3339(text)[0]


def _minutes(offset: str | None) -> int | None:
    """Return minutes east of UTC of +05:30."""
    if offset is None:
        return None
    minutes = int(offset[1:3]) * 60 + int(offset[4:6])
    return -minutes if offset[0] == "-" else minutes
