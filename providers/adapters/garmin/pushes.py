"""The body of a webhook: one or more kinds of summaries, of many end users, each pushed whole or announced.

{"dailies": [{"userId": …, …}, {"userId": …, "callbackURL": …}], "deregistrations": [{"userId": …}]}
"""

from collections.abc import Iterator
from typing import Any, Final

import msgspec

from providers.adapters.garmin.pieces import PIECE_BYTES, ItemHead, Piece, PieceMaker, cut_activity, is_long
from providers.adapters.garmin.summaries import DEREGISTRATIONS, FILES, KINDS, PERMISSIONS, kind_of
from providers.contract import AnomalousPayload, Body, Notification, UnsupportedEvent

HELD_BYTES: Final = 4 * 1024 * 1024  # of summaries that are being collected by end user
FILE_TYPE: Final = "FIT"
MAX_KINDS: Final = 100


def read(body: Body) -> Iterator[Notification]:
    """Raise AnomalousPayload for what is no such body; UnsupportedEvent at the end, for what nothing is made of."""
    try:
        document = msgspec.json.decode(body, type=dict[str, msgspec.Raw])
        if len(document) > MAX_KINDS:
            raise AnomalousPayload(f"More than {MAX_KINDS} kinds in one body.")
        lists = {key: msgspec.json.decode(raw, type=list[msgspec.Raw]) for key, raw in document.items()}
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise AnomalousPayload(f"Not the JSON that was expected: {error}") from error
    unsupported = ""
    for key, items in lists.items():
        kind = kind_of(key)
        if kind in KINDS or kind in (DEREGISTRATIONS, PERMISSIONS):
            unsupported = (yield from _of_kind(kind, items)) or unsupported
        else:
            unsupported = key[:64]
    if unsupported or not lists:
        raise UnsupportedEvent(unsupported or "nothing")


def _of_kind(kind: str, items: list[msgspec.Raw]) -> Any:
    """Read notifications of one kind; return what of it was not understood."""
    unsupported = ""
    held: dict[str, PieceMaker] = {}
    size = 0
    for item in items:
        try:
            head = msgspec.json.decode(item, type=ItemHead)
            if not head.user_id:
                raise UnsupportedEvent(f"{kind}: of nobody")
            announced = _announcement(kind, head)
            long = announced is None and is_long(kind, item)
            if long:
                yield from (_carrying(head.user_id, kind, piece) for piece in cut_activity(item, head.day))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, UnsupportedEvent) as error:
            unsupported = error.kind if isinstance(error, UnsupportedEvent) else f"{kind}: unreadable"
            continue
        if announced is not None:
            yield announced
        elif not long:
            maker = held.setdefault(head.user_id, PieceMaker())
            maker.add(bytes(item), head.day)
            size += len(memoryview(item))
            if maker.size >= PIECE_BYTES or size > HELD_BYTES:
                yield from _collected(kind, held)
                held, size = {}, 0
    yield from _collected(kind, held)
    return unsupported


def _collected(kind: str, held: dict[str, PieceMaker]) -> Iterator[Notification]:
    for account, maker in held.items():
        yield _carrying(account, kind, maker.take())


def _carrying(account: str, kind: str, piece: Piece) -> Notification:
    return Notification(account, kind, body=piece.body, items=piece.items, days=piece.days)


def _announcement(kind: str, head: ItemHead) -> Notification | None:
    """Return what an item says that carries no data itself; None for one that does."""
    account, link = head.user_id, head.callback_url
    if kind == DEREGISTRATIONS:
        return Notification(account, kind, deauthorised=True)
    if kind == PERMISSIONS:
        return Notification(account, kind, at=round((head.change_time_in_seconds or 0) * 1000))
    if kind == FILES:
        if link is None or head.activity_id is None or (head.file_type or FILE_TYPE).upper() != FILE_TYPE:
            raise UnsupportedEvent(f"{kind}.{head.file_type or ''}"[:64])
        fields = {
            "activityName": head.activity_name,
            "activityType": head.activity_type,
            "deviceName": head.device_name,
        }
        details = {name: value[:500] for name, value in fields.items() if value}
        return Notification(account, kind, str(head.activity_id)[:100], link=link, event_id=link, details=details)
    return None if link is None else Notification(account, kind, link=link, event_id=link)
