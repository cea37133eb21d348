"""One phone platform's dialect of the shared wire format: its tables, and no code."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Dialect:
    """`provider` is the slug; it also picks the platform's rules in healthdata.units, .sleep and .catalogue.

    series: wire type → series code. Where `any_case` holds, types are looked up in upper case, and the table has
    upper-case keys. sleep_types: record types that are sleep stages, with the stage as their value.
    record_ids: whether the platform edits records under a lasting id, so that records and stages carry it on.
    scores: figures of a night (wire type in lower case) → the category of the score they are, 0 to 100.
    system: beginnings of the ids of apps that are the platform itself: what they write is the device's own.
    models: beginnings of hardware models, in lower case → device type.
    model_is_host: whether the model of a sample is that of the device on which its writer runs, whatever measured it.
    """

    provider: str
    series: Mapping[str, str]
    any_case: bool = True
    record_ids: bool = False
    sleep_types: frozenset[str] = frozenset()
    scores: Mapping[str, str] = field(default_factory=dict)
    system: tuple[str, ...] = ()
    models: Mapping[str, str] = field(default_factory=dict)
    model_is_host: bool = False

    def is_system(self, app_id: str) -> bool:
        """Return whether an app is part of the platform."""
        return app_id.lower().startswith(self.system) if self.system else False

    def device_type(self, model: str) -> str | None:
        """watch for Watch6,3, phone for iPhone14,2, …; None for a model of nobody's we know."""
        name = model.lower()
        fitting = [start for start in self.models if name.startswith(start)]
        return self.models[max(fitting, key=len)] if fitting else None

    def series_of(self, wire_type: str) -> str | None:
        """Return the series of a record type; None for one nobody knows."""
        return self.series.get(self._key(wire_type))

    def is_sleep(self, wire_type: str) -> bool:
        """Return whether records of this type are sleep stages."""
        return self._key(wire_type) in self.sleep_types

    def _key(self, wire_type: str) -> str:
        return wire_type.strip().upper() if self.any_case else wire_type
