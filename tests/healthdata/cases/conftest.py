"""Jane with an iPhone that syncs, and with a ring whose cloud pushes."""

from collections.abc import Iterator
from typing import Any

import pytest

from providers.simulator.world import SimulatedWorld
from tests.healthdata.cases import ring as rings
from tests.healthdata.cases.phone import CasePhone
from tests.healthdata.cases.ring import Ring
from tests.healthdata.reading import EndUserCase
from tests.providers.simulated import world

__all__ = ["world"]


@pytest.fixture
def iphone(jane: EndUserCase) -> CasePhone:
    """Jane's iPhone; she is in UTC."""
    return CasePhone(jane)


@pytest.fixture
def ring(world: SimulatedWorld, settings: Any) -> Iterator[Ring]:
    """An account at Oura that is connected to nobody yet."""
    with rings.running(world) as found:
        settings.PROVIDERS = {**settings.PROVIDERS, "PROVIDER_OURA_API_URL": found.url}
        yield found
