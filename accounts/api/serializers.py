"""The shapes of accounts: what is accepted and what is answered. They describe and check; verbs write."""

from typing import Any

from rest_framework import serializers

from accounts.api.fields import (
    LogoField,
    MailedNameField,
    Moment,
    OptionalEmailField,
    OptionalTextField,
    PrivacyAddressField,
    RedirectAddressField,
    SourcePriorityField,
    TimeZoneField,
)
from accounts.end_users.users import DEFAULT_SORT, SORTS
from accounts.models import Developer, EndUser, Organization, Role
from accounts.organization import logos
from wearlink.lib import clock
from wearlink.lib.api.bodies import TrueOrFalse
from wearlink.lib.api.pagination import PagePagination, PageQuery

Shape = serializers.Serializer[Any]


def _password(**options: Any) -> serializers.CharField:
    return serializers.CharField(trim_whitespace=False, max_length=1024, write_only=True, **options)


def _new_password() -> serializers.CharField:
    return _password(help_text="12 characters or more, no common password.")


class AcknowledgementSerializer(Shape):
    """The result of an act that returns no data, in a sentence."""

    detail = serializers.CharField()


class PlanLimitsSerializer(Shape):
    """The limits of the organization's plan; null means no limit."""

    requests_per_minute = serializers.IntegerField(allow_null=True, help_text="Calls a minute, fair use.")
    photos_per_day = serializers.IntegerField(allow_null=True, help_text="Meal photos a UTC day.")
    end_users = serializers.IntegerField(allow_null=True, source="max_end_users", help_text="Users.")
    webhook_endpoints = serializers.IntegerField(
        allow_null=True, source="max_webhook_endpoints", help_text="Webhook endpoints."
    )
    team_seats = serializers.IntegerField(allow_null=True, source="max_team_seats", help_text="Developers.")


class OrganizationSettingsSerializer(Shape):
    """The settings that an organization chooses for all its end users."""

    source_priority = SourcePriorityField(required=False)


class OrganizationSerializer(Shape):
    """The caller's organization with its plan, limits and settings."""

    id = serializers.UUIDField(read_only=True)
    name = MailedNameField()
    time_zone = TimeZoneField()
    logo = LogoField()
    logo_url = serializers.SerializerMethodField(help_text="Where the logo is shown; null where there is none.")
    privacy_url = PrivacyAddressField()
    redirect_addresses = serializers.ListField(
        child=RedirectAddressField(),
        max_length=50,
        help_text="Where the hosted connect page may return to; `redirect_uri` of a link is one of them.",
    )
    settings = OrganizationSettingsSerializer(help_text="What holds for all users who say nothing else.")
    plan = serializers.CharField(read_only=True)
    limits = PlanLimitsSerializer(read_only=True)
    created_at = Moment()
    updated_at = Moment()

    def get_logo_url(self, organization: Organization) -> str | None:
        return logos.address(organization)


class OrganizationBriefSerializer(Shape):
    """The organization that a developer belongs to, in short."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    plan = serializers.CharField()


class DeveloperSerializer(Shape):
    """A developer as the developer sees it."""

    id = serializers.UUIDField()
    email = serializers.EmailField()
    name = serializers.CharField()
    role = serializers.ChoiceField(choices=Role.choices)
    is_reviewer = serializers.BooleanField()
    is_superuser = serializers.BooleanField()
    email_verified = serializers.SerializerMethodField()
    created_at = Moment()
    organization = OrganizationBriefSerializer()

    def get_email_verified(self, developer: Developer) -> bool:
        """True once the address was confirmed."""
        return developer.email_verified_at is not None


class RegisterDeveloperSerializer(Shape):
    """The developer and the organization to create."""

    email = serializers.EmailField(max_length=254)
    password = _new_password()
    name = MailedNameField(required=False, allow_blank=True, default="")
    organization_name = MailedNameField(required=False, help_text="Default: from the address.")


class RegisteredDeveloperSerializer(DeveloperSerializer):
    """A new account with its API key, shown this once."""

    api_key = serializers.CharField(help_text="The whole default API key; it is not shown again.")


class LoginSerializer(Shape):
    """Credentials; ``email`` may be given as ``username``."""

    username = serializers.CharField(max_length=254, required=False, help_text="The e-mail address.")
    email = serializers.CharField(max_length=254, required=False, help_text="May be sent instead of username.")
    password = _password(help_text="The password.")
    code = serializers.CharField(
        max_length=40,
        required=False,
        default="",
        allow_blank=True,
        help_text="Of the second factor, where the account has one: six digits, or a recovery code.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse a body that has neither name of the address."""
        if not (attrs.get("username") or attrs.get("email")):
            raise serializers.ValidationError({"username": ["This field is required."]})
        return attrs


