"""DATA may lie anywhere: the embedded servers start whatever characters its path has."""

import shutil
import stat
import tempfile
from pathlib import Path

import psycopg
import pytest
import redis

from wearlink import embedded, environment

pytestmark = [pytest.mark.slow, pytest.mark.fault]
ODD = [
    "c++",
    "a&b",
    "a#b",
    "100%",
    "a%41",
    "a,b",
    "a;b",
    "what?",
    "a b",
    "it's",
    'a"b',
    "a=b",
    "a\\b",
    "üñ",
    "{$x}",
    "a@b:c",
]


def test_the_sockets_lie_where_an_address_can_name_them() -> None:
    plain = Path("/srv/wearlink/data")
    assert environment.runtime_directory(plain) == plain / "run"
    for name in ODD:
        inside = environment.runtime_directory(Path("/srv") / name)
        assert not set(str(inside)) & set("+&#%,;?='\"\\ "), name


@pytest.mark.parametrize("name", ["c++ & #1", "100%,;?", 'it\'s "{$x}" a\\b', "üñ@a:b=c"])
def test_both_servers_start_and_answer(name: str) -> None:
    above = Path(tempfile.mkdtemp(prefix="wearlink-odd-"))
    try:
        above.chmod(0o711)
        data = above / name
        with embedded.locked(data), embedded.servers(data, embedded.THROWAWAY) as running:
            with psycopg.connect(running.owner_url) as connection:
                assert connection.execute("SELECT 1").fetchone() == (1,)
            assert stat.S_IMODE((data / "postgres.log").stat().st_mode) == 0o600  # it quotes statements
            assert data.stat().st_mode & 0o066 == 0
            with redis.Redis.from_url(running.redis_url) as client:
                assert client.ping()
    finally:
        shutil.rmtree(above)
