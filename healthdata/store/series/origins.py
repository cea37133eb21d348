"""The places of records that their vendor may edit by id, so that an edit or a deletion finds them.

Samples of one stream that share an id are one document (the heart rate of an activity): it leaves one origin with all
that it said. What its newest version says no more goes, unless another document says it (claims.py).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Final

from healthdata.catalogue import SERIES, SameStart
from healthdata.models import Origin
from healthdata.records import Sample
from healthdata.store.series.claims import DocumentKey, Said, pack, said_by

OriginKey = tuple[str, str, int]  # provider, external id, stream
Span = tuple[int, int]  # first and last instant, ms
_EXTERNAL_ID: Final = attrgetter("external_id")
_VERSION: Final = attrgetter("version")


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
        ids = set(map(_EXTERNAL_ID, samples)) - {None}
        if not ids:
            return edits
        for origin in Origin.objects.filter(user_key=user_key, kind=Origin.Kind.SAMPLE, external_id__in=ids):
            edits._origins[origin.provider, origin.external_id, origin.target] = origin
            edits._versions[origin.provider, origin.external_id] = origin.version
        return edits

    def former_spans(self) -> dict[int, list[Span]]:
        """Return first and last instant (ms) of what edited records had before this call, by stream."""
        spans: dict[int, list[Span]] = {}
        for origin in self._origins.values():
            if origin.pk:
                spans.setdefault(origin.target, []).append((origin.start_ms, origin.end_ms))
        return spans

    def current(self, samples: list[Sample]) -> list[Sample]:
        """Leave out samples that are older, by their vendor's own version, than what is stored."""
        if not self._versions and {None}.issuperset(map(_VERSION, samples)):
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

    def note(self, samples: Sequence[Sample], stream: int) -> list[Said]:
        """Remember what a document now says of a stream; returns what it said before and says no more."""
        origin = self._origins.get((*document_of(samples[0]), stream))
        before = [] if origin is None else said_by(origin)
        if len(samples) > 1 or (origin is not None and origin.value is None):
            starts = [sample.start for sample in samples]
            rows = pack([(sample.start, sample.value) for sample in samples])
            self._put(samples[0], stream, (min(starts), max(starts)), None, rows)
        else:
            (sample,) = samples
            self._put(sample, stream, (sample.start, sample.start + (sample.duration or 0)), sample.value, None)
        return still_there(before, samples) if before else []

    def in_force(self, stored: list[Origin], stream: int) -> list[Origin]:
        """Return claims on a stream, oldest first, as this call has left them so far."""
        own = {key: origin for key, origin in self._origins.items() if key[2] == stream}
        rest = [one for one in stored if (one.provider, one.external_id, stream) not in own]
        return rest + list(own.values())

    def _put(self, sample: Sample, stream: int, span: Span, value: float | None, rows: bytes | None) -> None:
        key = (*document_of(sample), stream)
        origin = self._origins.get(key)
        if origin is None:
            self._origins[key] = origin = Origin(
                user_key=self.user_key, provider=key[0], external_id=key[1], kind=Origin.Kind.SAMPLE, target=stream
            )
            self._fresh.append(origin)
        place = (*span, value, rows, sample.version)
        known = None if origin.rows is None else bytes(origin.rows)
        if place != (origin.start_ms, origin.end_ms, origin.value, known, origin.version):
            origin.start_ms, origin.end_ms, origin.value, origin.rows, origin.version = place
            if origin.pk:
                self._touched[origin.pk] = origin

    def save(self) -> None:
        Origin.objects.bulk_create(self._fresh, batch_size=2_000)
        if self._touched:
            Origin.objects.bulk_update(
                self._touched.values(), ["start_ms", "end_ms", "value", "rows", "version"], batch_size=1_000
            )


def document_of(sample: Sample) -> DocumentKey:
    return sample.source.provider, sample.external_id or ""


def still_there(before: list[Said], samples: Sequence[Sample]) -> list[Said]:
    """Return what of a document's former word its new one neither repeats nor replaces."""
    if SERIES[samples[0].series].same_start is SameStart.KEEP:
        now = {(sample.start, sample.value) for sample in samples}
        return [fact for fact in before if fact not in now]
    starts = {sample.start for sample in samples}
    return [fact for fact in before if fact[0] not in starts]
