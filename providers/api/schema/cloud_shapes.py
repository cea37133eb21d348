"""The shapes of vendor clouds in the API. They declare, check input and show; they write nothing."""

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.api.fields import Moment
from providers.connections import check, diagnosis, own_apps
from providers.models import Connection, ProviderApp, SyncRun
from providers.vendor_api import credentials
from wearlink.lib.api.jobs import AcceptedJobSerializer, JobSerializer
from wearlink.lib.api.pagination import PagePagination, WholePagination

Json = dict[str, Any]
SECRET = {"min_length": 1, "max_length": 1000, "trim_whitespace": True}


def _text(help_text: str, **options: Any) -> serializers.CharField:
    return serializers.CharField(help_text=help_text, **options)


class CoverageSerializer(serializers.Serializer[Json]):
    """The data that a provider can deliver."""

    series = serializers.ListField(child=serializers.CharField(), help_text="Codes of GET /meta/series-types.")
    workout_types = serializers.ListField(child=serializers.CharField(), help_text="Codes of GET /meta/workout-types.")
    sleep = serializers.BooleanField(help_text="Whether nights come, with stages.")
    scores = serializers.ListField(child=serializers.CharField(), help_text="Categories of health scores.")


class ProviderSerializer(serializers.Serializer[Json]):
    """A provider, with its settings and what it supports."""

    slug = _text("What paths and answers call it.")
    name = _text("What people call it.")
    kind = serializers.ChoiceField(["cloud", "sdk"], help_text="cloud: connected by OAuth; sdk: the phone uploads.")
    auth = serializers.ChoiceField(["oauth2", "sdk_token"], help_text="How a user is connected.")
    is_configured = serializers.BooleanField(help_text="Whether your users can connect it now.")
    scopes = serializers.ListField(child=serializers.CharField(), help_text="Scopes asked for by default.")
    history_days = serializers.IntegerField(allow_null=True, help_text="How far back it answers; null: no bound.")
    supports = serializers.ListField(
        child=serializers.ChoiceField(["pull", "push", "deletes", "upload"]), help_text="What it can do."
    )
    coverage = CoverageSerializer(help_text="What it delivers.")
    notes = _text("What is worth knowing.", allow_blank=True)


class ProvidersSerializer(serializers.Serializer[Json]):
    """All providers by slug."""

    data = ProviderSerializer(many=True)  # type: ignore[assignment]
    pagination = WholePagination()


class ProviderCoverageSerializer(CoverageSerializer):
    """The data that one provider can deliver."""

    slug = _text("The provider.")
    name = _text("What people call it.")


class SeriesCoverageSerializer(serializers.Serializer[Json]):
    """The providers that deliver a series."""

    code = _text("The series.")
    providers = serializers.ListField(child=serializers.CharField(), help_text="Slugs.")


class CoverageTableSerializer(serializers.Serializer[Json]):
    """The same table twice: by provider and by series."""

    providers = ProviderCoverageSerializer(many=True, help_text="What each provider delivers.")
    series = SeriesCoverageSerializer(many=True, help_text="Who delivers each series.")


class ProviderAppInputSerializer(serializers.Serializer[Json]):
    """Credentials of your app at a vendor."""

    client_id = _text("As the vendor shows it.", max_length=255, min_length=1)
    client_secret = _text(
        "Left as it is where it is not given; required the first time.", required=False, **SECRET
    )  # fmt: skip
    scopes = serializers.ListField(
        child=serializers.CharField(max_length=200, min_length=1), max_length=50, required=False,
        help_text="Asked for instead of the provider's own.",
    )  # fmt: skip
    webhook_verification_token = _text("Your word for the vendor's handshakes.", required=False, **SECRET)

    def entered(self) -> own_apps.EnteredCredentials:
        values = self.validated_data
        return own_apps.EnteredCredentials(
            values["client_id"], values.get("client_secret"), tuple(values.get("scopes", ())),
            values.get("webhook_verification_token"),
        )  # fmt: skip


class ProviderAppSerializer(serializers.Serializer[Json]):
    """Credentials as they may be shown."""

    provider = _text("The provider.")
    client_id = _text("As entered.")
    client_secret = _text("Its last four characters.")
    scopes = serializers.ListField(child=serializers.CharField(), help_text="Scopes asked for.")
    webhook_verification_token = _text("Its last four characters.")
    callback_url = serializers.URLField(help_text="Enter it as the redirect address on the vendor's screens.")
    webhook_url = serializers.URLField(help_text="Where the vendor's pushes go.")
    created_at = Moment()
    updated_at = Moment()


class AuthorizeQuery(serializers.Serializer[Json]):
    """The end user to connect, and the address to return to."""

    user_id = serializers.UUIDField(help_text="The end user who is to connect.")
    redirect_uri = _text(
        "Where the browser goes at the end; one of the organization's allowed addresses. Without it, a page "
        "of WearLink says how it went.",
        required=False, max_length=2048,
    )  # fmt: skip


class AuthorizationUrlSerializer(serializers.Serializer[Json]):
    """The address to which to send the end user."""

    authorization_url = serializers.URLField(help_text="Open it in the end user's browser.")
    state_expires_at = Moment(help_text="Until when it can be come back from, once.")


