"""What a phone says of its own clock beside its data: the offset of `syncTimestamp`, and `timeZone` where sent."""

from collections.abc import Iterator

from healthdata.days import ZoneHistory, is_zone
from healthdata.records import StatedZone
from providers.contract.dates import moment, stated_zone
from providers.sdk.wire import Clock
from wearlink.lib.errors import InvalidInput


def stated(clock: Clock) -> Iterator[StatedZone]:
    """One statement; none of a clock in UTC that names no zone, since clients write so that know none."""
    text = clock.sync_timestamp
    if not isinstance(text, str):
        return
    try:
        at = moment(text)
    except InvalidInput:
        return
    if isinstance(clock.time_zone, str) and is_zone(clock.time_zone):
        yield StatedZone(at, ZoneHistory(((0, clock.time_zone),)).offset_at(at), clock.time_zone)
    elif (offset := stated_zone(None, text)) is not None:
        yield StatedZone(at, offset)
