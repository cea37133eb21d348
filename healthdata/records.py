"""The records that adapters return and the store takes: small, frozen, in canonical units.

A record knows the domain and no vendor. Instants are int milliseconds since the epoch (UTC), zones are int
minutes east of UTC as the row itself stated them (None: it stated none), values are in the unit of the
series' catalogue row. `external_id` is given only where the vendor edits or deletes by id: such records leave
an Origin. `version` is the vendor's own version or update time (any growing int); without one, receipt order
decides which of two is newer.
"""

import re
import unicodedata
from array import array
from datetime import date
from typing import ClassVar, Final

import msgspec

NO_ZONE: Final = -32_768  # means "stated none" in columns of zones
MANUAL: Final = "manual"
PROFILE: Final = "profile"  # what a vendor keeps of its user without a date, such as a weight once typed in


class SourceInfo(msgspec.Struct, frozen=True, cache_hash=True):
    """The maker of a record, as the payload described it: a device, and the app that wrote for it."""

    provider: str
    model: str | None = None
    name: str | None = None
    device_type: str | None = None  # watch, ring, phone, scale, …, manual; the order of sources ranks by it
    manufacturer: str | None = None
    app: str | None = None  # the writing app, as the payload names it
    writer: str | None = None  # the same app by one name however it comes; None where the system itself wrote

    @property
    def key(self) -> str:
        """Identity within a provider: the hardware (its model, else its name) and, unless the system wrote, the app.

        Two apps on one phone count the same steps, so they must not become one source. What somebody typed in was
        measured by no device, and is kept apart from what the same app measures.
        """
        if self.device_type in (MANUAL, PROFILE):
            return "|".join(part for part in (self.writer, self.device_type) if part)
        hardware = (self.model or "").strip() or normal_name(self.name or "")
        parts = dict.fromkeys(part for part in (hardware, self.writer) if part)
        return "|".join(parts) or (self.app or "").strip() or "unknown"


def normal_name(name: str) -> str:
    """Fold the spellings of one device name (no-break spaces, width, case) into one key."""
    return re.sub(r"\s+", " ", unicodedata.normalize("NFKC", name)).strip().casefold()


class Sample(msgspec.Struct, frozen=True, gc=False):
    """One reading (duration None) or one amount over [start, start + duration)."""

    source: SourceInfo
    series: str
    start: int
    value: float
    duration: int | None = None
    zone: int | None = None
    external_id: str | None = None
    version: int | None = None


class SampleColumns(msgspec.Struct, frozen=True):
    """Many samples of one source and one series, in the order of receipt; none has an id or a version of its vendor's.

    A tenth of the memory and the time of as many Samples. durations: 0 for a reading; zones: NO_ZONE for none.
    """

    source: SourceInfo
    series: str
    starts: "array[int]"
    values: "array[float]"
    durations: "array[int]"
    zones: "array[int]"
    external_id: ClassVar[None] = None

    def __len__(self) -> int:
        return len(self.starts)


class DailyRecord(msgspec.Struct, frozen=True, gc=False):
    """A vendor's own total or nightly figure for a local date.

    rank: of several documents' figures of a day the highest counts, in whatever order they come; of equals the newest.
    """

    source: SourceInfo
    series: str
    day: date
    value: float
    zone: int | None = None
    external_id: str | None = None
    version: int | None = None
    rank: int = 0


class StageRecord(msgspec.Struct, frozen=True, gc=False):
    """One stretch of one canonical stage (healthdata.sleep names them)."""

    source: SourceInfo
    start: int
    end: int
    stage: str
    zone: int | None = None
    nap: bool | None = None  # the vendor's own word on whether the night this belongs to is a nap
    external_id: str | None = None
    version: int | None = None


class WorkoutRecord(msgspec.Struct, frozen=True):
    """One session. Durations in seconds, distances in metres, energy in kcal, pace derived on reading."""

    source: SourceInfo
    type: str
    start: int
    end: int
    zone: int | None = None
    external_id: str | None = None
    version: int | None = None
    original_type: str | None = None  # as sent, where `type` could not say it
    title: str | None = None
    notes: str | None = None
    duration_seconds: float | None = None
    distance_meters: float | None = None
    calories_kcal: float | None = None
    basal_calories_kcal: float | None = None
    avg_heart_rate_bpm: float | None = None
    max_heart_rate_bpm: float | None = None
    min_heart_rate_bpm: float | None = None
    elevation_gain_meters: float | None = None
    elevation_loss_meters: float | None = None
    avg_speed_mps: float | None = None
    max_speed_mps: float | None = None
    average_power_watts: float | None = None
    details: dict[str, float | str | bool] = {}  # further figures under documented names
    segments: list[dict[str, object]] = []
    laps: list[dict[str, object]] = []


class Score(msgspec.Struct, frozen=True):
    """A wellness score of a local date in its maker's own range; never rescaled. rank: as with DailyValue."""

    source: SourceInfo
    day: date
    category: str
    score: float
    range_min: float
    range_max: float
    zone: int | None = None
    external_id: str | None = None
    version: int | None = None
    components: dict[str, float | None] = {}
    rank: int = 0


Record = Sample | DailyRecord | StageRecord | WorkoutRecord | Score
Storable = Record | SampleColumns


class ClearedRange(msgspec.Struct, frozen=True):
    """A vendor's deletion by time instead of by id: the rows are deleted unless the same payload says them again.

    [start, end) in ms: samples of `series` and workouts that begin in it, and sleep that ends in (start, end].
    """

    start: int
    end: int
    series: tuple[str, ...] = ()
    workouts: bool = False
    sleep: bool = False


class StatedZone(msgspec.Struct, frozen=True):
    """A phone's statement about its clock at an instant (ms): minutes east of UTC, and the IANA zone if given."""

    at: int
    offset: int
    name: str | None = None


class Rejected(msgspec.Struct, frozen=True, gc=False):
    """An item that was refused: its place and the reason, never its content."""

    collection: str
    index: int
    field: str
    reason: str  # a short code such as unknown_type, bad_date, unknown_unit:furlong
