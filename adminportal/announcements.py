"""Banners: one at a time, for everybody."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q, QuerySet

from accounts import audit
from accounts.models import Developer
from adminportal.models import Announcement
from wearlink.lib import clock
from wearlink.lib.errors import NotFound

_LOCK = 7_061_971  # any number that no other advisory lock uses: two who publish at once wait for each other


def active() -> Announcement | None:
    """Return the banner to show now."""
    return Announcement.objects.filter(is_active=True).first()


def history(q: str = "") -> QuerySet[Announcement]:
    """Return all there ever were, newest first; `q` is looked for in title and text."""
    rows = Announcement.objects.all()
    return rows.filter(Q(title__icontains=q) | Q(body__icontains=q)) if q else rows


@transaction.atomic
def publish(values: Mapping[str, Any], admin: Developer) -> Announcement:
    """Return a new banner in place of the active one; the values are fields of Announcement."""
    # Written out: advisory lock.
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    Announcement.objects.filter(is_active=True).update(is_active=False, dismissed_at=clock.now())
    row = Announcement.objects.create(**values, published_by=admin)
    audit.record("announcement.published", actor=_actor(admin), target=row, data={"severity": row.severity})
    return row


@transaction.atomic
def dismiss(announcement_id: UUID, admin: Developer) -> Announcement:
    """Take a banner down; one that is down stays as it is. Raises NotFound."""
    row = Announcement.objects.select_for_update().filter(pk=announcement_id).first()
    if row is None:
        raise NotFound("Announcement not found")
    if row.is_active:
        row.is_active, row.dismissed_at = False, clock.now()
        row.save(update_fields=["is_active", "dismissed_at"])
        audit.record("announcement.dismissed", actor=_actor(admin), target=row)
    return row


def _actor(admin: Developer) -> audit.Actor:
    return audit.developer(admin)
