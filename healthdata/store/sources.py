"""Sources and streams of one end user, loaded once a store call and made where they are missing."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from healthdata.catalogue import SERIES, SeriesKind
from healthdata.models import Source, Stream
from healthdata.models.series import DAY
from healthdata.records import SourceInfo
from wearlink.lib.postgres.whole_rows import whole_rows

MAX_SOURCES = 1_000  # devices and apps of one end user; records of further ones are refused
LENGTHS = {"model": 200, "name": 200, "device_type": 32, "manufacturer": 100}  # as the columns are

StreamKey = tuple[int, str, int]  # source id, series, grain


def grain_of(series: str) -> int:
    return Stream.Grain.INTERVAL if SERIES[series].kind is SeriesKind.INTERVAL else Stream.Grain.SAMPLE


def key48(user_key: int, source: Source, series: str, grain: int) -> int:
    """Return the stream's share of its samples' ids: derived, so that data erased and sent again gets its old ids."""
    identity = "\x1f".join((str(user_key), source.provider, source.key, series, str(int(grain))))
    return int.from_bytes(hashlib.blake2b(identity.encode(), digest_size=6).digest())


@dataclass(slots=True)
class SourceBook:
    """The rows of an end user's devices and streams, as known during one transaction."""

    user_key: int
    _sources: dict[tuple[str, str], Source] = field(default_factory=dict)
    _streams: dict[StreamKey, Stream] = field(default_factory=dict)
    _by_info: dict[SourceInfo, Source] = field(default_factory=dict)

    @classmethod
    def open(cls, user_key: int) -> "SourceBook":
        book = cls(user_key)
        for source in whole_rows(Source, "user_key = %s", [user_key]):
            book._sources[source.provider, source.key] = source
        for stream in whole_rows(Stream, "user_key = %s", [user_key]):
            book._streams[stream.source_id, stream.series, stream.grain] = stream
        return book

    def source(self, info: SourceInfo) -> Source:
        """Return the row of a device that `add_sources` has seen."""
        return self._by_info[info]

    def by_id(self, source_id: int) -> Source:
        """Return a row that was there, or that `add_sources` has made."""
        return next(source for source in self._sources.values() if source.pk == source_id)

    def add_sources(self, infos: Iterable[SourceInfo]) -> set[SourceInfo]:
        """Make rows for new devices and note what is new about known ones.

        Returns those for which there is no room (MAX_SOURCES): their records cannot be stored.
        """
        room = MAX_SOURCES - len(self._sources)
        refused: set[SourceInfo] = set()
        fresh: dict[tuple[str, str], Source] = {}
        touched: dict[int, Source] = {}
        for info in infos:
            if info in self._by_info:
                continue
            identity = (info.provider, info.key[:200])
            source = self._sources.get(identity) or fresh.get(identity)
            if source is None and len(fresh) >= room:
                refused.add(info)
                continue
            if source is None:
                source = fresh[identity] = Source(user_key=self.user_key, provider=info.provider, key=identity[1])
            if describe(source, info) and source.pk:
                touched[source.pk] = source
            self._by_info[info] = source
        Source.objects.bulk_create(fresh.values())
        self._sources.update(fresh)
        if touched:
            Source.objects.bulk_update(touched.values(), ["model", "name", "device_type", "manufacturer", "apps"])
        return refused

    def streams(
        self, wanted: Sequence[tuple[Source, str, int]], spans: dict[StreamKey, int]
    ) -> dict[StreamKey, Stream]:
        """Return streams of (source, series, grain); new ones get the span that `spans` proposes."""
        fresh = [
            Stream(
                user_key=self.user_key,
                source=source,
                series=series,
                grain=grain,
                span=spans.get((source.id, series, grain), DAY),
                key48=key48(self.user_key, source, series, grain),
            )
            for source, series, grain in wanted
            if (source.id, series, grain) not in self._streams
        ]
        Stream.objects.bulk_create(fresh)
        self._streams.update({(stream.source_id, stream.series, stream.grain): stream for stream in fresh})
        return {key: self._streams[key] for source, series, grain in wanted if (key := (source.id, series, grain))}

    def known_stream(self, key: StreamKey) -> Stream | None:
        return self._streams.get(key)


def describe(source: Source, info: SourceInfo) -> bool:
    """Fill in what the row lacks; say whether anything changed. What is known already is not overwritten."""
    changed = False
    given = {"model": info.model, "name": info.name, "device_type": info.device_type, "manufacturer": info.manufacturer}
    for name, value in given.items():
        vague = getattr(source, name) in ("", "unknown")
        if value and vague and getattr(source, name) != value:
            setattr(source, name, value[: LENGTHS[name]])
            changed = True
    app = (info.app or "")[:200]
    if app and app not in source.apps:
        source.apps = [*source.apps, app]
        changed = True
    return changed
