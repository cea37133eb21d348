"""Pushes of Fitbit, WHOOP and Polar in one order and another, doubled and late: the day's figures are the same."""

from collections.abc import Callable, Sequence
from itertools import islice, permutations
from typing import Any

import pytest
import requests
from django.test import Client

from accounts.models import EndUser
from providers.connections import lifecycle
from providers.models import Connection, Payload, VendorSubscription
from providers.runs import sync_runs
from providers.simulator.world import SimulatedWorld
from tests import factories
from tests.healthdata.cases.test_properties import stable
from tests.healthdata.reading import EndUserCase
from tests.providers.simulated import change, connect, newest, order, pushed, run_of, subscribe, work, world
from wearlink.lib import clock

__all__ = ["world"]
pytestmark = pytest.mark.django_db(transaction=True)


def listen_fitbit(world: SimulatedWorld, url: str) -> None:
    hook = {"url": f"{url}/v1/webhooks/fitbit", "code": "simulated-client-secret"}
    order(world, "limits", vendor="fitbit", windows={"hour": 10_000})
    requests.post(f"{world.url}/fitbit/dashboard/webhooks", json=hook, timeout=10)


def listen_whoop(world: SimulatedWorld, url: str) -> None:
    requests.post(f"{world.url}/whoop/dashboard/webhooks", json={"url": f"{url}/v1/webhooks/whoop"}, timeout=10)


def listen_polar(world: SimulatedWorld, url: str) -> None:
    subscribe("polar")


#: slug → how it comes to push to us, the kinds it pushes, those that are revised on the way, and what it calls a push
VENDORS: dict[str, tuple[Callable[[SimulatedWorld, str], None], Sequence[str], Sequence[str], str]] = {
    "fitbit": (listen_fitbit, ("activities", "sleep", "foods", "body"), ("activities", "sleep"), "update"),
    "whoop": (listen_whoop, ("workout", "sleep", "recovery"), ("workout", "sleep"), "updated"),
    "polar": (listen_polar, ("EXERCISE", "SLEEP", "ACTIVITY_SUMMARY"), ("EXERCISE", "SLEEP"), "create"),
}


def figures(user: EndUser) -> dict[str, Any]:
    """Return what the API tells of the last days, but for ids and revisions."""
    case = EndUserCase(user, factories.api_key(user.organization), Client())
    today = clock.now().date()
    span = {"start_date": today.replace(day=1).isoformat(), "end_date": today.isoformat()}
    return {
        "activity": stable(case.get("summaries/activity", **span)["data"]),
        "sleep": stable(case.get("summaries/sleep", **span)["data"]),
        "nights": stable(case.get("events/sleep", **span)["data"]),
        "workouts": stable(case.get("events/workouts", **span)["data"]),
        "scores": sorted(map(repr, stable(case.get("health-scores", **span)["data"]))),
    }


def without_history(world: SimulatedWorld, user: EndUser, slug: str) -> Connection:
    """Return a connection that learns by pushes alone."""
    connection = connect(world, user, slug)
    sync_runs.mark_failed(run_of(connection), "test", "Only pushes here.")
    return connection


def figures_after(
    world: SimulatedWorld, user: EndUser, slug: str, url: str, kinds: Sequence[str], now: int, *, late: bool
) -> dict[str, Any]:
    """Return what an end user's figures are after first and revised versions were pushed in this order. `late`: the
    workers only begin when all has come.
    """
    listen, _, revised, action = VENDORS[slug]
    order(world, "reset")
    VendorSubscription.objects.all().delete()  # the vendor has forgotten them
    listen(world, url)
    connection = without_history(world, user, slug)
    if slug == "polar":
        subscribe("polar")
    for kind in kinds:
        order(world, "clock", now=now)  # days and hearts of simulated people go on with the clock
        pushed(world, slug, kind, action, object_id=newest(world, slug, kind), times=1 + late)
        if not late:
            work(connection)
    now += 2_000
    order(world, "clock", now=now)
    for kind in revised:
        order(world, "revise", **change(world, slug, kind))
    for kind in kinds:
        order(world, "clock", now=now)
        pushed(world, slug, kind, action, object_id=newest(world, slug, kind))
        if not late:
            work(connection)
    work(connection)
    assert not Payload.objects.filter(user_key=user.key, state="dead").exists()
    found = figures(user)
    lifecycle.revoke(connection.pk, reason="disconnected")
    return found


def differing(found: Any, expected: Any, path: str = "") -> list[str]:
    if isinstance(found, dict) and isinstance(expected, dict):
        names = sorted({*found, *expected})
        return [one for name in names for one in differing(found.get(name), expected.get(name), f"{path}.{name}")]
    if isinstance(found, list) and isinstance(expected, list) and len(found) == len(expected):
        pairs = enumerate(zip(found, expected, strict=True))
        return [one for at, (a, b) in pairs for one in differing(a, b, f"{path}[{at}]")]
    if isinstance(found, float) and isinstance(expected, float) and abs(found - expected) < 0.15:
        return []  # the clock goes on by milliseconds, and a sum of the running day with it
    return [] if found == expected else [f"{path}: {found!r} and {expected!r}"]


@pytest.mark.parametrize("slug", VENDORS)
def test_the_order_in_which_pushes_come_changes_no_figure(
    world: SimulatedWorld, jane: EndUser, live_server: Any, settings: Any, slug: str
) -> None:
    settings.BASE_URL = live_server.url
    kinds, now = VENDORS[slug][1], world.now()
    expected = figures_after(world, jane, slug, live_server.url, kinds, now, late=False)
    assert expected["nights"]
    assert expected["workouts"]
    orders = list(islice(permutations(kinds), 1, None, 2))
    for number, (other, late) in enumerate([(orders[0], True), (orders[-1], False)]):
        user = factories.end_user(jane.organization, external_id=f"again-{number}")
        found = figures_after(world, user, slug, live_server.url, other, now, late=late)
        assert differing(found, expected) == [], other


@pytest.mark.parametrize("slug", ["fitbit", "whoop"])
@pytest.mark.parametrize("reordered", [False, True])
def test_a_deletion_stands_though_the_update_before_it_comes_after_it(
    world: SimulatedWorld, jane: EndUser, live_server: Any, settings: Any, slug: str, *, reordered: bool
) -> None:
    settings.BASE_URL = live_server.url
    listen, kinds, _, action = VENDORS[slug]
    listen(world, live_server.url)
    connection = without_history(world, jane, slug)
    pushed(world, slug, kinds[0], action, object_id=newest(world, slug, kinds[0]))
    work(connection)
    assert len(figures(jane)["workouts"]) >= 1
    before = len(figures(jane)["workouts"])
    gone = newest(world, slug, kinds[0])
    world.states[slug].deleted.add(gone)
    both = (action, "deleted" if slug == "whoop" else action)
    pushed(world, slug, kinds[0], *both, object_id=gone, reordered=reordered)
    work(connection)
    assert len(figures(jane)["workouts"]) == before - 1
