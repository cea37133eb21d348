"""The base of every provider, phone or cloud: it turns a stored payload into records."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from enum import StrEnum
from typing import ClassVar

import msgspec

from healthdata.records import ClearedRange, Record, Rejected, StatedZone
from providers.contract.context import Context
from providers.contract.file_import import FileImport


class ProviderKind(StrEnum):
    """The way in which a provider's data reach us."""

    SDK = "sdk"  # an app on the phone posts it
    OAUTH = "oauth"  # we fetch it from the vendor, or the vendor pushes it


class Retraction(msgspec.Struct, frozen=True):
    """A deletion of what was stored under this vendor id or a part of it, unless the same payload says it again.

    A document that makes several records with ids of their own calls them ``{id}#{anything}``: they are its parts.
    Given alone it deletes a document; given beside a document's records it makes a revision replace the whole. With a
    version (the vendor's, any growing int, the same as its records carry), a document that is older than what is stored
    of it changes nothing.
    """

    external_id: str
    version: int | None = None


class Coverage(msgspec.Struct, frozen=True):
    """The data that a provider can deliver. Adapters build it out of their mapping tables, so that it cannot drift.

    series: codes of the catalogue; workout_types: codes of the catalogue; scores: categories of health scores.
    """

    series: tuple[str, ...] = ()
    workout_types: tuple[str, ...] = ()
    sleep: bool = False
    scores: tuple[str, ...] = ()


#: What an adapter reads out of a payload.
Item = Record | Rejected | Retraction | ClearedRange | StatedZone


class Provider(ABC):
    """One source of data. The slug is the folder's name, the wire name and the API name."""

    slug: ClassVar[str]
    name: ClassVar[str]
    kind: ClassVar[ProviderKind]
    coverage: ClassVar[Coverage] = Coverage()
    file_imports: ClassVar[tuple[FileImport, ...]] = ()  # the kinds of files it reads
    notes: ClassVar[str] = ""  # a sentence for the list of providers

    @abstractmethod
    def normalise(self, body: bytes, context: Context) -> Iterator[Item]:
        """Return the records of one stored payload in its own order; what cannot be taken comes out as Rejected.

        Raises AnomalousPayload when the payload as a whole cannot be read.
        """
