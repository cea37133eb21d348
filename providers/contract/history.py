"""History that is asked for and then pushed: by vendors that may not be polled."""

from enum import StrEnum

import msgspec


class HistoryKind(msgspec.Struct, frozen=True):
    """A kind of document (as in Notification.kind) whose past can be asked for.

    is_daily: there is one for every day on which the device was worn, so a missing day is noticed. is_rare: few
    people have any, so it is asked for last. scope: what the end user must have allowed; without it, it is not asked.
    """

    kind: str
    scope: str = ""
    is_daily: bool = False
    is_rare: bool = False


class HistoryType(msgspec.Struct, frozen=True):
    """Kinds that belong together under one name of the API."""

    name: str
    kinds: tuple[HistoryKind, ...]


class HistoryAnswer(StrEnum):
    """The vendor's answer to a request for history. Any other answer is a VendorError."""

    COMING = "coming"  # it will push what it has; nothing at all if it has nothing
    ALREADY_ASKED = "already_asked"  # it pushes a stretch of time once
    OUT_OF_REACH = "out_of_reach"  # so old that it keeps nothing
