"""Access to the embedded PostgreSQL, and the rights of the role that serves."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from wearlink import embedded, embedded_access
from wearlink.embedded import Servers
from wearlink.lib.work import child

pytestmark = [pytest.mark.slow, pytest.mark.fault]
ROOT = Path(__file__).parents[2]
TRUSTING = "local all all trust\n"  # the rules of clusters made by earlier versions
FORBIDDEN = [
    "ALTER TABLE accounts_auditentry DISABLE TRIGGER accounts_audit_no_change",
    "UPDATE accounts_auditentry SET action = 'nothing'",
    "DELETE FROM accounts_auditentry",
    "TRUNCATE accounts_auditentry",
    "DROP POLICY tenant ON accounts_enduser",
    "ALTER TABLE accounts_enduser DISABLE ROW LEVEL SECURITY",
    "COPY (SELECT 1) TO PROGRAM 'true'",
    "SELECT pg_read_file('pg_hba.conf')",
    "SET ROLE wearlink",
]


@pytest.fixture(scope="module")
def servers() -> Iterator[Servers]:
    """A database as `manage.py run` makes it, begun by an earlier version."""
    with tempfile.TemporaryDirectory(prefix="wearlink-access-") as directory:
        Path(directory).chmod(0o711)
        data = Path(directory) / "data"
        with embedded.locked(data):
            with embedded.servers(data, embedded.THROWAWAY, valkey=False):
                pass
            (data / "pg" / "pg_hba.conf").write_text(TRUSTING)
            with embedded.servers(data, embedded.THROWAWAY, valkey=False) as running:
                environment = {
                    **os.environ,
                    "DATABASE_URL": running.database_url,
                    "DATABASE_OWNER_URL": running.owner_url,
                }
                migrate = [sys.executable, "manage.py", "migrate", "--no-input", "-v", "0", "--skip-checks"]
                subprocess.run(migrate, env=environment, check=True, cwd=ROOT)
                yield running


def test_the_role_that_serves_reads_and_writes_rows(servers: Servers) -> None:
    with psycopg.connect(servers.database_url, autocommit=True) as connection:
        connection.execute("INSERT INTO django_content_type (app_label, model) VALUES ('a', 'b')")
        assert connection.execute("SELECT count(*) FROM healthdata_samplechunk").fetchone() == (0,)
        connection.execute("SET ROLE wearlink_tenant")


@pytest.mark.parametrize("statement", FORBIDDEN)
def test_the_role_that_serves_alters_nothing_and_leaves_the_audit_trail_alone(servers: Servers, statement: str) -> None:
    with (
        psycopg.connect(servers.database_url, autocommit=True) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute(statement)


@pytest.mark.parametrize("role", [embedded_access.OWNER, embedded_access.APPLICATION])
def test_no_other_user_of_the_machine_gets_in(servers: Servers, role: str) -> None:
    """Also one who can reach the socket: the kernel says who it is."""
    if os.getuid() != 0:  # only root can become somebody else
        return
    code = f"import psycopg; psycopg.connect({embedded_access.address(role, servers.run)!r})"
    before = child.unprivileged(9, Path("/root"))  # the very user PostgreSQL runs as
    done = subprocess.run([sys.executable, "-c", code], preexec_fn=before, capture_output=True, text=True, check=False)
    assert "Peer authentication failed" in done.stderr


def test_postgresql_has_no_capabilities_where_everybody_may_pass_to_its_files(servers: Servers) -> None:
    status = Path(f"/proc/{servers.pids['PostgreSQL']}/status").read_text()
    effective = int(status.partition("CapEff:")[2].split()[0], 16)
    binary = embedded._postgres_binaries() / "postgres"
    if child._open_to_others(binary):
        assert effective == 0
    else:
        assert effective in {0, 1 << 1}
