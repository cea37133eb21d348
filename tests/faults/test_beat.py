"""Beat ends when it is told to, whatever it is doing."""

import signal

import pytest

from tests.faults.locks import blocked, held_up
from tests.faults.site import Site, until

pytestmark = [pytest.mark.slow, pytest.mark.fault]
SCHEDULE = "django_celery_beat_periodictasks"


def test_an_order_to_end_in_the_middle_of_a_query_is_obeyed(site: Site) -> None:
    site.run("beat")
    site.beating()
    with held_up(site, f"LOCK TABLE {SCHEDULE} IN ACCESS EXCLUSIVE MODE"):
        until(lambda: blocked(site, SCHEDULE), lambda: site.log("beat"))
        site.signal("beat", signal.SIGTERM)
    assert site.terminate("beat") == 0
    assert "Traceback" not in site.output("beat")
