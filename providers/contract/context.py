"""What a payload is read with."""

import msgspec

from healthdata.days import ZoneHistory


class Context(msgspec.Struct, frozen=True):
    """What a payload alone does not say.

    received: when, in ms. zones: in which its end user lived. kind: of a vendor cloud, which kind of document it is
    (that of the RawDocument or Notification it came as).
    """

    received: int
    zones: ZoneHistory
    kind: str = ""
