"""One site for all fault tests of a process; every test finds its servers and its web server up, and nothing else."""

from collections.abc import Iterator

import pytest

from tests.faults.people import Person
from tests.faults.site import POSTGRES, VALKEY, Site, fresh


@pytest.fixture(scope="session")
def _standing() -> Iterator[Site]:
    with fresh() as site:
        yield site


@pytest.fixture
def site(_standing: Site) -> Iterator[Site]:
    """The site, whole; programs that the test starts are killed after it."""
    _standing.serve(POSTGRES, VALKEY)
    _standing.forget_turns()
    _standing.run("web")
    _standing.ready()
    yield _standing
    _standing.quiet()


@pytest.fixture
def jane(site: Site) -> Person:
    """An end user to whom it happens."""
    return Person.new(site)


@pytest.fixture
def june(site: Site) -> Person:
    """An end user who sends the same and to whom nothing happens."""
    return Person.new(site)
