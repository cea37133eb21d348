"""From what an adapter brings to payloads of the inbox."""

from collections.abc import Iterable
from typing import Any, Final

import msgspec

from providers.contract import Gone, Page, Trouble
from providers.payloads import receive
from providers.payloads.process import GONE
from providers.payloads.receive import Delivery
from providers.pull.connection_lease import Turn

MOST: Final = 50


def keep(turn: Turn, found: Iterable[Page | Trouble | Gone], *, run_key: int | None = None) -> list[dict[str, Any]]:
    """Store pages as they come; returns the troubles among them. Raises what the adapter raises, TurnLost, and
    TooManyRequests where too much of the user is waiting.
    """
    problems: list[dict[str, Any]] = []
    for item in found:
        turn.keep()
        if isinstance(item, Trouble):
            if len(problems) < MOST:
                problems.append({"kind": item.kind, "code": item.code, "detail": item.detail[:300]})
            continue
        page = Page(GONE, msgspec.json.encode([item.external_id])) if isinstance(item, Gone) else item
        receive.receive(
            Delivery(
                user_key=turn.connection.user_key,
                organization_id=turn.connection.organization_id,
                provider=turn.connection.provider,
                body=page.body,
                items=page.items,
                kind=page.kind,
                run_key=run_key,
            )
        )
    return problems
