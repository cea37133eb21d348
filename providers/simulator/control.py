"""/_simulator: counters, faults, changes to the data, the clock. For tests and people who try things out."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final

import msgspec

from providers.simulator.faults import KINDS
from providers.simulator.state import SimulatedFault
from providers.simulator.wire import SimulatedAnswer, SimulatedRequest
from providers.simulator.world import SimulatedWorld


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
    kind: str
    account: str = ""
    actions: tuple[str, ...] = ("create",)
    object_id: str = ""
    times: int = 1
    spoiled: bool = False
    reordered: bool = False


class ChangeOrder(msgspec.Struct):
    """Revise or delete a document (the newest of the kind if none is named)."""

    vendor: str
    kind: str
    account: str = ""
    object_id: str = ""


class RevokeOrder(msgspec.Struct):
    """The account whose grant is to end at the vendor's."""

    vendor: str
    account: str = ""


class GrantsOrder(msgspec.Struct):
    """Accounts that are given a grant without the page, for tests with many people."""

    vendor: str
    accounts: list[str]
    scopes: list[str]


class LimitsOrder(msgspec.Struct):
    """Calls a window of a vendor's holds, and seconds an access token lives (0: the vendor's own)."""

    vendor: str
    windows: dict[str, int] = {}
    token_seconds: int = 0


class DeliverOrder(msgspec.Struct):
    """Push what waits; lose_every: of so many pushes one is lost."""

    lose_every: int = 0


class ClockOrder(msgspec.Struct):
    """The simulator's time, ms since the epoch."""

    now: int


def counters(world: SimulatedWorld, request: SimulatedRequest) -> SimulatedAnswer:
    """Return how often each vendor was called."""
    return SimulatedAnswer.json({slug: dict(state.counts) for slug, state in world.states.items()})


def fault(world: SimulatedWorld, request: SimulatedRequest) -> SimulatedAnswer:
    """Let the next calls fail."""
    order = msgspec.json.decode(request.body, type=FaultOrder)
    if order.kind not in KINDS:
        raise ValueError(f"Faults are: {', '.join(sorted(KINDS))}.")
    world.states[order.vendor].faults.append(SimulatedFault(order.kind, order.path, order.times, order.seconds))
    return SimulatedAnswer.json({})


def event(world: SimulatedWorld, request: SimulatedRequest) -> SimulatedAnswer:
    """Push; answers with the status codes that came back."""
    order = msgspec.json.decode(request.body, type=EventOrder)
    account, numbered = _account(world, order.vendor, order.account), list(enumerate(order.actions))
    statuses = [
        world.push(
            order.vendor, account, action, order.kind, order.object_id, spoiled=order.spoiled,
            later=1000 * number,
        )
        for number, action in (numbered[::-1] if order.reordered else numbered)
        for _ in range(order.times)
    ]  # fmt: skip
    return SimulatedAnswer.json({"statuses": [code for codes in statuses for code in codes]})


def revise(world: SimulatedWorld, request: SimulatedRequest) -> SimulatedAnswer:
    """Make a new version of a document."""
    change = msgspec.json.decode(request.body, type=ChangeOrder)
    found = _found(world, change)
    world.states[change.vendor].revisions[found] += 1
    return SimulatedAnswer.json({"object_id": found})


def delete(world: SimulatedWorld, request: SimulatedRequest) -> SimulatedAnswer:
    """Delete a document."""
    change = msgspec.json.decode(request.body, type=ChangeOrder)
    found = _found(world, change)
    world.states[change.vendor].deleted.add(found)
    return SimulatedAnswer.json({"object_id": found})


def revoke(world: SimulatedWorld, request: SimulatedRequest) -> SimulatedAnswer:
    """Revoke an end user's grant at the vendor's."""
    who = msgspec.json.decode(request.body, type=RevokeOrder)
    return SimulatedAnswer.json({"tokens": world.states[who.vendor].end(_account(world, who.vendor, who.account))})


