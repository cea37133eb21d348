"""Access to the embedded PostgreSQL: the user who started it, known by the kernel, as one of two roles.

`wearlink` owns everything and is a superuser; `migrate` connects as it. `wearlink_app` serves: it reads and writes
rows, and may alter, drop or switch off nothing. Other users of this machine get in as neither (peer authentication).
"""

import os
import pwd
from pathlib import Path
from typing import Final

import psycopg

OWNER: Final = "wearlink"
DATABASE: Final = "wearlink"
APPLICATION: Final = "wearlink_app"
_MAP: Final = "wearlink"


def write_rules(cluster: Path) -> None:
    """Write the cluster's rules of access again, so that one made by an earlier version follows them too."""
    user = pwd.getpwuid(os.getuid()).pw_name.replace('"', '""')
    rules = "".join(f"local all {role} peer map={_MAP}\n" for role in (OWNER, APPLICATION))
    names = "".join(f'{_MAP} "{user}" {role}\n' for role in (OWNER, APPLICATION))
    for name, text in (("pg_hba.conf", rules), ("pg_ident.conf", names)):
        path = cluster / name
        fresh = path.with_suffix(".new")
        fresh.unlink(missing_ok=True)
        fresh.touch(mode=0o600)
        fresh.write_text(text)
        owner = cluster.stat()
        os.chown(fresh, owner.st_uid, owner.st_gid)
        fresh.rename(path)


def prepare(run: Path) -> None:
    """Make the database and the serving role where they are missing. Raises psycopg.OperationalError."""
    with psycopg.connect(host=str(run), user=OWNER, dbname="postgres", autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [APPLICATION]).fetchone():
            # Written out: there is no database yet that the ORM could speak to.
            connection.execute(f"CREATE ROLE {APPLICATION} LOGIN BYPASSRLS")  # walls are for tenants: lib/postgres
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
            connection.execute(f"CREATE DATABASE {DATABASE}")


def address(role: str, run: Path) -> str:
    """Return the URL of the database for one of the roles."""
    return f"postgresql:///{DATABASE}?user={role}&host={run}"
