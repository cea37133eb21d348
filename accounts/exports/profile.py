"""The end user's own record and time zones as part of an export."""

from collections.abc import Iterable
from contextlib import suppress
from typing import Any, Final

from accounts.api.serializers import EndUserSerializer
from accounts.deletion.erasure import UserGone
from accounts.end_users import users, zones
from accounts.exports import contract
from accounts.exports.contract import ArchiveMember, ArchiveReader, Block, ExportPart, ExportScope
from accounts.models import EndUser, UserZone
from wearlink.lib import clock
from wearlink.lib.api.rendering import dumps

PROFILE: Final = "profile.ndjson"
ZONES: Final = "time_zones.ndjson"


def _members(scope: ExportScope) -> Iterable[ArchiveMember]:
    yield ArchiveMember(PROFILE, lambda: [_profile(scope.user_key)])
    yield ArchiveMember(ZONES, lambda: [_zones(scope.user_key)])


def _profile(user_key: int) -> Block:
    """Return the end user's own row as JSON. Raises UserGone."""
    user = EndUser.objects.filter(pk=user_key).first()
    if user is None:
        raise UserGone
    return Block(1, dumps(EndUserSerializer(user).data) + b"\n")


def _zones(user_key: int) -> Block:
    """Since when days follow which zone; the first holds for all the past."""
    history = zones.history(user_key)
    lines = [dumps({"valid_from": clock.rfc3339(since), "time_zone": zone}) + b"\n" for since, zone in history]
    return Block(len(lines), b"".join(lines))


def _restore(user_key: int, archive: ArchiveReader) -> int:
    """Zones, names and settings. An address or external_id that another account has stays with that account."""
    history = [(clock.parse_rfc3339(one["valid_from"])[0], one["time_zone"]) for one in archive.lines(ZONES)]
    if history:
        UserZone.objects.filter(user_key=user_key).delete()
        UserZone.objects.bulk_create(UserZone(user_key=user_key, valid_from=at, zone=zone) for at, zone in history)
    for line in archive.lines(PROFILE):
        EndUser.objects.filter(pk=user_key).update(time_zone=line["time_zone"], zone_known=line["zone_known"])
        user = EndUser.objects.get(pk=user_key)
        users.update(user, {name: line[name] for name in ("first_name", "last_name")} | _orders(line))
        for name in ("email", "external_id"):
            with suppress(users.EndUserTaken):
                users.update(user, {name: line[name]})
    return 1 + len(history)


def _orders(line: dict[str, Any]) -> dict[str, Any]:
    """Return the order of sources, unless it names single sources, whose ids are others here."""
    return {} if "source:" in str(line["source_priority"]) else {"source_priority": line["source_priority"]}


contract.register(
    ExportPart(
        name="profile",
        holds="profile.ndjson: name, address, settings. time_zones.ndjson: since when days follow which time zone.",
        members=_members,
        restore=_restore,
    )
)
