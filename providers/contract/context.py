"""The context in which a payload is read."""

import msgspec

from healthdata.days import ZoneHistory


class Context(msgspec.Struct, frozen=True):
    """The facts about a payload that it does not hold itself.

    received: when, in ms. zones: in which its end user lived. kind: of a vendor cloud, which kind of document it is
    (that of the RawDocument or Notification it came as). zone_is_set: of files, whether somebody set where their end
    user lives, so that a zone which a file was printed in says no more.
    """

    received: int
    zones: ZoneHistory
    kind: str = ""
    zone_is_set: bool = False
