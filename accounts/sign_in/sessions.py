"""Signing in and out, and the lock that guessing passwords brings.

Anybody can bring that lock about, so it refuses new sign-ins and nothing else: sessions and mailed resets go on, and a
reset lifts it. An address that has brought it about waits (guesses.py), so that it cannot do so again and again.

Wrong password, unknown address and locked account answer the same after the same work, so that none can be told from
the others.
"""

from datetime import timedelta

from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction
from django.db.models import F, Q
from django.utils.functional import SimpleLazyObject

from accounts import audit
from accounts.audit_trail.seals import digest_of_address
from accounts.models import Developer
from accounts.sign_in.guesses import FIRST_WAIT, Guesses
from wearlink.lib import clock
from wearlink.lib.errors import InvalidInput, TooManyRequests, Unauthorized

FAILURES_TO_LOCK = 10
LOCK = timedelta(minutes=15)
# Compared when there is no account, so that an unknown address takes as long as a known one.
_NOBODY = SimpleLazyObject(lambda: make_password("nobody has this password"))


class SignInFailed(Unauthorized):
    """The one answer to every failed sign-in."""

    default_code = "sign_in_failed"

    def __init__(self) -> None:
        super().__init__("Incorrect email or password.")


def sign_in(email: str, password: str, address: str) -> Developer:
    """Return the developer whose password this is; address is the caller's. Raises SignInFailed."""
    developer = Developer.objects.select_related("organization").by_email(email).first()
    matches = check_password(password, developer.password if developer else str(_NOBODY))
    guesses = Guesses(email, address, developer.token_version if developer else 0)
    waits = guesses.are_stopped()
    if developer is None or not matches or waits or not _open(developer, address):
        if not waits:
            guesses.add()
        _note_failure(developer, address, counts=not waits)
        raise SignInFailed
    return developer


def confirm(developer: Developer, password: str, address: str) -> None:
    """Have a developer who is signed in give the password again, before a secret is shown.

    Wrong ones count as those of a sign-in do. Raises InvalidInput on "password", TooManyRequests.
    """
    guesses = Guesses(developer.email, address, developer.token_version)
    if guesses.are_stopped():
        raise TooManyRequests("Too many wrong passwords. Please try again later.", retry_after=FIRST_WAIT)
    if not check_password(password, developer.password):
        guesses.add()
        raise InvalidInput.on("password", "is not your password.", code="wrong_password")


def sign_out(developer: Developer, actor: audit.Actor) -> None:
    """End every dashboard session of the developer."""
    with transaction.atomic():
        end_sessions(developer)
        audit.record("auth.signed_out", actor=actor, organization=developer.organization, target=developer)


def end_sessions(developer: Developer) -> None:
    """End all dashboard tokens given out so far."""
    Developer.objects.filter(pk=developer.pk).update(token_version=F("token_version") + 1)


def _unlocked() -> Q:
    return Q(locked_until__isnull=True) | Q(locked_until__lte=clock.now())


@transaction.atomic
def _open(developer: Developer, address: str) -> bool:
    """Start a session unless the account is locked. Asked of the row: a parallel guess may just have locked it."""
    now = clock.now()
    rows = Developer.objects.filter(_unlocked(), pk=developer.pk)
    if not rows.update(failed_login_count=0, locked_until=None, locked_by_admin=False, last_login=now):
        return False
    data = {"address": digest_of_address(address)}
    actor = audit.developer(developer)
    audit.record("auth.signed_in", actor=actor, organization=developer.organization, target=developer, data=data)
    return True


@transaction.atomic
def _note_failure(developer: Developer | None, address: str, *, counts: bool) -> None:
    source = {"address": digest_of_address(address)}
    if developer is None:
        audit.record("auth.sign_in_failed", actor=audit.ANONYMOUS, data={"known": False, **source})
        return
    organization = developer.organization
    row = Developer.objects.select_for_update().filter(pk=developer.pk).first()
    if row is None:
        return
    data = {"locked": row.is_locked(), **source}
    locks = counts and not row.is_locked() and _count_failure(row)
    audit.record("auth.sign_in_failed", actor=audit.ANONYMOUS, organization=organization, target=row, data=data)
    if locks:
        audit.record("auth.locked", actor=audit.SYSTEM, organization=organization, target=row)


def _count_failure(row: Developer) -> bool:
    """Count on a locked row; True when this failure locks the account. A lock that has run out starts from zero."""
    row.failed_login_count = 1 if row.locked_until else row.failed_login_count + 1
    locks = row.failed_login_count >= FAILURES_TO_LOCK
    row.locked_until = clock.now() + LOCK if locks else None
    row.locked_by_admin = False
    row.save(update_fields=["failed_login_count", "locked_until", "locked_by_admin"])
    return locks
