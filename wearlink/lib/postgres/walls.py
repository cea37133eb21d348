"""Row-level security: what the tenants' role sees of each table, derived from its columns after every `migrate`.

A table with `organization_id` shows the rows of the current organization; one with `user_key` those of its end users;
one that refers to such a row shows what that row's table shows. A model says where its columns do not (`wall`):

    wall = OWN_ID                                       # this is the organization
    wall = Behind("message_key", "webhooks.Message")    # shown where that message is
    wall = SHARED                                       # everybody may read it, nobody write
    wall = HIDDEN                                       # for the platform alone

Policies hold for the tenants' role alone. Owners and roles with BYPASSRLS, so migrations, workers and administration,
see everything. The role is made for requests and never logs in (wearlink.lib.tenancy, wearlink.lib.postgres.base).
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, cast

from django.apps import apps
from django.conf import settings
from django.db import ProgrammingError, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper

from wearlink.lib.postgres.roles import tenant_role

POLICY: Final = "tenant"
ORGANIZATION: Final = "(SELECT nullif(current_setting('app.organization_id', true), '')::uuid)"
USER: Final = "(SELECT nullif(current_setting('app.user_key', true), '')::bigint)"
# In a function, which is called for other end users than the one the request is about only: planning a subquery in
# every statement costs more than that. At its true cost, so that the planner reads a user's rows by their index and
# does not ask it about everybody's.
# Written out: the ORM has no words for them.
OWNS: Final = """
CREATE OR REPLACE FUNCTION wearlink_owns(owned bigint) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 10000 AS $$
BEGIN
    RETURN EXISTS (SELECT FROM accounts_enduser WHERE key = owned);  -- behind the wall itself
END
$$
"""


@dataclass(frozen=True, slots=True)
class Behind:
    """Shown where the row is that `column` refers to by its primary key."""

    column: str
    model: str
    rights: str = "SELECT, INSERT, UPDATE, DELETE"

    def condition(self, table: str) -> str:
        """Return the condition for the policy of that table."""
        meta = apps.get_model(self.model)._meta
        key = cast("models.Field[Any, Any]", meta.pk).column
        return f"EXISTS (SELECT FROM {meta.db_table} front WHERE front.{key} = {table}.{self.column})"


@dataclass(frozen=True, slots=True)
class Wall:
    """The rows of a table that tenants see, and their rights to them. No condition: no access to the table."""

    condition: str
    rights: str = "SELECT, INSERT, UPDATE, DELETE"


APPEND_ONLY: Final = "SELECT, INSERT"
OWN_ID: Final = Wall(f"id = {ORGANIZATION}")
SHARED: Final = Wall("true", "SELECT")
HIDDEN: Final = Wall("")
ADDED_ONLY: Final = Wall(f"organization_id = {ORGANIZATION}", APPEND_ONLY)


class Wallless(Exception):
    """A table that says nothing of whose rows it holds."""


class RolesMissing(Exception):
    """The owner of the tables may not make roles; the text is what an administrator of the server must run."""


def wall_of(model: type[models.Model]) -> Wall:
    """Return what tenants see of the table. Raises Wallless."""
    declared: Wall | Behind | None = getattr(model, "wall", None)
    if declared is not None:
        return (
            Wall(declared.condition(model._meta.db_table), declared.rights)
            if isinstance(declared, Behind)
            else declared
        )
    fields = model._meta.local_concrete_fields
    columns = {field.column for field in fields}
    if "organization_id" in columns:
        return Wall(f"organization_id = {ORGANIZATION}")
    if "user_key" in columns:
        return Wall(f"user_key = {USER} OR wearlink_owns(user_key)")
    for field in fields:
        if isinstance(field, models.ForeignKey) and is_ours(field.remote_field.model) and not field.null:
            return Wall(Behind(field.column, field.remote_field.model._meta.label).condition(model._meta.db_table))
    raise Wallless(
        f"{model.__name__} has no organization_id and no user_key: say its `wall` (wearlink.lib.postgres.walls)"
    )


def is_ours(model: type[models.Model]) -> bool:
    """Return whether the model is one of this repository."""
    package = apps.get_app_config(model._meta.app_label).name.partition(".")[0]
    return bool((settings.BASE_DIR / package).is_dir())


def walls() -> Iterator[tuple[str, Wall]]:
    """Yield every table that tenants have a part in. Of other people's apps those that refer to our rows."""
    for model in apps.get_models(include_auto_created=True):
        if not model._meta.managed or model._meta.proxy:
            continue
        try:
            wall = wall_of(model)
        except Wallless:
            if is_ours(model):
                raise
            continue
        if wall.condition:
            yield model._meta.db_table, wall


def put_up(connection: BaseDatabaseWrapper, application: str) -> None:
    """Bring roles, rights and policies in line with the models. `application`: the role that serves.

    Run by who owns the tables, in one transaction. Tables whose policy is right already are not touched, since that
    would lock them. Raises RolesMissing.
    """
    role = tenant_role(str(connection.settings_dict["NAME"]))
    with connection.cursor() as cursor:
        _make_roles(cursor, role, application)
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        cursor.execute(OWNS)
        for grantee in (application, role):
            cursor.execute(f'GRANT USAGE ON SCHEMA public TO "{grantee}"')
            cursor.execute(f'GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO "{grantee}"')
        cursor.execute(f'GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO "{application}"')
        cursor.execute(f'REVOKE ALL ON ALL TABLES IN SCHEMA public FROM "{role}"')
        for table, wall in walls():
            cursor.execute(f'GRANT {wall.rights} ON "{table}" TO "{role}"')
            if wall.rights == APPEND_ONLY:
                cursor.execute(f'REVOKE UPDATE, DELETE, TRUNCATE ON "{table}" FROM "{application}"')
            _set_policy(cursor, table, role, wall.condition)


def _make_roles(cursor: CursorWrapper, role: str, application: str) -> None:
    cursor.execute(
        "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = %(role)s),"
        " (SELECT rolbypassrls OR rolsuper FROM pg_roles WHERE rolname = %(application)s),"
        " %(application)s = current_user",
        {"role": role, "application": application},
    )
    known, sees_all, owns = cursor.fetchone()
    statements = [] if known else [f'CREATE ROLE "{role}" NOLOGIN']
    if not (owns or sees_all):
        statements.append(f'ALTER ROLE "{application}" BYPASSRLS')
    statements.append(f'GRANT "{role}" TO "{application}"')
    try:
        for statement in statements:
            cursor.execute(statement)
    except ProgrammingError as error:
        raise RolesMissing("; ".join(statements)) from error


def _set_policy(cursor: CursorWrapper, table: str, role: str, condition: str) -> None:
    """Set a policy, with a comment that holds its source: PostgreSQL rewrites the text of a policy."""
    made_from = hashlib.sha256(f"{role} {condition}".encode()).hexdigest()[:16]
    cursor.execute(
        "SELECT obj_description(oid, 'pg_policy') FROM pg_policy WHERE polrelid = %s::regclass AND polname = %s",
        [table, POLICY],
    )
    if cursor.fetchone() == (made_from,):
        return
    cursor.execute(f'DROP POLICY IF EXISTS {POLICY} ON "{table}"')
    cursor.execute(f'CREATE POLICY {POLICY} ON "{table}" TO "{role}" USING ({condition}) WITH CHECK ({condition})')
    cursor.execute(f"COMMENT ON POLICY {POLICY} ON \"{table}\" IS '{made_from}'")
    cursor.execute(f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY')
