"""Connections as part of an export. They cannot be taken back: a grant is given to one account here."""

from collections.abc import Iterable, Iterator
from functools import partial
from typing import Final

from accounts.exports import contract
from accounts.exports.contract import ArchiveMember, Block, ExportPart, ExportScope
from providers.api.schema.cloud_shapes import ConnectionSerializer
from providers.models import Connection
from wearlink.lib.api.rendering import dumps

PATH: Final = "connections.ndjson"


def _members(scope: ExportScope) -> Iterable[ArchiveMember]:
    yield ArchiveMember(PATH, partial(_lines, scope))


def _lines(scope: ExportScope) -> Iterator[Block]:
    for row in Connection.objects.for_user(scope.user_key).order_by("provider"):
        yield Block(1, dumps(ConnectionSerializer(row).data) + b"\n")


contract.register(
    ExportPart(
        name="connections",
        holds="connections.ndjson: providers that were connected, as GET /users/{id}/connections; no tokens.",
        members=_members,
    )
)
