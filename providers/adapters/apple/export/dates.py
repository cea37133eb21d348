"""Moments as exports write them: ``2026-04-15 08:30:00 +0200``, and the two spellings of older files.

Nearly every record is a cached day plus a cached minute plus a cached rest, so a date costs three look-ups.
"""

import re
from datetime import date
from typing import Final, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from healthdata.days import ZoneHistory
from wearlink.lib.clock import parse_rfc3339
from wearlink.lib.errors import InvalidInput

_REMEMBER: Final = 20_000
_EPOCH: Final = date(1970, 1, 1).toordinal()
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_MINUTE: Final = re.compile(r" ([01]\d|2[0-3]):([0-5]\d)", re.ASCII)
_REST: Final = re.compile(r":([0-5]\d) ([+-])(\d\d)([0-5]\d)", re.ASCII)
_COMPACT: Final = re.compile(r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)([+-]\d{4})", re.ASCII)
_OFFSET: Final = re.compile(r"([+-])(\d\d):?([0-5]\d)", re.ASCII)
_FURTHEST: Final = 18 * 60
Value = TypeVar("Value")


class NotADate(ValueError):
    """The text is no moment in any spelling that exports use."""


class _Days(dict[str, int]):
    """Days such as ``2026-04-15`` → milliseconds."""

    def __missing__(self, text: str) -> int:
        try:
            if not _DAY.fullmatch(text):
                raise NotADate(text)
            ms = (date.fromisoformat(text).toordinal() - _EPOCH) * 86_400_000
        except ValueError as error:
            raise NotADate(text) from error
        return _keep(self, text, ms)


class _Minutes(dict[str, int]):
    """Times of day such as `` 08:30`` → milliseconds."""

    def __missing__(self, text: str) -> int:
        found = _MINUTE.fullmatch(text)
        if found is None:
            raise NotADate(text)
        return _keep(self, text, (int(found[1]) * 60 + int(found[2])) * 60_000)


class _Rests(dict[str, int]):
    """``:00 +0200`` → milliseconds, the offset taken off."""

    def __missing__(self, text: str) -> int:
        found = _REST.fullmatch(text)
        if found is None:
            raise NotADate(text)
        offset = int(found[3]) * 60 + int(found[4])
        if offset > _FURTHEST:
            raise NotADate(text)
        return _keep(self, text, int(found[1]) * 1000 - (-offset if found[2] == "-" else offset) * 60_000)


class _Offsets(dict[str, "int | None"]):
    """``+0200``, ``+02:00`` → 120; what is no offset gives None."""

    def __missing__(self, text: str) -> int | None:
        found = _OFFSET.fullmatch(text.strip())
        minutes = None
        if found is not None:
            size = int(found[2]) * 60 + int(found[3])
            minutes = None if size > _FURTHEST else -size if found[1] == "-" else size
        return _keep(self, text, minutes)


class _NamedZones(dict[str, "ZoneHistory | None"]):
    """An IANA name → its rules; None for a name this machine does not have."""

    def __missing__(self, name: str) -> ZoneHistory | None:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            return _keep(self, name, None)
        return _keep(self, name, ZoneHistory(((0, name),)))


_MAX_TEXT_LENGTH = 64  # characters of a text that is remembered


def _keep(cache: dict[str, Value], key: str, value: Value) -> Value:
    if len(cache) >= _REMEMBER:
        cache.clear()
    if len(key) <= _MAX_TEXT_LENGTH:
        cache[key] = value
    return value


#: ``days[text[:10]] + minutes[text[10:16]] + rests[text[16:]]`` is the moment of a text; each raises NotADate.
days = _Days()
minutes = _Minutes()
rests = _Rests()
#: ``offsets[text[-5:]]`` is what a text states as its offset.
offsets = _Offsets()
#: ``zones[name].offset_at(ms)``: minutes east of UTC in an IANA zone.
zones = _NamedZones()


def moment(text: str) -> int:
    """Return milliseconds since the epoch of a text in any of the spellings. Raises NotADate."""
    try:
        return days[text[:10]] + minutes[text[10:16]] + rests[text[16:]]
    except NotADate:
        return _older(text)


def _older(text: str) -> int:
    compact = _COMPACT.fullmatch(text)
    if compact:
        year, month, day, hour, minute, second, offset = compact.groups()
        text = f"{year}-{month}-{day}T{hour}:{minute}:{second}{offset}"
    try:
        return parse_rfc3339(text)[0]
    except InvalidInput as error:
        raise NotADate(text[:40]) from error
