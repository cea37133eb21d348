"""Reading a file with Garmin's FIT SDK: readings go into columns at once, messages of which there are few are kept.

The SDK gives raw numbers here; scaling only what is stored makes it twice as fast, and columns of plain numbers keep a
day's run in a few megabytes.
"""

from array import array
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from providers.adapters.garmin.fit.checksum import is_whole
from providers.adapters.garmin.fit.developer import DeveloperField, described
from providers.adapters.garmin.fit.fields import FIELDS
from wearlink.lib.lazy import LazyModule

if TYPE_CHECKING:
    import garmin_fit_sdk
else:
    garmin_fit_sdk = LazyModule("garmin_fit_sdk")

FIT_EPOCH_MS: Final = 631_065_600_000  # 1989-12-31T00:00:00Z
RECORD, HRV, SESSION, LAP, LENGTH, ACTIVITY = 20, 78, 18, 19, 101, 34
KEPT: Final = frozenset({SESSION, LAP, LENGTH, ACTIVITY})
MAX_KEPT: Final = 20_000  # messages of one kind
Message = Mapping[str, Any]


class Column:
    """Readings of one field: instants in ms and raw values."""

    __slots__ = ("instants", "values")

    def __init__(self) -> None:
        self.instants = array("q")
        self.values = array("d")


class FitFile:
    """The messages read from a file. `faults`: field and reason of what could not be read."""

    def __init__(self) -> None:
        self.columns: dict[str, Column] = {name: Column() for name in FIELDS}
        self.beats = Column()  # intervals between heart beats, at the end of each
        self.messages: dict[int, list[Message]] = {}
        self.developer: dict[Any, DeveloperField] = {}
        self.faults: list[tuple[str, str]] = []
        self.reached = 0  # ms of the last record
        self._clock = 0  # where the intervals between beats have got to

    def take(self, kind: int, message: dict[str, Any]) -> None:
        """Store what is needed of a message, as the SDK reads it."""
        if kind == RECORD:
            self._record(message)
        elif kind == HRV:
            self._hrv(message)
        elif kind in KEPT:
            kept = self.messages.setdefault(kind, [])
            if len(kept) < MAX_KEPT:
                kept.append(dict(message))
        else:
            return
        message.clear()  # the SDK keeps every message, which is not needed

    def describe(self, key: Any, _: Any, message: Message) -> None:
        """Store the description of a developer's field, which precedes its use."""
        self.developer[key] = described(message)

    def _record(self, message: dict[str, Any]) -> None:
        stamp = message.pop("timestamp", None)
        if type(stamp) is not int:
            return
        self.reached = at = FIT_EPOCH_MS + stamp * 1000
        columns = self.columns
        for name, value in message.items():
            column = columns.get(name)
            if column is not None and type(value) is int:
                column.instants.append(at)
                column.values.append(value)
            elif name == "developer_fields":
                self._developer(at, value)

    def _developer(self, at: int, values: Mapping[Any, Any]) -> None:
        for key, value in values.items():
            known = self.developer.get(key)
            if known is None or not known.is_reading(value):
                continue
            column = self.columns.get(known.column)
            if column is None:
                self.columns[known.column] = column = Column()
            column.instants.append(at)
            column.values.append(value)

    def _hrv(self, message: Message) -> None:
        """Intervals between beats follow the record in whose second they ended."""
        times = message.get("time")
        self._clock = max(self._clock, self.reached)
        for interval in times if isinstance(times, list) else [times]:
            if type(interval) is int and 0 < interval < 0xFFFF and self._clock:
                self._clock += interval
                self.beats.instants.append(self._clock)
                self.beats.values.append(interval)


def decode(file: memoryview) -> FitFile:
    """Read a file as far as that is possible; one whose checksum is wrong is not believed at all."""
    found = FitFile()
    fault = is_whole(file)
    if fault in ("not_a_fit_file", "bad_checksum"):
        found.faults.append(("", fault))
        return found
    _, errors = garmin_fit_sdk.Decoder(garmin_fit_sdk.Stream.from_byte_array(bytearray(file))).read(
        apply_scale_and_offset=False,
        convert_datetimes_to_dates=False,
        convert_types_to_strings=False,
        enable_crc_check=False,
        expand_sub_fields=False,
        expand_components=False,
        merge_heart_rates=False,
        mesg_listener=found.take,
        field_description_listener=found.describe,
    )
    if fault or errors:
        found.faults.append(("", fault or "unreadable"))
    return found


class Scaled:
    """A message's numbers in their units."""

    def __init__(self, kind: int, message: Message) -> None:
        self.kind, self.message = kind, message

    def get(self, name: str) -> float | None:
        """Return None for what is not there, or no number."""
        value = self.message.get(name)
        if not isinstance(value, int | float) or isinstance(value, bool):
            return None
        scale, offset = _scales(self.kind).get(name, (1, 0))
        return value / scale - offset

    def word(self, name: str, of: str) -> str:
        """Return the profile's name of a number; empty for none."""
        value: Any = garmin_fit_sdk.Profile["types"].get(of, {}).get(self.message.get(name))
        if value is None:
            value = garmin_fit_sdk.Profile["types"].get(of, {}).get(str(self.message.get(name)))
        return str(value or "")

    def at(self, name: str) -> int | None:
        """Return a field that holds a moment, in epoch milliseconds."""
        value = self.message.get(name)
        return FIT_EPOCH_MS + value * 1000 if type(value) is int else None


@cache
def _scales(kind: int) -> dict[str, tuple[float, float]]:
    fields: Mapping[int, Any] = garmin_fit_sdk.Profile["messages"][kind]["fields"]
    return {field["name"]: (field["scale"][0], field["offset"][0]) for field in fields.values()}
