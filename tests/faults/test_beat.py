"""Beat ends when it is told to, whatever it is doing."""

import signal

import psycopg
import pytest

from tests.faults.site import Site, until

pytestmark = [pytest.mark.slow, pytest.mark.fault]
SCHEDULE = "django_celery_beat_periodictasks"


def test_an_order_to_end_in_the_middle_of_a_query_is_obeyed(site: Site) -> None:
    site.run("beat")
    site.beating()
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query ILIKE %s"
    with psycopg.connect(site.environment["DATABASE_URL"]) as other:
        other.execute(f"LOCK TABLE {SCHEDULE} IN ACCESS EXCLUSIVE MODE")
        until(lambda: site.one(waiting, f"%{SCHEDULE}%") == 1, lambda: site.log("beat"))
        site.signal("beat", signal.SIGTERM)
        other.rollback()
    assert site.terminate("beat") == 0
    assert "Traceback" not in site.said("beat")
