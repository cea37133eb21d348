"""Moments and zones as phones write them. Payloads repeat minutes and endings all the time, so both are remembered."""

import re

from wearlink.lib.clock import parse_rfc3339

_REMEMBER = 50_000  # entries; a few megabytes at most
_OFFSET = re.compile(r"(?:GMT|UTC)?([+-])(\d{1,2})(?::?([0-5]\d))?", re.ASCII)  # +05:30, GMT+5:30, UTC-8
_FURTHEST = 18 * 60
_MAX_OFFSET_LENGTH = 9  # characters of an offset that are remembered


class _Heads(dict[str, int]):
    """``2026-04-15T06:30`` → milliseconds since the epoch. Raises InvalidInput for what is no such thing."""

    def __missing__(self, head: str) -> int:
        moment, _ = parse_rfc3339(head)
        if len(self) >= _REMEMBER:
            self.clear()
        self[head] = moment
        return moment


class _Tails(dict[str, int]):
    """``:07.250+02:00`` → milliseconds to add to the head. Raises InvalidInput for what is no such thing."""

    def __missing__(self, tail: str) -> int:
        shift, _ = parse_rfc3339(f"1970-01-01T00:00{tail}")
        if len(self) >= _REMEMBER:
            self.clear()
        if len(tail) <= 4 * _MAX_OFFSET_LENGTH:
            self[tail] = shift
        return shift


class _OffsetMinutes(dict[str | None, int | None]):
    """``+05:30`` → 330; what is no offset says nothing about the zone and gives None.

    Nor does an offset of nothing: clients that know no zone write UTC as ``Z`` or as ``+00:00``.
    """

    def __missing__(self, text: str | None) -> int | None:
        zone = _offset(text or "") or None
        if len(self) >= _REMEMBER:
            self.clear()
        if len(text or "") <= _MAX_OFFSET_LENGTH:  # no offset is longer; whatever else is sent is not kept
            self[text] = zone
        return zone


def is_offset(text: str) -> bool:
    """Return whether a text states an offset from UTC, be it none."""
    return _offset(text) is not None


def _offset(text: str) -> int | None:
    if text in {"Z", "z", "GMT", "UTC"}:
        return 0
    match = _OFFSET.fullmatch(text)
    if match is None:
        return None
    sign, hours, minutes = match.groups()
    offset = int(hours) * 60 + int(minutes or 0)
    if offset > _FURTHEST:
        return None
    return -offset if sign == "-" else offset


#: ``heads[text[:16]] + tails[text[16:]]`` is the moment of an RFC 3339 text; see :func:`moment`.
heads = _Heads()
tails = _Tails()
zones = _OffsetMinutes({None: None})


def moment(text: str) -> int:
    """Return milliseconds since the epoch of an RFC 3339 text; one without an offset is read as UTC. Raises
    InvalidInput.
    """
    return heads[text[:16]] + tails[text[16:]]


def stated_zone(offset: str | None, text: str) -> int | None:
    """Return minutes east of UTC as the row states them: its zone field, else an offset other than Z in its start."""
    if offset is not None:
        return zones[offset]
    return None if text.endswith(("Z", "z")) else zones[text[16:].lstrip(":.,0123456789")]
