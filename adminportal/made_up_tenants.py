"""Many tenants, made by the database itself, to load the platform's pages with.

Names, counters and acts are made up by number: the same number gives the same row. Nothing of it is health data, and a
tenant of it has no sign-in: passwords are unusable.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.db import connection, transaction

from accounts import usage
from accounts.audit_trail import seals
from wearlink.lib import clock
from wearlink.lib.postgres.owner import as_owner

#: Acts are added in pieces: a chain is locked until its piece is committed.
PIECE: Final = 50_000
_ORGANIZATIONS: Final = """
    INSERT INTO accounts_organization
        (id, name, time_zone, redirect_addresses, settings, plan, created_at, updated_at)
    SELECT gen_random_uuid(), 'Made-up ' || number, 'UTC', '[]', '{}',
           CASE WHEN number %% 10 = 0 THEN 'scale' WHEN number %% 4 = 0 THEN 'developer' ELSE 'hobby' END,
           now() - number * interval '12 hours', now()
    FROM generate_series(1, %s) AS number
"""
_DEVELOPERS: Final = """
    INSERT INTO accounts_developer (id, organization_id, email, name, password, role, is_reviewer, is_superuser,
        email_verified_at, failed_login_count, locked_by_admin, token_version, created_at)
    SELECT gen_random_uuid(), id, 'owner-' || substr(id::text, 1, 13) || '@example.com', 'Owner of ' || name, '!',
           'owner', false, false, created_at, 0, false, 1, created_at
    FROM accounts_organization WHERE name LIKE 'Made-up %%'
"""
_END_USERS: Final = """
    INSERT INTO accounts_enduser (id, organization_id, first_name, last_name, email, external_id, time_zone, zone_known,
        source_priority, created_at, updated_at)
    SELECT gen_random_uuid(), owner.id, 'First' || number, 'Last' || number,
           'user' || number || '.' || substr(owner.id::text, 1, 8) || '@example.com', 'x-' || number, 'UTC', false,
           '{}', now() - number * interval '1 minute', now()
    FROM accounts_organization owner, generate_series(1, %s) AS number WHERE owner.name LIKE 'Made-up %%'
"""
_COUNTERS: Final = """
    INSERT INTO accounts_dailyusage (organization_id, date, metric, slot, total)
    SELECT owner.id, %s::date - day, metric, 0, 10 + (day * 7919) %% 1000
    FROM generate_series(0, %s) AS day, accounts_organization owner, unnest(%s::text[]) AS metric
    WHERE owner.name LIKE 'Made-up %%' ON CONFLICT DO NOTHING
"""
_ACTS: Final = """
    INSERT INTO accounts_auditentry (organization_id, sequence, action, actor_kind, actor_id, target_type, target_id,
        data, created_at, previous_hash, hash)
    SELECT owner.id, 0, (ARRAY['auth.signed_in', 'api_key.created', 'end_user.erased'])[1 + number %% 3], 'developer',
           owner.id::text, 'developer', owner.id::text, '{}', now(), '', ''
    FROM (SELECT id FROM accounts_organization WHERE name LIKE 'Made-up %%' ORDER BY id OFFSET %s LIMIT %s) owner,
         generate_series(1, %s) AS number
    RETURNING id, hash
"""


_SEALS: Final = "COPY accounts_auditseal (entry_id, key_name, seal) FROM STDIN"


@dataclass(frozen=True, slots=True)
class TenantVolume:
    """The numbers of rows to make; end users and acts are those of one organization."""

    organizations: int = 1_000
    end_users: int = 100
    acts: int = 1_000
    days: int = 730


def create(volume: TenantVolume, today: date | None = None) -> None:
    """Insert them, and analyze the tables."""
    last = today or clock.now().date()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_ORGANIZATIONS, [volume.organizations])
        cursor.execute(_DEVELOPERS)
        cursor.execute(_END_USERS, [volume.end_users])
        cursor.execute(_COUNTERS, [last, volume.days - 1, list(usage.METRICS)])
    owners = max(PIECE // max(volume.acts, 1), 1)
    for first in range(0, volume.organizations, owners):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_ACTS, [first, owners, volume.acts])
            _seal(cursor, cursor.fetchall())
    with as_owner(connection), connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _seal(cursor: Any, entries: list[tuple[int, bytes]]) -> None:
    """Seal entries as seals.put_on_all does, by COPY: a million rows through the ORM take a minute of Python."""
    name, key = next(iter(seals.keys().items()))
    with cursor.copy(_SEALS) as copy:
        for entry_id, hashed in entries:
            copy.write_row((entry_id, name, seals.digest(bytes(hashed), key)))
