"""Where records that their vendor may edit by id were put, so that an edit or a deletion finds them.

Samples of one stream that share an id are one document (the heart rate of an activity): it leaves one origin, with its
range and without a value, and whatever stood in the range and is not in its newest version goes.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from healthdata.catalogue import SERIES, SameStart
from healthdata.models import Origin
from healthdata.records import Sample

OriginKey = tuple[str, str, int]  # provider, external id, stream
Span = tuple[int, int]  # first and last instant, ms


@dataclass(slots=True)
class Edits:
    """The origins of one call's samples: as stored, and as the call leaves them."""

    user_key: int
    _origins: dict[OriginKey, Origin] = field(default_factory=dict)
    _fresh: list[Origin] = field(default_factory=list)
    _touched: dict[int, Origin] = field(default_factory=dict)
    _versions: dict[tuple[str, str], int | None] = field(default_factory=dict)

    @classmethod
    def load(cls, user_key: int, samples: Iterable[Sample]) -> "Edits":
        """Read the origins of those samples that have an id. No query where none has."""
        edits = cls(user_key)
        ids = {sample.external_id for sample in samples if sample.external_id is not None}
        if not ids:
            return edits
        for origin in Origin.objects.filter(user_key=user_key, kind=Origin.Kind.SAMPLE, external_id__in=ids):
            edits._origins[origin.provider, origin.external_id, origin.target] = origin
            edits._versions[origin.provider, origin.external_id] = origin.version
        return edits

    def former_spans(self, stream: int) -> list[Span]:
        """First and last instant (ms) of what edited records of the stream had before this call."""
        return [span_of(origin) for origin in self._origins.values() if origin.target == stream and origin.pk]

    def current(self, samples: list[Sample]) -> list[Sample]:
        """Leave out samples that are older, by their vendor's own version, than what is stored."""
        if not self._versions and not any(sample.version is not None for sample in samples):
            return samples
        fresh = []
        for sample in samples:
            key = (sample.source.provider, sample.external_id or "")
            known = self._versions.get(key)
            if known is not None and sample.version is not None and sample.version < known:
                continue
            if sample.external_id is not None:
                self._versions[key] = sample.version
            fresh.append(sample)
        return fresh

    def is_document(self, samples: Sequence[Sample], stream: int) -> bool:
        """Whether samples of one id are, or were, more than one."""
        known = self._origins.get(key_of(samples[0], stream))
        return len(samples) > 1 or (known is not None and known.value is None)

    def note(self, sample: Sample, stream: int) -> "Former | None":
        """Remember where the sample goes; returns where it was, if that is another place."""
        known = self._origins.get(key_of(sample, stream))
        former = Former(known.start_ms, known.value) if known is not None and moved(known, sample) else None
        self._put(sample, stream, (sample.start, sample.start + (sample.duration or 0)), sample.value)
        return former

    def note_document(self, samples: Sequence[Sample], stream: int) -> Span | None:
        """Remember the range of samples of one id; returns the range they had."""
        known = self._origins.get(key_of(samples[0], stream))
        former = None if known is None else span_of(known)
        starts = [sample.start for sample in samples]
        self._put(samples[0], stream, (min(starts), max(starts)), None)
        return former

    def _put(self, sample: Sample, stream: int, span: Span, value: float | None) -> None:
        key = key_of(sample, stream)
        origin = self._origins.get(key)
        if origin is None:
            self._origins[key] = origin = Origin(
                user_key=self.user_key, provider=key[0], external_id=key[1], kind=Origin.Kind.SAMPLE, target=stream
            )
            self._fresh.append(origin)
        place = (*span, value, sample.version)
        if place != (origin.start_ms, origin.end_ms, origin.value, origin.version):
            origin.start_ms, origin.end_ms, origin.value, origin.version = place
            if origin.pk:
                self._touched[origin.pk] = origin

    def save(self) -> None:
        Origin.objects.bulk_create(self._fresh, batch_size=2_000)
        if self._touched:
            Origin.objects.bulk_update(
                self._touched.values(), ["start_ms", "end_ms", "value", "version"], batch_size=1_000
            )


@dataclass(frozen=True, slots=True)
class Former:
    """A sample's earlier place: ms since the epoch, and the value that tells it from others of that instant."""

    start_ms: int
    value: float | None


def key_of(sample: Sample, stream: int) -> OriginKey:
    return sample.source.provider, sample.external_id or "", stream


def span_of(origin: Origin) -> Span:
    """First and last instant of an origin's rows."""
    return origin.start_ms, origin.start_ms if origin.value is not None else origin.end_ms


def moved(origin: Origin, sample: Sample) -> bool:
    """Whether the edit left its old row behind: another instant, or another value where both of one instant stay."""
    keeps = SERIES[sample.series].same_start is SameStart.KEEP
    return origin.start_ms != sample.start or (keeps and origin.value != sample.value)
