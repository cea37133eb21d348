"""The options of an export, as a caller gives them and as the row keeps them."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from accounts.exports import contract
from accounts.exports.contract import ExportFormat, ExportPart, ExportScope
from wearlink.lib.errors import InvalidInput


class ExportOptions(msgspec.Struct, frozen=True):
    """types: names of parts, None for all; series: those the samples are limited to. Dates are local days, included."""

    types: tuple[str, ...] | None = None
    series: tuple[str, ...] | None = None
    start_date: date | None = None
    end_date: date | None = None
    format: ExportFormat = ExportFormat.NDJSON

    @classmethod
    def of_row(cls, stored: dict[str, Any]) -> "ExportOptions":
        """Return it as a row keeps them."""
        return msgspec.convert(stored, cls)

    def to_row(self) -> dict[str, Any]:
        found: dict[str, Any] = msgspec.to_builtins(self)
        return found

    def parts(self) -> list[ExportPart]:
        """Return the parts that are exported, in their order."""
        return [part for part in contract.parts() if self.types is None or part.name in self.types]

    def scope(self, user_key: int, user_id: UUID) -> ExportScope:
        series = None if self.series is None else frozenset(self.series)
        return ExportScope(user_key, user_id, series, self.start_date, self.end_date, self.format)


def chosen(names: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...] | None]:
    """Return parts and series of what a caller names: types of data, or series, for samples of these alone.

    Raises InvalidInput for a name that is neither.
    """
    parts = {part.name: part for part in contract.parts()}
    types = [name for name in names if name in parts]
    others = [name for name in names if name not in parts]
    if not others:
        return tuple(types), None
    owner = next((part for part in parts.values() if part.expand is not None), None)
    if owner is None or owner.expand is None:
        raise InvalidInput.on("types", f"{others[0][:64]!r} is unknown. Accepted: {', '.join(parts)}.")
    try:
        series = owner.expand(others)
    except InvalidInput as error:
        raise InvalidInput.on("types", f"{error.detail} Types of data are {', '.join(parts)}.") from error
    return tuple(dict.fromkeys([*types, owner.name])), None if owner.name in types else series
