"""A phone's clock as it is stated beside the data: the offset of `syncTimestamp`, and `timeZone` where sent.

Zones come by names of the tz database, and as fixed offsets (GMT+5:30). Whatever else is sent, such as the names of
Windows, costs no record; it is counted as `unknown_zone` and says nothing.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from healthdata.days import ZoneHistory, is_zone
from healthdata.records import Rejected, StatedZone
from providers.contract.dates import is_offset, moment, stated_zone, zones
from providers.sdk.wire import Batch, Clock
from wearlink.lib.errors import InvalidInput

UNKNOWN: Final = "unknown_zone"


def stated(clock: Clock) -> Iterator[StatedZone | Rejected]:
    """Yield one statement; none of a clock in UTC that names no zone, since clients write so that know none."""
    name = clock.time_zone
    if name not in (None, "") and not (isinstance(name, str) and (is_known(name) or is_offset(name))):
        yield Rejected("", 0, "timeZone", UNKNOWN)
    text = clock.sync_timestamp
    if not isinstance(text, str):
        return
    try:
        at = moment(text)
    except InvalidInput:
        return
    if isinstance(name, str) and is_zone(name):
        yield StatedZone(at, ZoneHistory(((0, name),)).offset_at(at), name)
        return
    offset = zones[name] if isinstance(name, str) else None
    if offset is None:
        offset = stated_zone(None, text)
    if offset is not None:
        yield StatedZone(at, offset)


def is_known(name: str) -> bool:
    """Return whether it is a name that says where somebody is, or one of UTC's, which says nothing and is no fault."""
    return is_zone(name) or name in {"UTC", "GMT", "Z"} or name.startswith("Etc/")


def unknown(batch: Batch) -> Iterable[Rejected]:
    """Yield the items whose offset is none; their day is that of the end user's zone."""
    for collection, items in batch.lists:
        strange = {text for text in {item.zone_offset for item in items} if text and not is_offset(text)}
        if strange:
            for index, item in enumerate(items):
                if item.zone_offset in strange:
                    yield Rejected(collection, index, "zoneOffset", UNKNOWN)
