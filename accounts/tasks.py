"""Background work: mails, and removing what has run out."""

from datetime import timedelta

from celery import shared_task

from accounts import mail
from accounts.audit_trail import anchors, checks
from accounts.deletion import erasing, leftovers, orphans
from accounts.metering import calls, rollup
from accounts.models import Developer, IdempotentReply, Invitation
from accounts.replies import KEPT
from wearlink.lib import clock
from wearlink.lib.work.periodic import periodic

INVITATIONS_KEPT = timedelta(days=30)


@shared_task(name="accounts.tasks.send_verification", **mail.TASK_OPTIONS)
def send_verification(developer_id: str) -> None:
    """Mail the link that confirms an address."""
    developer = Developer.objects.filter(pk=developer_id, email_verified_at__isnull=True).first()
    if developer is not None:
        mail.send_verification(developer)


@shared_task(name="accounts.tasks.send_second_factor_removed", **mail.TASK_OPTIONS)
def send_second_factor_removed(developer_id: str) -> None:
    """Mail that somebody, or a thief, took the second factor out of the account."""
    developer = Developer.objects.filter(pk=developer_id).first()
    if developer is not None:
        mail.send_second_factor_removed(developer)


@shared_task(name="accounts.tasks.send_password_reset", **mail.TASK_OPTIONS)
def send_password_reset(developer_id: str) -> None:
    """Mail the token that sets a new password."""
    developer = Developer.objects.filter(pk=developer_id).first()
    if developer is not None:
        mail.send_password_reset(developer)


@shared_task(name="accounts.tasks.send_invitation", **mail.TASK_OPTIONS)
def send_invitation(invitation_id: str) -> None:
    """Mail the token that accepts an invitation."""
    invitation = Invitation.objects.open().select_related("organization").filter(pk=invitation_id).first()
    if invitation is not None:
        mail.send_invitation(invitation)


@periodic(soft_time_limit=290)
def prune() -> None:
    """Remove replies and invitations that nobody will ask for again."""
    now = clock.now()
    IdempotentReply.objects.filter(created_at__lt=now - KEPT).delete()
    Invitation.objects.filter(expires_at__lt=now - INVITATIONS_KEPT).delete()


@periodic(name="accounts.tasks.anchor_audit", time_limit=300)
def anchor_audit() -> None:
    """Keep in the object store how far the audit trail had come yesterday."""
    anchors.write_yesterdays()


@periodic(name="accounts.tasks.check_audit", time_limit=540)
def check_audit() -> None:
    """Walk the chains of the audit trail from their beginnings."""
    checks.check_all()


@periodic(soft_time_limit=50)
def collect_calls() -> None:
    """Put the calls of the last minute into the day's counters."""
    calls.collect()


@periodic(soft_time_limit=290)
def roll_up() -> None:
    """Tidy up the counters of the days that are over."""
    rollup.run()


@periodic(name=leftovers.TASK, time_limit=300, soft_time_limit=280)
def remove_leftovers() -> None:
    """Remove what erased end users left outside the database; end erasures of which nothing is left."""
    leftovers.remove_due()
    erasing.finish_all()
    if erasing.any_due():
        erasing.ERASE.request_work()


@periodic(name="accounts.tasks.sweep_objects", time_limit=540)
def sweep_objects() -> None:
    """Delete objects that no row knows."""
    orphans.sweep()


@shared_task(name=erasing.ERASE.task, acks_late=True, time_limit=300, soft_time_limit=280)
def erase() -> None:
    """Delete rows of one erasure; more where there is more to do."""
    erasing.ERASE.mark_started()
    erasing.run_next()
    if erasing.any_due():
        erasing.ERASE.request_work()