class AccessTokenSerializer(Shape):
    """A bearer token for the dashboard's calls."""

    access_token = serializers.CharField(help_text="Send it as `Authorization: Bearer …`.")
    token_type = serializers.ChoiceField(choices=["bearer"], help_text="Always bearer.")
    expires_in = serializers.IntegerField(help_text="Seconds.")


class ChangePasswordSerializer(Shape):
    """The old and the new password."""

    current_password = _password(help_text="The one that was good until now.")
    new_password = _new_password()


class ForgotPasswordSerializer(Shape):
    """A request for a mail with a link to choose a new password."""

    email = serializers.EmailField(max_length=254)


class MailedTokenSerializer(Shape):
    """A token that came by mail."""

    token = serializers.CharField(max_length=2048, help_text="The token of the mail.")


class ResetPasswordSerializer(MailedTokenSerializer):
    """A new password, allowed by a mailed token."""

    password = _new_password()


class AcceptInvitationSerializer(ResetPasswordSerializer):
    """The invitation's token, with the name and password that the new member chooses."""

    name = MailedNameField(required=False, allow_blank=True, default="")


class TeamMemberSerializer(Shape):
    """A developer as team-mates see it."""

    id = serializers.UUIDField()
    email = serializers.EmailField()
    name = serializers.CharField()
    role = serializers.ChoiceField(choices=Role.choices)
    is_reviewer = serializers.BooleanField()
    last_login = Moment(allow_null=True, help_text="When the person last signed in; null: never.")
    created_at = Moment()


class TeamMemberChangesSerializer(Shape):
    """The changeable fields of a member."""

    role = serializers.ChoiceField(choices=Role.choices, required=False)
    is_reviewer = TrueOrFalse(required=False)


class InviteMemberSerializer(Shape):
    """An invitation to join the organization, sent to this address."""

    email = serializers.EmailField(max_length=254)
    role = serializers.ChoiceField(choices=Role.choices, default=Role.MEMBER)


class InvitationSerializer(Shape):
    """An invitation that has not been accepted, revoked or expired."""

    id = serializers.UUIDField()
    email = serializers.EmailField()
    role = serializers.ChoiceField(choices=Role.choices)
    created_at = Moment()
    expires_at = Moment()


class ApiKeyNameSerializer(Shape):
    """The name of a new key."""

    name = serializers.CharField(max_length=120)


class ApiKeySerializer(Shape):
    """A key as it is listed."""

    id = serializers.CharField(source="listed_id", help_text="The key's beginning: sk- and eight characters.")
    name = serializers.CharField()
    created_at = Moment()
    last_used_at = Moment(allow_null=True, help_text="When it was last used, to the minute; null: never.")


class MintedKeySerializer(Shape):
    """A key that was just made."""

    id = serializers.CharField(source="secret", help_text="The whole key; it is not shown again.")
    name = serializers.CharField(source="row.name")
    created_at = Moment(source="row.created_at")


class EndUserInputSerializer(Shape):
    """The fields of an end user; all are optional."""

    external_id = OptionalTextField(max_length=255, help_text="Your own id of this user; unique.")
    first_name = OptionalTextField(max_length=100)
    last_name = OptionalTextField(max_length=100)
    email = OptionalEmailField(help_text="Unique in your organization.")
    time_zone = TimeZoneField(required=False, help_text="IANA name; without it the organization's.")
    source_priority = SourcePriorityField(required=False)


