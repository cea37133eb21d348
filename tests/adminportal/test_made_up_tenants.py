"""Made-up tenants, for looking at the platform's pages."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts import audit
from accounts.models import AuditEntry, DailyUsage, EndUser, Organization

pytestmark = pytest.mark.django_db


def test_tenants_are_made_whole_and_their_audit_chains_hold() -> None:
    output = StringIO()
    call_command(
        "generate_tenants",
        "--organizations",
        "8",
        "--end-users",
        "5",
        "--acts",
        "6",
        "--days",
        "3",
        "--force",
        stdout=output,
    )
    assert output.getvalue().startswith("8 tenants in")
    owners = Organization.objects.filter(name__startswith="Made-up ")
    assert {owner.plan for owner in owners} == {"hobby", "developer"}
    assert EndUser.objects.filter(organization__in=owners).count() == 40
    assert DailyUsage.objects.filter(organization__in=owners).values("date").distinct().count() == 3
    assert AuditEntry.objects.filter(organization__in=owners).count() == 48
    assert [audit.first_broken(owner.pk) for owner in owners] == [None] * 8


def test_a_platform_that_is_not_the_embedded_one_is_left_alone() -> None:
    with pytest.raises(CommandError, match="not the embedded one"):
        call_command("generate_tenants")
    assert not Organization.objects.exists()
