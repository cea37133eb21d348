"""An iterator whose items a thread makes a few before they are needed: unpacking and fetching beside parsing."""

import threading
from collections.abc import Iterator
from queue import Queue
from typing import Final, TypeVar

Item = TypeVar("Item")
_END: Final = object()


def made_ahead(items: Iterator[Item], count: int) -> Iterator[Item]:
    """Yield the same items in the same order, `count` of them at most made before they are asked for; errors come in
    turn.

    A consumer that stops half-way leaves the thread waiting for ever: use it in processes that end then.
    """
    waiting: Queue[object] = Queue(maxsize=count)

    def make() -> None:
        try:
            for item in items:
                waiting.put(item)
        except BaseException as error:  # noqa: BLE001 - raised again where the item would have come
            waiting.put(_Failed(error))
        else:
            waiting.put(_END)

    threading.Thread(target=make, daemon=True, name="ahead").start()
    while (found := waiting.get()) is not _END:
        if isinstance(found, _Failed):
            raise found.error
        yield found  # type: ignore[misc]


class _Failed:
    def __init__(self, error: BaseException) -> None:
        self.error = error