class ConnectLinkOrderSerializer(serializers.Serializer[Json]):
    """The options of a connect link."""

    redirect_uri = _text(
        "Where the page returns to; one of the organization's allowed addresses.", required=False, max_length=2048
    )  # fmt: skip


class ConnectLinkSerializer(serializers.Serializer[Json]):
    """A link to the hosted connect page of one end user."""

    url = serializers.URLField(help_text="Open it in the end user's browser; it needs no sign-in.")
    expires_at = Moment()


class ConnectionSerializer(serializers.Serializer[Any]):
    """An end user's connection to a provider."""

    id = serializers.UUIDField()
    provider = _text("The provider.")
    status = serializers.ChoiceField(
        Connection.Status.values,
        help_text="expired: the user must connect again; revoked: it was ended; error: syncs keep failing.",
    )
    reason = serializers.CharField(help_text="Why it is not active; a code.", allow_null=True)
    connected_at = Moment(help_text="When the user gave consent.")
    last_sync_at = Moment(allow_null=True, help_text="When a sync last ended well; null: never.")
    last_event_at = Moment(help_text="The vendor's last push.", allow_null=True)
    scopes = serializers.ListField(child=serializers.CharField(), help_text="Scopes the end user gave.")

    def to_representation(self, instance: Connection) -> Json:
        """Show an empty reason as null."""
        shown: Json = super().to_representation(instance)
        return shown | {"reason": instance.reason or None}


class ConnectionCheckSerializer(serializers.Serializer[Json]):
    """One thing that was looked at."""

    name = _text("What was looked at, such as token or subscription.")
    status = serializers.ChoiceField(check.STATUSES, help_text="Its state.")
    code = _text("A stable word for programs.")
    message = _text("Plain words.")
    next_step = serializers.CharField(allow_null=True, help_text="What helps; null if there is nothing to do.")


class ConnectionDiagnosisSerializer(serializers.Serializer[Json]):
    """The checks of a connection, in the order in which to see to them."""

    status = serializers.ChoiceField(diagnosis.WORST, help_text="The worst of them.")
    checks = ConnectionCheckSerializer(many=True, help_text="What was looked at, the most urgent first.")
    checked_at = Moment(help_text="When.")


class SyncOrderedSerializer(AcceptedJobSerializer):
    """A sync that was asked for."""

    run_id = serializers.UUIDField(help_text="The same as id: GET /users/{user_id}/sync-runs shows more.")
    provider = _text("The provider.")
    user_id = serializers.UUIDField()
    start_date = serializers.DateField(help_text="First local day.", source="start")
    end_date = serializers.DateField(help_text="Last local day.", source="end")


@extend_schema_field({"type": "string", "enum": SyncRun.Trigger.values})
class TriggerField(serializers.CharField):
    """first, periodic, manual or historical."""


class SyncProblemSerializer(serializers.Serializer[Json]):
    """A part of a run's data that could not be fetched."""

    kind = _text("The collection.")
    code = _text("not_granted, unreadable, refused, implausible, bad_answer, vendor_not_found, …")
    detail = _text("Plain words.", allow_blank=True)


class SyncRunSerializer(JobSerializer):
    """A run that fetches data of a connection, with its counts."""

    provider = _text("The provider.")
    trigger = TriggerField(help_text="What it came from.")
    start_date = serializers.DateField(help_text="First local day asked for.", source="start")
    end_date = serializers.DateField(help_text="Last local day asked for.", source="end")
    fetched_from = serializers.DateField(allow_null=True, help_text="From this day on everything is fetched.")
    payloads = serializers.IntegerField(min_value=0, help_text="Documents fetched.")
    inserted = serializers.IntegerField(min_value=0, help_text="Records that are new.")
    updated = serializers.IntegerField(min_value=0, help_text="Records that replaced an older value.")
    unchanged = serializers.IntegerField(min_value=0, help_text="Records that were there already.")
    rejected = serializers.DictField(child=serializers.IntegerField(), help_text="Refused records, by kind.")
    problems = SyncProblemSerializer(many=True, help_text="What could not be had.")
    error_code = serializers.CharField(allow_null=True, help_text="A word for why it failed, such as `cancelled`.")

    def to_representation(self, instance: SyncRun) -> Json:
        shown: Json = super().to_representation(instance)
        return shown | {"error": instance.error or None, "error_code": instance.error_code or None}


class SyncRunPageSerializer(serializers.Serializer[Json]):
    """A page of runs, newest first."""

    data = SyncRunSerializer(many=True)  # type: ignore[assignment]
    pagination = PagePagination()


def shown_app(row: ProviderApp) -> Mapping[str, Any]:
    app = credentials.organization_app(credentials.get_cloud(row.provider), row)
    return {
        "provider": row.provider,
        "client_id": row.client_id,
        "client_secret": own_apps.mask(app.credentials.client_secret),
        "scopes": row.scopes,
        "webhook_verification_token": own_apps.mask(app.credentials.verification_token),
        "callback_url": app.callback_url,
        "webhook_url": app.webhook_url,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
    }
