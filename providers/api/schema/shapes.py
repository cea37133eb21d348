"""The shapes of a sync for the OpenAPI schema. They declare; providers.sdk does the reading."""

# ruff: noqa: N815 - serializer fields are called as the wire calls them

from collections.abc import Sequence
from typing import Any, Final

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from healthdata import upload_names
from providers import registry
from providers.sdk.envelope import MAX_ITEMS
from wearlink.lib.api.jobs import AcceptedJobSerializer, JobSerializer

Json = dict[str, Any]
DEVICE_TYPES: Final = (
    *("watch", "phone", "ring", "scale", "fitness_band", "chest_strap", "head_mounted", "smart_display"),
)
_VERSION = {"type": "string", "minLength": 1, "maxLength": 64}


def _text(help_text: str, **options: Any) -> serializers.CharField:
    return serializers.CharField(help_text=help_text, **options)


def _optional(help_text: str) -> serializers.CharField:
    return serializers.CharField(help_text=help_text, required=False, allow_null=True)


def _suggested(title: str, names: Sequence[str]) -> Json:
    """Return the schema of a text that lists the known values, though a newer phone may send others."""
    return {"anyOf": [{"type": "string", "title": title, "enum": list(names)}, {"type": "string"}]}


@extend_schema_field(_suggested("RecordType", upload_names.RECORD_TYPES))
class RecordTypeField(serializers.CharField):
    """The name of a record's type."""


# Not as an enum: generators make one name of m/s and ms.
@extend_schema_field({"type": "string", "examples": upload_names.UNITS})
class UploadUnitField(serializers.CharField):
    """A unit, in any usual spelling."""


@extend_schema_field(_suggested("StageName", upload_names.STAGES))
class StageNameField(serializers.CharField):
    """The name of a stage of sleep."""


@extend_schema_field(_suggested("WorkoutTypeName", upload_names.WORKOUTS))
class WorkoutTypeNameField(serializers.CharField):
    """The name of a kind of workout."""


@extend_schema_field(_suggested("DeviceType", DEVICE_TYPES))
class DeviceTypeField(serializers.CharField):
    """The name of a kind of device."""


@extend_schema_field(_VERSION)
class VersionField(serializers.CharField):
    """A version of 1 to 64 characters."""


class SyncSourceSerializer(serializers.Serializer[Json]):
    """The device and app behind an item. Further fields are ignored."""

    takes_unknown_fields = True

    appId = _optional("The app that wrote the item.")
    deviceName = _optional("Name an end user gave the device.")
    deviceManufacturer = _optional("Maker of the device.")
    deviceModel = _optional("Hardware model; together with the provider it distinguishes devices.")
    deviceType = DeviceTypeField(help_text="The kind of device.", required=False, allow_null=True)


class SyncValueSerializer(serializers.Serializer[Json]):
    """A named figure of a workout or other item."""

    takes_unknown_fields = True

    type = _text("Name of the figure, such as distance or averageHeartRate.")
    value = serializers.FloatField(help_text="The figure.")
    unit = UploadUnitField(help_text="Unit of the value.", required=False, allow_null=True)


class SyncItemSerializer(serializers.Serializer[Json]):
    """The fields that all items have."""

    takes_unknown_fields = True

    id = _optional("The item's id on the phone.")
    startDate = serializers.DateTimeField(help_text="Not before 2000 and at most 24 hours ahead.")
    endDate = serializers.DateTimeField(help_text="Not before startDate.")
    zoneOffset = _optional("Offset from UTC where it was recorded, such as +02:00.")
    source = SyncSourceSerializer(required=False, allow_null=True)  # type: ignore[assignment]


class SyncRecordSerializer(SyncItemSerializer):
    """A numeric sample."""

    type = RecordTypeField(
        help_text="HealthKit identifier, or the SDK's name such as HEART_RATE. GET /meta/series-types says which name "
        "becomes which series; others are counted as refused."
    )
    value = serializers.FloatField(allow_null=True, help_text="The figure.")
    unit = UploadUnitField(
        help_text="Unit of the value; converted to the unit of the series.", required=False, allow_null=True
    )


