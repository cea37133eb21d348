"""Withdrawing SDK tokens before their hour is over.

A token carries two numbers, the end user's and the organization's (accounts.authentication.sdk_token). A phone's call
reads both rows anyway, so a token whose numbers are no longer theirs is refused without a query of its own.
"""

from django.db import transaction
from django.db.models import F

from accounts import audit, authentication
from accounts.models import EndUser, Organization
from accounts.sign_in import reclaim


@transaction.atomic
def withdraw(end_user: EndUser, *, actor: audit.Actor) -> None:
    """End all tokens that were issued for this end user until now."""
    EndUser.objects.filter(pk=end_user.pk).update(sdk_token_version=F("sdk_token_version") + 1)
    audit.record(
        "sdk_tokens.withdrawn", actor=actor, organization=end_user.organization, target=end_user, data={"of": "user"}
    )


@transaction.atomic
def withdraw_all(organization: Organization, actor: audit.Actor) -> None:
    """End all tokens that were issued for anybody of this organization until now."""
    Organization.objects.filter(pk=organization.pk).update(sdk_token_version=F("sdk_token_version") + 1)
    authentication.forget_organization(organization.pk)
    audit.record(
        "sdk_tokens.withdrawn", actor=actor, organization=organization, target=organization, data={"of": "organization"}
    )


reclaim.register("SDK tokens", withdraw_all)
