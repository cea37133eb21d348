"""Developers of all organizations: finding them, locking, unlocking, and who is a superuser."""

from datetime import timedelta
from http import HTTPStatus
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet

from accounts import audit
from accounts.models import ApiKey, AuditEntry, Developer, EndUser
from accounts.models.developer import fold_email
from accounts.sign_in import second_factor, sessions
from billing.models import Subscription
from wearlink.lib import clock
from wearlink.lib.errors import Conflict, NotFound, WearLinkError

LOCK: Final = timedelta(days=7)
AUDIT_ROWS: Final = 20


class OnlyRoot(WearLinkError):
    """A superuser wants what only the root administrator may."""

    status = HTTPStatus.FORBIDDEN
    default_code = "root_admin_only"


def find_all(
    *,
    q: str = "",
    plan: str | None = None,
    locked: bool | None = None,
    superuser: bool | None = None,
    verified: bool | None = None,
) -> QuerySet[Developer]:
    """Return them newest first; `q` is looked for in addresses and names of developers and in names of
    organizations.
    """
    rows = Developer.objects.select_related("organization").order_by("-created_at", "id")
    if q:
        rows = rows.filter(Q(email__icontains=q) | Q(name__icontains=q) | Q(organization__name__icontains=q))
    if plan is not None:
        rows = rows.filter(organization__plan=plan)
    if locked is not None:
        is_locked = Q(locked_until__gt=clock.now())
        rows = rows.filter(is_locked if locked else ~is_locked | Q(locked_until__isnull=True))
    if verified is not None:
        rows = rows.filter(email_verified_at__isnull=not verified)
    return rows if superuser is None else rows.filter(is_superuser=superuser)


def find(developer_id: UUID) -> Developer:
    """Return any organization's developer. Raises NotFound."""
    row = Developer.objects.select_related("organization").filter(pk=developer_id).first()
    if row is None:
        raise NotFound("Developer not found")
    return row


def facts(developer: Developer) -> dict[str, Any]:
    """Return what a developer's detail shows beside the row: subscription, counts, and the newest acts
    by this actor.
    """
    organization = developer.organization
    return {
        "subscription": Subscription.objects.known()
        .filter(organization=organization)
        .select_related("vendor_plan__plan")
        .order_by("-created_at")
        .first(),
        "api_key_count": ApiKey.objects.filter(organization=organization, revoked_at__isnull=True).count(),
        "end_user_count": EndUser.objects.for_organization(organization).count(),
        "audit": list(AuditEntry.objects.filter(actor_id=str(developer.pk)).order_by("-id")[:AUDIT_ROWS]),
    }


def lock(developer_id: UUID, admin: Developer) -> Developer:
    """Shut an account for seven days: its sessions end, and no mail lifts the lock. Raises NotFound, Conflict."""
    with transaction.atomic():
        row = _locked_row(developer_id)
        if row.pk == admin.pk or is_root(row):
            raise Conflict("Neither your own account nor the root administrator's can be locked.", code="not_lockable")
        row.locked_until, row.locked_by_admin = clock.now() + LOCK, True
        row.save(update_fields=["locked_until", "locked_by_admin"])
        sessions.end_sessions(row)
        _record("developer.locked", row, admin)
    return find(developer_id)


def unlock(developer_id: UUID, admin: Developer) -> Developer:
    """Unlock an account, by whatever it was locked, and forget its failed sign-ins. Raises NotFound."""
    with transaction.atomic():
        row = _locked_row(developer_id)
        row.locked_until, row.locked_by_admin, row.failed_login_count = None, False, 0
        row.save(update_fields=["locked_until", "locked_by_admin", "failed_login_count"])
        # the count of wrong passwords by address goes by the token's version
        sessions.end_sessions(row)
        _record("developer.unlocked", row, admin)
    return find(developer_id)


def set_superuser(developer_id: UUID, admin: Developer, *, wanted: bool | None = None) -> Developer:
    """Give or take a superuser's rights; None: the opposite of what is. Raises NotFound, OnlyRoot, Conflict."""
    if not is_root(admin):
        raise OnlyRoot("Only the root administrator makes and unmakes superusers.")
    with transaction.atomic():
        row = _locked_row(developer_id)
        becomes = not row.is_superuser if wanted is None else wanted
        if is_root(row) and not becomes:
            raise Conflict("The root administrator stays a superuser.", code="root_admin")
        if becomes != row.is_superuser:
            row.is_superuser = becomes
            row.save(update_fields=["is_superuser"])
            _record("developer.superuser_granted" if becomes else "developer.superuser_withdrawn", row, admin)
    return find(developer_id)


def remove_second_factor(developer_id: UUID, admin: Developer) -> Developer:
    """Remove a lost second factor; the next sign-in sets up another. Raises NotFound, and Conflict for oneself."""
    with transaction.atomic():
        row = _locked_row(developer_id)
        if row.pk == admin.pk:
            raise Conflict("Another administrator must do this for you.", code="own_second_factor")
        second_factor.remove(row, audit.developer(admin))
        sessions.end_sessions(row)
    return find(developer_id)


def refuse(developer_id: UUID, admin: Developer) -> Developer:
    """Refuse an act that does not exist: always raises NotFound."""
    raise NotFound("There is no such act")


def is_root(developer: Developer) -> bool:
    """Return whether this is the one whom ROOT_ADMIN_EMAIL names, with a proved address."""
    root = fold_email(settings.ROOT_ADMIN_EMAIL)
    return bool(root) and developer.email == root and developer.email_verified_at is not None


def _locked_row(developer_id: UUID) -> Developer:
    row = Developer.objects.select_for_update().filter(pk=developer_id).first()
    if row is None:
        raise NotFound("Developer not found")
    return row


def _record(action: str, row: Developer, admin: Developer) -> None:
    actor = audit.developer(admin)
    audit.record(action, actor=actor, organization=row.organization, target=row)
