"""Response shapes of the lists and details of accounts and audit entries."""

from typing import Any

from django.conf import settings
from rest_framework import serializers

from accounts.models import AuditEntry, Developer, EndUser, Role
from adminportal.platform import developers, end_users
from billing import money
from billing.models import Subscription
from providers.models import Connection
from wearlink.lib import clock
from wearlink.lib.api.pagination import OffsetPagination


class AuditRowSerializer(serializers.Serializer[AuditEntry]):
    """An audit entry of any organization."""

    id = serializers.IntegerField(help_text="Number of the entry; grows with time.")
    action = serializers.CharField(help_text="What was done, such as api_key.created.")
    actor_kind = serializers.CharField(help_text="developer, api_key, end_user, system or anonymous.")
    actor_id = serializers.CharField(help_text="Id of who did it.")
    target_type = serializers.CharField(help_text="Kind of what it was done to.")
    target_id = serializers.CharField(help_text="Id of what it was done to.")
    organization_id = serializers.UUIDField(allow_null=True, help_text="Null for the platform's own acts.")
    data = serializers.DictField(  # type: ignore[assignment]  # a field, not the property
        help_text="Plain facts; never personal data or secrets."
    )
    created_at = serializers.DateTimeField(format=None, help_text="When.")


class OrganizationRefSerializer(serializers.Serializer[Any]):
    """An organization, in short."""

    id = serializers.UUIDField(help_text="Id of the organization.")
    name = serializers.CharField(help_text="Its name.")
    plan = serializers.CharField(help_text="Code of its plan.")


class PlatformDeveloperSerializer(serializers.Serializer[Developer]):
    """A developer of any organization."""

    id = serializers.UUIDField(help_text="Id of the developer.")
    email = serializers.EmailField(help_text="Sign-in address.")
    name = serializers.CharField(help_text="Name; may be empty.")
    role = serializers.ChoiceField(Role.choices, help_text="Role in the organization.")
    organization = OrganizationRefSerializer(help_text="The tenant.")
    plan = serializers.CharField(source="organization.plan", help_text="Code of the organization's plan.")
    is_superuser = serializers.BooleanField(help_text="Whether the platform's screens are open to them.")
    is_reviewer = serializers.BooleanField(help_text="Whether they review meals.")
    is_locked = serializers.BooleanField(help_text="Whether sign-in is refused now.")
    locked_until = serializers.DateTimeField(format=None, allow_null=True, help_text="End of the last lock.")
    locked_by_admin = serializers.BooleanField(help_text="By an administrator, else by failed sign-ins.")
    failed_login_count = serializers.IntegerField(help_text="Failed sign-ins since the last good one.")
    email_verified_at = serializers.DateTimeField(format=None, allow_null=True, help_text="Null: not confirmed.")
    last_login = serializers.DateTimeField(format=None, allow_null=True, help_text="Last sign-in.")
    created_at = serializers.DateTimeField(format=None, help_text="When they registered.")


class SubscriptionRowSerializer(serializers.Serializer[Subscription]):
    """A subscription with its organization and its price."""

    id = serializers.UUIDField(help_text="Our id.")
    razorpay_subscription_id = serializers.CharField(source="razorpay_id", help_text="Razorpay's id.")
    organization_id = serializers.UUIDField(help_text="Whose it is.")
    organization_name = serializers.CharField(source="organization.name", help_text="Name of whose it is.")
    plan = serializers.CharField(source="vendor_plan.plan.code", help_text="Code of the plan.")
    status = serializers.ChoiceField(Subscription.Status.values, help_text="State at Razorpay.")
    amount_inr = serializers.SerializerMethodField(help_text="A month, in rupees.")
    amount_usd = serializers.SerializerMethodField(help_text="A month, in dollars; null where it is by agreement.")
    current_start = serializers.DateTimeField(format=None, allow_null=True, help_text="Start of the paid month.")
    current_end = serializers.DateTimeField(format=None, allow_null=True, help_text="End of the paid month.")
    paid_count = serializers.IntegerField(help_text="Charges that went through.")
    cancel_at_cycle_end = serializers.BooleanField(help_text="Whether it ends with the month.")
    failing_since = serializers.DateTimeField(format=None, allow_null=True, help_text="Since when charges fail.")
    created_at = serializers.DateTimeField(format=None, help_text="When it was made.")

    def get_amount_inr(self, row: Subscription) -> float:
        return money.units(row.vendor_plan.amount)

    def get_amount_usd(self, row: Subscription) -> float | None:
        cents = row.vendor_plan.plan.price_usd_cents
        return None if cents is None else money.units(cents)


