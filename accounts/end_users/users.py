"""End users: creating, changing and listing them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.db.models import F, OrderBy
from django.db.models.functions import Lower

from accounts.end_users import source_preferences, zones
from accounts.metering import capacity
from accounts.models import EndUser, Organization
from accounts.models.end_user import EndUserQuerySet
from wearlink.lib import clock, tenancy
from wearlink.lib.errors import Conflict, NotFound
from wearlink.lib.postgres import FOUND, heard_user, prepared

EDITABLE = ("external_id", "first_name", "last_name", "email", "time_zone", "source_priority")
SORT_FIELDS = ("created_at", "updated_at", "first_name", "last_name", "email", "external_id")
SORTS = tuple(sign + name for name in SORT_FIELDS for sign in ("", "-"))
DEFAULT_SORT = "-created_at"
_FOLDED = frozenset({"first_name", "last_name", "email"})
# One statement, so one round trip and one commit: the end user and the zone that holds for all the past.
_CREATE = """
    WITH person AS (
        INSERT INTO accounts_enduser (id, organization_id, external_id, first_name, last_name, email, time_zone,
                                      zone_known, source_priority, created_at, updated_at)
        VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s::jsonb, %s, %s)
        ON CONFLICT DO NOTHING
        RETURNING key, time_zone
    )
    INSERT INTO accounts_userzone (user_key, valid_from, zone) SELECT key, 0, time_zone FROM person RETURNING user_key
"""


# Nearly every request looks a user up; the ORM would spend three times as long on making this statement as it takes.
_FIND_FIELDS = tuple(field.attname for field in EndUser._meta.concrete_fields if field.name != "search_text")
_FIND = f"""SELECT {", ".join(_FIND_FIELDS)}, {FOUND}
    FROM accounts_enduser WHERE id = %s AND organization_id = %s"""  # noqa: S608


class EndUserNotFound(NotFound):
    """The organization has no such end user."""

    default_code = "user_not_found"


class EndUserTaken(Conflict):
    """Another end user of the organization has this e-mail or external_id."""

    default_code = "user_exists"

    def __init__(self, field: str, existing_id: UUID | None) -> None:
        """existing_id is None where the other one has been deleted in the meantime."""
        super().__init__(
            f"A user with this {field} already exists",
            code=f"{field}_taken",
            existing_id=None if existing_id is None else str(existing_id),
        )


def find(organization: Organization, user_id: UUID) -> EndUser | None:
    """Return the organization's end user of this id, all but search_text loaded. One query."""
    with prepared(binary=True) as cursor:
        cursor.execute(_FIND, [user_id, organization.pk])
        row = cursor.fetchone()
    if row is None:
        return None
    *values, user_key = row
    heard_user(int(user_key))
    user = EndUser.from_db(connection.alias, _FIND_FIELDS, values)
    user.organization = organization
    return user


def create(organization: Organization, values: Mapping[str, Any]) -> EndUser:
    """Return a new end user; values by field name, all optional. Raises EndUserTaken, PlanLimitReached.

    Who tells no time zone lives in the organization's, as far as we know.
    """
    capacity.require_end_user(organization)
    defaults = {"time_zone": organization.time_zone, "zone_known": "time_zone" in values}
    user = EndUser(organization=organization, **{**defaults, **values})
    user.updated_at = user.created_at
    source_preferences.require_valid(None, user.source_priority)
    adapt = EndUser._meta.get_field("source_priority").get_db_prep_value
    row = [
        user.id,
        organization.pk,
        user.external_id,
        user.first_name,
        user.last_name,
        user.email,
        user.time_zone,
        user.zone_known,
        adapt(user.source_priority, connection),
        user.created_at,
        user.updated_at,
    ]
    # For the wall, nobody owns a zone's row whose end user is made in the same statement.
    with tenancy.platform(), connection.cursor() as cursor:
        cursor.execute(_CREATE, row)
        made = cursor.fetchone()
    if made is None:
        raise _taken_by(organization.pk, user)
    user.key = made[0]
    user._state.adding = False
    return user


@transaction.atomic
def update(end_user: EndUser, changes: Mapping[str, Any]) -> EndUser:
    """Change some fields of an end user. Raises EndUserTaken, EndUserNotFound.

    A time_zone holds from `valid_from` (a datetime) on; without it since ever if none was known, else from now on.
    """
    row = EndUser.objects.select_for_update().defer("search_text").filter(pk=end_user.pk).first()
    if row is None:
        raise EndUserNotFound("User not found")
    values = dict(changes)
    since = zone_since(row, values.pop("valid_from", None)) if "time_zone" in values else None
    if "time_zone" in values:
        values |= {"zone_known": True, "zone_learned": False}
    changed = [name for name, value in values.items() if getattr(row, name) != value]
    if since is not None:
        zones.change(row.pk, values["time_zone"], since)
    if not changed:
        return row
    if "source_priority" in changed:
        source_preferences.require_valid(row.pk, changes["source_priority"])
    for name in changed:
        setattr(row, name, values[name])
    row.updated_at = clock.now()
    try:
        with transaction.atomic():
            row.save(update_fields=[*changed, "updated_at"])
    except IntegrityError as error:
        raise _taken_by(row.organization_id, row) from error
    if "source_priority" in changed:
        source_preferences.changed(row.organization_id, row.pk)
    return row


def zone_since(row: EndUser, valid_from: datetime | None) -> int | None:
    """Return from when on (ms) a given time zone holds; None where it is the one that holds anyway."""
    if valid_from is not None:
        return max(clock.to_ms(valid_from), 0)
    return clock.now_ms() if row.zone_known else 0


def listed(
    organization: Organization, *, search: str = "", email: str = "", external_id: str = "", sort_by: str = DEFAULT_SORT
) -> EndUserQuerySet:
    """Return the organization's end users in a complete order; names and e-mails sort without regard to letter case.

    search finds parts, email (in any letter case) and external_id the whole.
    """
    rows = EndUser.objects.for_organization(organization).defer("search_text")
    if search:
        rows = rows.search(search)
    if email:
        rows = rows.with_email(email)
    if external_id:
        rows = rows.filter(external_id=external_id)
    name, descending = sort_by.lstrip("-"), sort_by.startswith("-")
    expression = Lower(name) if name in _FOLDED else F(name)
    return rows.order_by(OrderBy(expression, descending=descending), OrderBy(F("key"), descending=descending))


def _taken_by(organization_id: UUID, user: EndUser) -> EndUserTaken:
    """Return which of the two unique fields it was."""
    others = EndUser.objects.filter(organization_id=organization_id).exclude(pk=user.pk)
    if user.email:
        same_email = others.with_email(user.email).values_list("id", flat=True).first()
        if same_email is not None:
            return EndUserTaken("email", same_email)
    same_id = others.filter(external_id=user.external_id).values_list("id", flat=True)
    return EndUserTaken("external_id", same_id.first() if user.external_id else None)
