"""manage.py verify_audit: walk the hash chains of the audit trail, their seals and their anchors."""

from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import audit
from accounts.audit_trail import anchors
from accounts.models import AuditEntry, Organization

PLATFORM = "platform"


class Command(BaseCommand):
    """Ends with 1 where a chain is broken."""

    help = "Check that no entry of the audit trail was changed, removed or put in between."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--organization", help=f"id of an organization, or {PLATFORM}; default: every chain")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print a line for each broken chain, with its first wrong entry. Raises CommandError where there is one."""
        chosen = options["organization"]
        chains = audit.chains() if chosen is None else [_chain(chosen)]
        broken = [line for chain in chains if (line := self._broken(chain))]
        for line in broken:
            self.stdout.write(line)
        missing = self._unanchored() if chosen is None else []
        if broken:
            raise CommandError(f"{len(broken)} of {len(chains)} chains are broken.")
        if missing:
            raise CommandError(f"The chains are whole, but {len(missing)} anchored entries are not what they were.")
        self.stdout.write(f"{len(chains)} chains are whole.")

    def _unanchored(self) -> list[str]:
        """Return what the anchors in the object store know and the trail does not."""
        faults = [fault for day in anchors.kept_days() for fault in anchors.faults_of(day)]
        for fault in faults:
            self.stdout.write(fault)
        return faults

    def _broken(self, chain: UUID | None) -> str:
        key = audit.first_broken(chain)
        if key is None:
            return ""
        entry = AuditEntry.objects.get(pk=key)
        place = f"entry {entry.pk} (number {entry.sequence} of {entry.created_at:%Y-%m-%dT%H:%M:%SZ}, {entry.action})"
        return f"{chain or PLATFORM}: {place} does not follow from the one before it, or was not sealed with our keys."


def _chain(text: str) -> UUID | None:
    """Return the organization of a chain; None is the platform's. Raises CommandError."""
    if text == PLATFORM:
        return None
    try:
        found = UUID(text)
    except ValueError as error:
        raise CommandError(f"{text} is no id of an organization.") from error
    if not (
        AuditEntry.objects.filter(organization_id=found).exists() or Organization.objects.filter(pk=found).exists()
    ):
        raise CommandError(f"There is no organization {text}.")
    return found
