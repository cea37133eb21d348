"""/_simulator: counters, faults, changes to the data, the clock. For tests and people who try things out."""

from collections.abc import Callable
from typing import Any, Final

import msgspec

from providers.simulator.faults import KINDS
from providers.simulator.state import Fault
from providers.simulator.wire import Answer, Request
from providers.simulator.world import World


class FaultOrder(msgspec.Struct):
    """vendor, kind (see providers.simulator.faults), part of the path, how often, seconds (slow, Retry-After)."""

    vendor: str
    kind: str
    path: str = ""
    times: int = 1
    seconds: float = 1.0


class EventOrder(msgspec.Struct):
    """Pushes, a second apart: of the newest document of the kind if none is named; `times` for doubles, `spoiled` for
    a bad signature, `reordered` to send the last one first.
    """

    vendor: str
    account: str
    kind: str
    actions: tuple[str, ...] = ("create",)
    object_id: str = ""
    times: int = 1
    spoiled: bool = False
    reordered: bool = False


class Change(msgspec.Struct):
    """Revise or delete a document (the newest of the kind if none is named)."""

    vendor: str
    account: str
    kind: str
    object_id: str = ""


class Grantee(msgspec.Struct):
    """Whose grant ends at the vendor's."""

    vendor: str
    account: str


class Crowd(msgspec.Struct):
    """Accounts that are given a grant without the page, for tests with many people."""

    vendor: str
    accounts: list[str]
    scopes: list[str]


class Limits(msgspec.Struct):
    """Calls a window of a vendor's holds, and seconds an access token lives (0: the vendor's own)."""

    vendor: str
    windows: dict[str, int] = {}
    token_seconds: int = 0


class Clock(msgspec.Struct):
    """The simulator's time, ms since the epoch."""

    now: int


def counters(world: World, request: Request) -> Answer:
    """What each vendor was asked."""
    return Answer.json({slug: dict(state.counts) for slug, state in world.states.items()})


def fault(world: World, request: Request) -> Answer:
    """Order a fault."""
    order = msgspec.json.decode(request.body, type=FaultOrder)
    if order.kind not in KINDS:
        raise ValueError(f"Faults are: {', '.join(sorted(KINDS))}.")
    world.states[order.vendor].faults.append(Fault(order.kind, order.path, order.times, order.seconds))
    return Answer.json({})


def event(world: World, request: Request) -> Answer:
    """Push; answers with the status codes that came back."""
    order = msgspec.json.decode(request.body, type=EventOrder)
    numbered = list(enumerate(order.actions))
    statuses = [
        world.push(
            order.vendor, order.account, action, order.kind, order.object_id, spoiled=order.spoiled,
            later=1000 * number,
        )
        for number, action in (numbered[::-1] if order.reordered else numbered)
        for _ in range(order.times)
    ]  # fmt: skip
    return Answer.json({"statuses": [code for codes in statuses for code in codes]})


def revise(world: World, request: Request) -> Answer:
    """A new version of a document."""
    change = msgspec.json.decode(request.body, type=Change)
    found = _found(world, change)
    world.states[change.vendor].revisions[found] += 1
    return Answer.json({"object_id": found})


def delete(world: World, request: Request) -> Answer:
    """A document that is no more."""
    change = msgspec.json.decode(request.body, type=Change)
    found = _found(world, change)
    world.states[change.vendor].deleted.add(found)
    return Answer.json({"object_id": found})


def revoke(world: World, request: Request) -> Answer:
    """The person takes the grant back at the vendor's."""
    who = msgspec.json.decode(request.body, type=Grantee)
    return Answer.json({"tokens": world.states[who.vendor].end(who.account)})


def grants(world: World, request: Request) -> Answer:
    """A pair of tokens for each account, as the sign-in would have brought them."""
    crowd = msgspec.json.decode(request.body, type=Crowd)
    vendor, state = world.vendors[crowd.vendor], world.states[crowd.vendor]
    ends, found = world.now() + vendor.token_seconds * 1000, {}
    for account in crowd.accounts:
        access, refresh = state.grant(account, tuple(crowd.scopes), ends)
        found[account] = {"access_token": access, "refresh_token": refresh}
    return Answer.json(found)


def limits(world: World, request: Request) -> Answer:
    """Other limits than the vendor's own."""
    order = msgspec.json.decode(request.body, type=Limits)
    state = world.states[order.vendor]
    state.limits, state.token_seconds = order.windows, order.token_seconds
    state.used.clear()
    return Answer.json({})


def clock(world: World, request: Request) -> Answer:
    """Move the clock."""
    world.shift += msgspec.json.decode(request.body, type=Clock).now - world.now()
    return Answer.json({"now": world.now()})


def reset(world: World, request: Request) -> Answer:
    """Forget everything."""
    world.reset()
    return Answer.json({})


def _found(world: World, change: Change) -> str:
    return change.object_id or world.vendors[change.vendor].newest(change.account, change.kind, world.now())


ROUTES: Final[dict[tuple[str, str], Callable[[World, Request], Answer]]] = {
    ("GET", "counters"): counters,
    ("POST", "faults"): fault,
    ("POST", "events"): event,
    ("POST", "revise"): revise,
    ("POST", "delete"): delete,
    ("POST", "revoke"): revoke,
    ("POST", "grants"): grants,
    ("POST", "limits"): limits,
    ("POST", "clock"): clock,
    ("POST", "reset"): reset,
}


def answer(world: World, name: str, request: Request) -> Answer:
    """A call below /_simulator."""
    found = ROUTES.get((request.method, name))
    if found is None:
        listed: list[Any] = sorted(f"{method} {path}" for method, path in ROUTES)
        return Answer.json({"detail": "Not found", "calls": listed}, 404)
    try:
        return found(world, request)
    except (msgspec.ValidationError, msgspec.DecodeError, KeyError, ValueError) as error:
        return Answer.json({"detail": f"Not understood: {error}"}, 400)