class EndUserChangesSerializer(EndUserInputSerializer):
    """The changeable fields of an end user; a field that the body does not name keeps its value."""

    valid_from = serializers.DateTimeField(
        required=False,
        help_text="Since when time_zone holds; not in the future. Without it: from the beginning if none was known, "
        "else from now on.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Raise ValidationError on valid_from without a zone, or in the future."""
        since = attrs.get("valid_from")
        if since is not None and "time_zone" not in attrs:
            raise serializers.ValidationError({"valid_from": "says since when a time_zone holds; name that, too."})
        if since is not None and since > clock.now():
            raise serializers.ValidationError({"valid_from": "is in the future."})
        return attrs


class EndUserSerializer(Shape):
    """An end user. Built by hand: a page has a hundred. Identifiers and moments get their text with the JSON."""

    id = serializers.UUIDField()
    external_id = serializers.CharField(allow_null=True)
    first_name = serializers.CharField(allow_null=True)
    last_name = serializers.CharField(allow_null=True)
    email = serializers.CharField(allow_null=True)
    time_zone = serializers.CharField()
    zone_known = serializers.BooleanField(
        help_text="Whether the time zone was set; else it is learned from data or the organization's."
    )
    zone_learned = serializers.BooleanField(help_text="Whether the time zone was learned from the user's data.")
    source_priority = SourcePriorityField()
    created_at = Moment()
    updated_at = Moment()

    def to_representation(self, instance: EndUser) -> dict[str, Any]:
        """Return the same fields without DRF's machinery."""
        return {name: getattr(instance, name) for name in END_USER}


class InputWarningSerializer(Shape):
    """A warning about a request that was carried out, but may not do what was meant."""

    code = serializers.CharField(help_text="A stable word for programs.")
    field = serializers.CharField(help_text="The field it is about.")
    message = serializers.CharField(help_text="What it means and what helps.")


class CreatedEndUserSerializer(EndUserSerializer):
    """A new end user, and what to look at again."""

    warnings = InputWarningSerializer(many=True, help_text="Empty where all is well.")

    def to_representation(self, instance: EndUser) -> dict[str, Any]:
        """Return the end user and the warnings."""
        return {**super().to_representation(instance), "warnings": [] if instance.zone_known else [NO_ZONE]}


NO_ZONE = {
    "code": "time_zone_missing",
    "field": "time_zone",
    "message": "No time_zone was given, so days follow the organization's until PATCH /users/{user_id} or the user's "
    "data tell another.",
}
# One for all requests: DRF counts its fields on their common class, so making one has Python forget where every
# serializer's attributes are.
SHOWN_END_USER = EndUserSerializer()
END_USER = tuple(SHOWN_END_USER.fields)  # columns of the table too: a list takes them as they are


class EndUserQuery(PageQuery):
    """The filters, order and page of a list of end users."""

    search = serializers.CharField(
        max_length=255, required=False, allow_blank=True, default="", help_text="Part of a name, e-mail or external_id."
    )
    external_id = serializers.CharField(
        max_length=255, required=False, help_text="Exactly this id of your own: one user or none."
    )
    email = serializers.CharField(
        max_length=254, required=False, help_text="Exactly this e-mail, letter case ignored: one or none."
    )
    sort_by = serializers.ChoiceField(choices=SORTS, default=DEFAULT_SORT, help_text="A minus sorts downwards.")


class EndUserPage(Shape):
    """A page of end users."""

    data = EndUserSerializer(many=True)  # type: ignore[assignment]
    pagination = PagePagination()


class TeamMemberPage(Shape):
    """A page of the organization's members."""

    data = TeamMemberSerializer(many=True)  # type: ignore[assignment]
    pagination = PagePagination()


class InvitationPage(Shape):
    """A page of the organization's open invitations."""

    data = InvitationSerializer(many=True)  # type: ignore[assignment]
    pagination = PagePagination()


class ApiKeyPage(Shape):
    """A page of the organization's API keys."""

    data = ApiKeySerializer(many=True)  # type: ignore[assignment]
    pagination = PagePagination()
