"""Storing an adapter's documents as payloads."""

from collections.abc import Iterable
from typing import Any, Final

import msgspec

from providers.connections import lifecycle
from providers.contract import Deleted, GrantedScopes, PartialFailure, RawDocument
from providers.payloads import receive
from providers.payloads.process import DELETIONS
from providers.payloads.receive import IncomingPayload
from providers.pull.connection_lease import ConnectionLease
from providers.runs import backfills

MAX_FAILURES: Final = 50


def store_documents(
    lease: ConnectionLease,
    found: Iterable[RawDocument | PartialFailure | Deleted | GrantedScopes],
    *,
    run_key: int | None = None,
) -> list[dict[str, Any]]:
    """Store documents as they come; returns the partial failures among them.

    Raises what the adapter raises, LeaseLost, and TooManyRequests where too much of the user is waiting.
    """
    problems: list[dict[str, Any]] = []
    for item in found:
        lease.renew()
        if isinstance(item, PartialFailure):
            if len(problems) < MAX_FAILURES:
                problems.append({"kind": item.kind, "code": item.code, "detail": item.detail[:300]})
            continue
        if isinstance(item, GrantedScopes):
            lifecycle.update_scopes(lease.connection.pk, lease.provider, item.scopes)
            continue
        page = RawDocument(DELETIONS, msgspec.json.encode([item.external_id])) if isinstance(item, Deleted) else item
        receive.receive(
            IncomingPayload(
                user_key=lease.connection.user_key,
                organization_id=lease.connection.organization_id,
                provider=lease.connection.provider,
                body=page.body,
                items=page.items,
                kind=page.kind,
                run_key=run_key,
            )
        )
        if page.days and lease.provider.history:
            backfills.note_received(lease.connection.pk, page.kind, page.days)
    return problems
