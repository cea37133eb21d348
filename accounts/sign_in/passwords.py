"""Changing and resetting passwords, and confirming e-mail addresses."""

from uuid import uuid4

from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction
from django.db.models import F

from accounts import audit, tasks
from accounts.models import Developer
from accounts.sign_in import reclaim
from accounts.sign_in.registration import check_password_strength
from wearlink.lib import clock
from wearlink.lib.errors import InvalidInput
from wearlink.lib.security import tokens
from wearlink.lib.security.tokens import Purpose
from wearlink.lib.work.task_queue import enqueue


def change(developer: Developer, *, current: str, new: str, actor: audit.Actor) -> None:
    """Set a new password; ends every session. Raises InvalidInput on current_password or new_password."""
    if not check_password(current, developer.password):
        raise InvalidInput.on("current_password", "is not your password.", code="wrong_password")
    check_password_strength(new, developer, "new_password")
    hashed = make_password(new)  # slow on purpose: not while a transaction is open
    with transaction.atomic():
        _store(developer, hashed, "auth.password_changed", actor)


def forgot(email: str) -> None:
    """Mail a reset token if there is such an account; the caller cannot tell whether there is."""
    identity = Developer.objects.by_email(email).values_list("pk", flat=True).first()
    # A task for nobody where there is none: it finds no row and ends, and the answer takes as long.
    enqueue(tasks.send_password_reset.name, str(identity or uuid4()))


def reset(token: str, new: str) -> None:
    """Set a new password by a mailed token, which works once; the mail also proves the address, and lifts the lock
    that failed sign-ins brought. Raises InvalidInput on "token" or "password".

    Whoever made an account for an address that was never proved need not be its holder, so what was made is revoked.
    """
    developer = _holder(token, Purpose.PASSWORD_RESET, "ver", "token_version")
    check_password_strength(new, developer)
    actor = audit.developer(developer)
    hashed = make_password(new)
    with transaction.atomic():
        _store(developer, hashed, "auth.password_reset", actor)
        Developer.objects.filter(pk=developer.pk, locked_by_admin=False).update(failed_login_count=0, locked_until=None)
        if _note_proof(developer, actor):
            reclaim.revoke_all(developer, actor)


def verify_email(token: str) -> Developer:
    """Note that the address works; again is harmless. Raises InvalidInput on "token"."""
    developer = _holder(token, Purpose.VERIFY_EMAIL, "email", "email")
    with transaction.atomic():
        _note_proof(developer, audit.developer(developer))
    return developer


def _note_proof(developer: Developer, actor: audit.Actor) -> bool:
    """Return whether this was the first proof of the address."""
    fresh = Developer.objects.filter(pk=developer.pk, email_verified_at__isnull=True)
    first = bool(fresh.update(email_verified_at=clock.now()))
    if first:
        audit.record("auth.email_verified", actor=actor, organization=developer.organization, target=developer)
    return first


def _holder(token: str, purpose: Purpose, claim: str, column: str) -> Developer:
    try:
        claims = tokens.read(token, purpose)
    except tokens.InvalidToken as error:
        raise InvalidInput.on("token", "is not valid or has expired.", code=error.code) from error
    rows = Developer.objects.select_related("organization").filter(pk=claims.subject)
    developer = rows.filter(**{column: claims.more.get(claim)}).first()
    if developer is None:
        raise InvalidInput.on("token", "is not valid any more.", code="invalid_token")
    return developer


def _store(developer: Developer, hashed: str, action: str, actor: audit.Actor) -> None:
    """Store the password if its version is the one that was read: of two changes at once, one is refused."""
    rows = Developer.objects.filter(pk=developer.pk, token_version=developer.token_version)
    if not rows.update(password=hashed, token_version=F("token_version") + 1):
        raise InvalidInput("The password was changed in the meantime.", code="invalid_token")
    audit.record(action, actor=actor, organization=developer.organization, target=developer)