def grants(world: SimulatedWorld, request: SimulatedRequest) -> SimulatedAnswer:
    """Make a pair of tokens for each account, as the sign-in would have brought them."""
    order = msgspec.json.decode(request.body, type=GrantsOrder)
    vendor, state = world.vendors[order.vendor], world.states[order.vendor]
    ends, found = world.now() + vendor.token_seconds * 1000, {}
    for account in order.accounts:
        access, refresh = state.grant(account, tuple(order.scopes), ends)
        found[account] = {"access_token": access, "refresh_token": refresh}
    return SimulatedAnswer.json(found)


def limits(world: SimulatedWorld, request: SimulatedRequest) -> SimulatedAnswer:
    """Other limits than the vendor's own."""
    order = msgspec.json.decode(request.body, type=LimitsOrder)
    state = world.states[order.vendor]
    state.limits, state.token_seconds = order.windows, order.token_seconds
    state.used.clear()
    return SimulatedAnswer.json({})


def clock(world: SimulatedWorld, request: SimulatedRequest) -> SimulatedAnswer:
    """Set the time."""
    world.shift += msgspec.json.decode(request.body, type=ClockOrder).now - world.now()
    return SimulatedAnswer.json({"now": world.now()})


def deliver(world: SimulatedWorld, request: SimulatedRequest) -> SimulatedAnswer:
    """Send the pushes that calls have asked for."""
    order = msgspec.json.decode(request.body or b"{}", type=DeliverOrder)
    return SimulatedAnswer.json({"pushes": world.deliver(lose_every=order.lose_every)})


def reset(world: SimulatedWorld, request: SimulatedRequest) -> SimulatedAnswer:
    """Reset the world to its start: nobody is connected."""
    world.reset()
    return SimulatedAnswer.json({})


def _found(world: SimulatedWorld, change: ChangeOrder) -> str:
    account = _account(world, change.vendor, change.account)
    return change.object_id or world.vendors[change.vendor].newest(account, change.kind, world.now())


def _account(world: SimulatedWorld, vendor: str, named: str) -> str:
    """Return the account that is named, else the first that is connected. Raises ValueError where there is none."""
    connected = [named] if named else list(world.states[vendor].connected())
    if not connected:
        raise ValueError(f"nobody is connected to {vendor}; name an account.")
    return connected[0]


def index(world: SimulatedWorld) -> SimulatedAnswer:
    """List every call with the fields of its order."""
    listed: dict[str, Any] = {}
    for (method, name), call in ROUTES.items():
        order = ORDERS.get(name)
        fields = [] if order is None else [field.name for field in msgspec.structs.fields(order)]
        listed[f"{method} /_simulator/{name}"] = {"does": (call.__doc__ or "").strip(), "fields": fields}
    return SimulatedAnswer.json({"now": world.now(), "calls": listed})


ROUTES: Final[dict[tuple[str, str], Callable[[SimulatedWorld, SimulatedRequest], SimulatedAnswer]]] = {
    ("GET", "counters"): counters,
    ("POST", "faults"): fault,
    ("POST", "events"): event,
    ("POST", "revise"): revise,
    ("POST", "delete"): delete,
    ("POST", "revoke"): revoke,
    ("POST", "grants"): grants,
    ("POST", "limits"): limits,
    ("POST", "deliver"): deliver,
    ("POST", "clock"): clock,
    ("POST", "reset"): reset,
}
ORDERS: Final[dict[str, type[msgspec.Struct]]] = {
    "faults": FaultOrder,
    "events": EventOrder,
    "revise": ChangeOrder,
    "delete": ChangeOrder,
    "revoke": RevokeOrder,
    "grants": GrantsOrder,
    "limits": LimitsOrder,
    "deliver": DeliverOrder,
    "clock": ClockOrder,
}


def answer(world: SimulatedWorld, name: str, request: SimulatedRequest) -> SimulatedAnswer:
    """Answer a call below /_simulator."""
    if (request.method, name) == ("GET", ""):
        return index(world)
    found = ROUTES.get((request.method, name))
    if found is None:
        listed: list[Any] = sorted(f"{method} {path}" for method, path in ROUTES)
        return SimulatedAnswer.json({"detail": "Not found", "calls": listed}, HTTPStatus.NOT_FOUND)
    try:
        return found(world, request)
    except (msgspec.ValidationError, msgspec.DecodeError, KeyError, ValueError) as error:
        return SimulatedAnswer.json({"detail": f"Not understood: {error}"}, HTTPStatus.BAD_REQUEST)
