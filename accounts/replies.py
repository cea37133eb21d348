"""Storage of replies to requests with an Idempotency-Key: encrypted, per caller, for a day."""

from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction

from accounts.deletion import erasure
from accounts.deletion.erasure import ErasedUser, Rows
from accounts.models import IdempotentReply, Organization
from wearlink.lib import clock
from wearlink.lib.api import idempotency
from wearlink.lib.api.idempotency import Claim, Reply
from wearlink.lib.errors import Conflict, Unprocessable

KEPT = timedelta(hours=24)
RUNNING = timedelta(seconds=60)  # longer than any request may take: after it a crashed one is given up


class ReplyStore:
    """The table IdempotentReply as an idempotency.Store."""

    def claim(self, tenant: Organization, caller: str, key: str, fingerprint: str) -> Claim:
        """Insert or find the key's row. Raises Conflict and Unprocessable as idempotency.Store says."""
        try:
            with transaction.atomic():
                row = IdempotentReply.objects.create(
                    organization=tenant, caller=caller, key=key, fingerprint=fingerprint
                )
        except IntegrityError:
            return self._again(tenant, caller, key, fingerprint)
        return Claim(row.pk)

    def keep(self, claim: Claim, reply: Reply) -> None:
        IdempotentReply.objects.filter(pk=claim.id).update(status=reply.status, body=reply.body.decode())

    def release(self, claim: Claim) -> None:
        """Free the key of a request that failed."""
        IdempotentReply.objects.filter(pk=claim.id, status__isnull=True).delete()

    def _again(self, tenant: Organization, caller: str, key: str, fingerprint: str) -> Claim:
        row = IdempotentReply.objects.filter(organization=tenant, caller=caller, key=key).first()
        if row is None or self._given_up(row):
            return self.claim(tenant, caller, key, fingerprint)
        if row.fingerprint != fingerprint:
            raise Unprocessable("This Idempotency-Key was used for another request.", code="idempotency_key_reused")
        if row.status is None:
            raise Conflict("The first request with this Idempotency-Key still runs.", code="idempotency_key_running")
        return Claim(row.pk, Reply(row.status, row.body.encode()))

    def _given_up(self, row: IdempotentReply) -> bool:
        """Remove a row that is too old to count."""
        age = clock.now() - row.created_at
        if age < (RUNNING if row.status is None else KEPT):
            return False
        IdempotentReply.objects.filter(pk=row.pk, created_at=row.created_at).delete()
        return True


def _erase(user: ErasedUser) -> Rows:
    """Remove the organization's answers that name an end user. They are encrypted, so each is read; they last a day."""
    name = str(user.id)
    rows = IdempotentReply.objects.filter(organization_id=user.organization_id, status__isnull=False)
    naming = [row.pk for row in rows.only("body").iterator(500) if name in row.body]
    return erasure.deleted(IdempotentReply.objects.filter(pk__in=naming))


erasure.register(erasure.ErasurePart("replies", _erase, ("accounts.IdempotentReply",)))
STORE: idempotency.Store = ReplyStore()
idempotent: Any = idempotency.idempotent(STORE)


def idempotent_secret(field: str, shown: int) -> Any:
    """Do as `idempotent`, for answers whose ``field`` is a secret: sent again, they tell its first characters only."""
    return idempotency.idempotent(STORE, hide=lambda data: {**data, field: data[field][:shown]})


# For handlers that call partners, and so must not run in a transaction.
idempotent_call: Any = idempotency.idempotent(STORE, atomic=False)