class DeveloperDetailSerializer(PlatformDeveloperSerializer):
    """A developer with what belongs to them."""

    subscription = SubscriptionRowSerializer(allow_null=True, help_text="The organization's newest.")
    api_key_count = serializers.IntegerField(help_text="Live keys of the organization.")
    end_user_count = serializers.IntegerField(help_text="End users of the organization.")
    audit = AuditRowSerializer(many=True, help_text="The last 20 acts of this developer, newest first.")
    usd_inr_rate = serializers.FloatField(help_text="Rupees a dollar, by which amounts were turned.")


class PlatformConnectionSerializer(serializers.Serializer[Connection]):
    """A connection to a vendor."""

    provider = serializers.CharField(help_text="Slug of the provider.")
    status = serializers.ChoiceField(Connection.Status.values, help_text="Whether it brings data.")
    reason = serializers.CharField(help_text="Why not, if it does not.")
    connected_at = serializers.DateTimeField(format=None, help_text="Since when.")
    last_sync_at = serializers.DateTimeField(format=None, allow_null=True, help_text="Last sync.")
    last_event_at = serializers.DateTimeField(format=None, allow_null=True, help_text="Last push of the vendor.")


class PlatformEndUserSerializer(serializers.Serializer[EndUser]):
    """An end user of any organization."""

    id = serializers.UUIDField(help_text="Id of the end user.")
    external_id = serializers.CharField(allow_null=True, help_text="The customer's own id.")
    first_name = serializers.CharField(allow_null=True, help_text="First name.")
    last_name = serializers.CharField(allow_null=True, help_text="Last name.")
    email = serializers.EmailField(allow_null=True, help_text="E-mail address.")
    time_zone = serializers.CharField(help_text="IANA name.")
    organization = OrganizationRefSerializer(help_text="The tenant.")
    created_at = serializers.DateTimeField(format=None, help_text="When they were created.")


class DataCountsSerializer(serializers.Serializer[Any]):
    """The numbers of an end user's stored rows."""

    samples = serializers.IntegerField(help_text="Samples of all series.")
    workouts = serializers.IntegerField(help_text="Workouts.")
    sleep_sessions = serializers.IntegerField(help_text="Sleep sessions.")
    health_scores = serializers.IntegerField(help_text="Scores.")


class EndUserDetailSerializer(PlatformEndUserSerializer):
    """An end user with connections and counts of data."""

    developer_email = serializers.EmailField(allow_null=True, help_text="Address of the organization's owner.")
    connections = PlatformConnectionSerializer(many=True, help_text="By provider; ended ones too.")
    data = DataCountsSerializer(help_text="How much there is.")  # type: ignore[assignment]  # a field, not the property
    last_data_at = serializers.DateTimeField(format=None, allow_null=True, help_text="Time of the newest sample.")


class _Listed(serializers.Serializer[Any]):
    pagination = OffsetPagination(help_text="Size of the whole.")


class DeveloperListSerializer(_Listed):
    """A page of developers, newest first."""

    data = PlatformDeveloperSerializer(many=True)  # type: ignore[assignment]  # a field, not the property


class EndUserListSerializer(_Listed):
    """A page of end users, newest first."""

    data = PlatformEndUserSerializer(many=True)  # type: ignore[assignment]  # a field, not the property


class AuditListSerializer(_Listed):
    """A page of audit entries, newest first."""

    data = AuditRowSerializer(many=True)  # type: ignore[assignment]  # a field, not the property


def developer_detail(developer: Developer) -> dict[str, Any]:
    """Return a developer with what belongs to them, as JSON values."""
    found = developers.facts(developer)
    subscription = found["subscription"]
    return {
        **PlatformDeveloperSerializer(developer).data,
        "subscription": None if subscription is None else SubscriptionRowSerializer(subscription).data,
        "api_key_count": found["api_key_count"],
        "end_user_count": found["end_user_count"],
        "audit": AuditRowSerializer(found["audit"], many=True).data,
        "usd_inr_rate": settings.USD_INR_RATE,
    }


def end_user_detail(user: EndUser) -> dict[str, Any]:
    """Return an end user with connections and counts, as JSON values."""
    found = end_users.facts(user)
    last = found["last_data_at"]
    return {
        **PlatformEndUserSerializer(user).data,
        "developer_email": found["developer_email"],
        "connections": PlatformConnectionSerializer(found["connections"], many=True).data,
        "data": found["data"],
        "last_data_at": None if last is None else clock.from_ms(last),
    }
