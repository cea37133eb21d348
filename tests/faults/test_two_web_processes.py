"""Two web processes behind one address, as `make run` has them: what changes through one holds in the other at once."""

import os
import signal
import uuid
from collections.abc import Mapping

import pytest

from tests import machine
from tests.faults.calls import Answer
from tests.faults.site import START_PATIENCE, Site, until
from tests.faults.test_program import lives
from tests.network import free_port

pytestmark = [pytest.mark.slow, pytest.mark.fault]
MANY = 24  # connections, each of which the kernel gives to either process
GIVE = """
from accounts import audit
from accounts.models import Organization
from billing import plans
(lambda organization, plan: plans.apply(Organization.objects.get(pk=organization), plan, audit.SYSTEM))"""


@pytest.fixture
def pair(site: Site) -> int:
    """The port of a web server of two processes, beside the site's own."""
    port = free_port()
    site.run("pair", kind="web", port=port, web_processes=2)
    until(lambda: machine.listeners(port) == 2, lambda: site.log("pair"), START_PATIENCE)
    return port


def everywhere(site: Site, port: int, path: str, head: Mapping[str, str] | None = None) -> list[Answer]:
    """Ask so often, with a connection each, that both processes answer."""
    return [site.call("GET", path, None, head, port=port) for _ in range(MANY)]


def statuses(answers: list[Answer]) -> set[int]:
    return {answer.status for answer in answers}


def signed_in(site: Site, port: int) -> dict[str, str]:
    """Return the header of a dashboard token."""
    account = {"email": "alice@example.com", "password": "correct horse battery staple"}
    answer = site.call("POST", "/auth/login", account, {"Authorization": ""}, port=port)
    assert answer.status == 200, answer
    return {"Authorization": f"Bearer {answer.body['access_token']}"}


def test_a_key_revoked_through_one_is_refused_by_both(site: Site, pair: int) -> None:
    owner = signed_in(site, pair)
    key = site.call("POST", "/developer/api-keys", {"name": "Till"}, owner, port=pair).body["id"]
    head = {"Authorization": f"Bearer {key}"}
    assert statuses(everywhere(site, pair, "/users", head)) == {200}
    assert site.call("DELETE", f"/developer/api-keys/{key}", None, owner, port=pair).status == 204
    assert statuses(everywhere(site, pair, "/users", head)) == {401}


def test_who_signs_out_of_one_is_signed_out_of_both(site: Site, pair: int) -> None:
    owner = signed_in(site, pair)
    assert statuses(everywhere(site, pair, "/auth/me", owner)) == {200}
    assert site.call("POST", "/auth/logout", {}, owner, port=pair).status in {200, 204}
    assert statuses(everywhere(site, pair, "/auth/me", owner)) == {401}


def test_calls_of_both_are_counted_together_and_a_new_plan_holds_in_both(site: Site, pair: int) -> None:
    account = {"email": f"{uuid.uuid4()}@example.com", "password": "correct horse battery staple"}
    bob = site.call("POST", "/auth/register", account, {"Authorization": ""}, port=pair).body
    head = {"Authorization": f"Bearer {bob['api_key']}"}
    before = everywhere(site, pair, "/users", head)
    assert len({counted(answer) for answer in before}) == MANY
    assert limits(before) == {"6000"}
    site.manage("shell", "-v", "0", "-c", f"{GIVE}({bob['organization']['id']!r}, 'scale')")
    assert limits(everywhere(site, pair, "/users", head)) == {"120000"}


def test_the_other_answers_while_a_killed_one_is_replaced_and_none_outlives_the_server(site: Site, pair: int) -> None:
    killed, other = site.children("pair")
    os.kill(killed, signal.SIGKILL)
    until(lambda: machine.is_gone(killed), lambda: site.log("pair"))
    assert statuses(everywhere(site, pair, "/users")) == {200}
    until(lambda: machine.listeners(pair) == 2, lambda: site.log("pair"), START_PATIENCE)
    assert statuses(everywhere(site, pair, "/users")) == {200}
    left = [pid for pid in site.children("pair") if lives(pid)]
    assert len(left) == 2
    assert other in left
    assert site.terminate("pair") == 0
    until(lambda: not any(map(lives, left)), lambda: [pid for pid in left if lives(pid)])


def counted(answer: Answer) -> tuple[str, str]:
    """Return the minute and the calls left in it, which no two calls share."""
    return answer.headers["x-ratelimit-reset"], answer.headers["x-ratelimit-remaining"]


def limits(answers: list[Answer]) -> set[str]:
    return {answer.headers["x-ratelimit-limit"] for answer in answers}
