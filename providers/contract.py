"""What an adapter offers and what it is given.

Adapters are pure: bytes in, records out. They see no database, no settings and no clock; the moment to judge dates by
and the person's zones come with the call, so that a payload read again a year later gives the same records.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from enum import StrEnum
from typing import ClassVar

import msgspec

from healthdata.days import ZoneHistory
from healthdata.records import Record, Rejected


class Kind(StrEnum):
    """How a provider's data reaches us."""

    SDK = "sdk"  # an app on the phone posts it
    OAUTH = "oauth"  # we fetch it from the vendor, or the vendor pushes it


class Context(msgspec.Struct, frozen=True):
    """What a payload alone does not tell: when it was received (ms) and which zones its person lived in."""

    received: int
    zones: ZoneHistory


class Provider(ABC):
    """One source of data. The slug is the folder's name, the wire name and the API name."""

    slug: ClassVar[str]
    name: ClassVar[str]
    kind: ClassVar[Kind]

    @abstractmethod
    def normalise(self, body: bytes, context: Context) -> Iterator[Record | Rejected]:
        """The records of one stored payload in its own order; what cannot be taken comes out as Rejected.

        Raises AnomalousPayload when the payload as a whole cannot be read.
        """


class AnomalousPayload(ValueError):
    """A stored payload that is not what its provider sends; trying again cannot help."""
