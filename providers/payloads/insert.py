"""The one statement that inserts payloads.

It locks the rows of the end users, so that none is erased in between, and of two equal bodies at once one wins. One
round trip: this is the way of everything that phones and vendors post (the lines of POST in `make bench`).
"""

from accounts.models import EndUser
from providers.models import Payload


def insert_payloads(source: str, state: str) -> str:
    """SQL that inserts the rows of a relation.

    source: its name, or a subquery in brackets, with the columns batch_id, user_key, organization_id, provider, kind,
    sha256, size, items, body, object_key, run_key and received_at. Rows of end users who are gone and bodies that are
    known are left out. Returns the batch_id of each row inserted.
    """
    return f"""
    INSERT INTO {Payload._meta.db_table} (
        batch_id, user_key, organization_id, provider, kind, sha256, size, items, body, object_key, run_key,
        state, attempts, due_at, received_at, inserted, updated, unchanged, rejected, reject_samples
    )
    SELECT source.batch_id, end_user.key, source.organization_id, source.provider, source.kind, source.sha256,
           source.size, source.items, source.body, source.object_key, source.run_key,
           '{state}', 0, statement_timestamp(), source.received_at, 0, 0, 0, '{{}}', '[]'
    FROM {source} source JOIN {EndUser._meta.db_table} end_user ON end_user.key = source.user_key
    FOR KEY SHARE OF end_user
    ON CONFLICT (user_key, provider, sha256) DO NOTHING
    RETURNING batch_id
"""  # noqa: S608 - the names are our own