class SyncSleepSerializer(SyncItemSerializer):
    """One stage of a night."""

    stage = StageNameField(help_text="The stage. sleeping: asleep, in an unknown stage.")
    values = SyncValueSerializer(many=True, required=False, allow_null=True, help_text="Figures of the stage.")


class SyncWorkoutSerializer(SyncItemSerializer):
    """One workout. segments, laps, route and samples are taken too."""

    type = WorkoutTypeNameField(
        help_text="A code or alias of GET /meta/workout-types, or a HealthKit name; anything else becomes `other`."
    )
    title = _optional("Title.")
    notes = _optional("Notes.")
    values = SyncValueSerializer(many=True, required=False, allow_null=True, help_text="Figures of the workout.")


class SyncDataSerializer(serializers.Serializer[Json]):
    """The three collections, together at most 10,000 items."""

    takes_unknown_fields = True

    records = SyncRecordSerializer(many=True, required=False, allow_null=True, help_text="Samples.")
    sleep = SyncSleepSerializer(many=True, required=False, allow_null=True, help_text="Stages of sleep.")
    workouts = SyncWorkoutSerializer(many=True, required=False, allow_null=True, help_text="Workouts.")


class SyncSerializer(serializers.Serializer[Json]):
    """One upload of a phone, at most 10 MB after inflating."""

    takes_unknown_fields = True

    provider = serializers.ChoiceField(registry.sdk_slugs(), help_text="Whose phone.")
    sdkVersion = VersionField(help_text="Version of the SDK.")
    syncTimestamp = serializers.DateTimeField(
        help_text="The phone's clock; not used for ordering. An offset other than Z tells where the user is."
    )
    timeZone = _optional("IANA name of the phone's zone, where the app knows it.")
    data = SyncDataSerializer(  # type: ignore[assignment]
        required=False, allow_null=True, help_text=f"At most {MAX_ITEMS} items."
    )


class SyncAcceptedSerializer(AcceptedJobSerializer):
    """The body is stored and will be processed."""

    status_code = serializers.IntegerField(min_value=202, max_value=202, help_text="Always 202.")
    response = _text("Always: Import task queued successfully.")
    user_id = serializers.UUIDField()
    batch_id = serializers.UUIDField(help_text="The same as id: GET /sdk/users/{user_id}/sync/{batch_id} shows more.")


class RejectedExampleSerializer(serializers.Serializer[Json]):
    """A refused item of an upload, with the reason. Its content is not repeated."""

    collection = serializers.ChoiceField(["records", "sleep", "workouts"], help_text="Which of the collections.")
    index = serializers.IntegerField(min_value=0, help_text="Place in the collection, from 0.")
    field = _text("Field at fault; empty for the item as a whole.", allow_blank=True)
    reason = _text("A code such as unknown_type, bad_date or unknown_unit:furlong.")


class SyncStatusSerializer(JobSerializer):
    """The result of one upload, or its progress so far."""

    batch_id = serializers.UUIDField(help_text="The same as id.")
    user_id = serializers.UUIDField()
    provider = _text("apple, samsung or google.")
    items = serializers.IntegerField(min_value=0, help_text="Items the upload held.")
    inserted = serializers.IntegerField(min_value=0, help_text="Records that are new; a workout's route counts too.")
    updated = serializers.IntegerField(min_value=0, help_text="Records that replaced an older value.")
    unchanged = serializers.IntegerField(min_value=0, help_text="Records that were there already.")
    rejected = serializers.DictField(child=serializers.IntegerField(min_value=1), help_text="Refusals by reason.")
    rejected_examples = RejectedExampleSerializer(many=True, help_text="The first few refusals.")
