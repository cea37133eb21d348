"""/admin/audit, /admin/system/health and /admin/jobs: what was done, whether all is well, what runs by the clock."""

from http import HTTPStatus
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.platform import PlatformView
from adminportal.api.lists import TAGS, PlatformListView, SearchQuery
from adminportal.api.shapes import AuditListSerializer, AuditRowSerializer
from adminportal.platform import audit_trail, jobs, system
from adminportal.platform.jobs import ScheduledJob
from wearlink.lib.api import bodies
from wearlink.lib.api.openapi import errors
from wearlink.lib.api.pagination import OffsetPagination, by_offset, cut

JOB_NAME = OpenApiParameter("job_name", OpenApiTypes.STR, OpenApiParameter.PATH, description="Name of the job.")


class PlatformAuditQuery(SearchQuery):
    """The filters and page of a list of audit entries."""

    action = serializers.CharField(max_length=64, required=False, help_text="One action, such as api_key.created.")
    prefix = serializers.CharField(max_length=64, required=False, help_text="Actions that begin so, such as auth.")
    since = serializers.DateTimeField(required=False, help_text="Only acts from then on.")
    until = serializers.DateTimeField(required=False, help_text="Only acts before.")
    organization_id = serializers.UUIDField(required=False, help_text="Only acts in one tenant.")


class TableSerializer(serializers.Serializer[Any]):
    """A table of the database, with its size."""

    name = serializers.CharField(help_text="Its name.")
    size_bytes = serializers.IntegerField(help_text="With its indexes.")
    rows = serializers.IntegerField(help_text="Live rows, estimated.")
    dead_rows = serializers.IntegerField(help_text="Rows that vacuum will free, estimated.")


class DatabaseSerializer(serializers.Serializer[Any]):
    """The database, with its largest tables."""

    size_bytes = serializers.IntegerField(help_text="The whole of it.")
    version = serializers.CharField(help_text="PostgreSQL's version.")
    connections = serializers.IntegerField(help_text="Open now.")
    max_connections = serializers.IntegerField(help_text="The most there may be.")
    tables = TableSerializer(many=True, help_text="The largest, largest first.")


class CacheServerSerializer(serializers.Serializer[Any]):
    """The server of cache and queues."""

    version = serializers.CharField(help_text="Its version.")
    used_memory_bytes = serializers.IntegerField(help_text="Memory it uses.")
    max_memory_bytes = serializers.IntegerField(help_text="Memory it may use; 0: no bound.")
    connected_clients = serializers.IntegerField(help_text="Open connections.")
    evicted_keys = serializers.IntegerField(help_text="Keys it evicted because memory was full.")
    uptime_seconds = serializers.IntegerField(help_text="Since its start.")


class ObjectStoreSerializer(serializers.Serializer[Any]):
    """The object store's kind, and whether it answers."""

    kind = serializers.ChoiceField(choices=["s3", "directory"], help_text="A bucket, or a directory of this machine.")
    reachable = serializers.BooleanField(help_text="Whether it can be written to.")


class BeatSerializer(serializers.Serializer[Any]):
    """The scheduler's last sign of life."""

    last_seen_at = serializers.DateTimeField(format=None, allow_null=True, help_text="When a job of it last ran.")
    age_seconds = serializers.IntegerField(allow_null=True, help_text="How long ago that is.")


class SystemHealthSerializer(serializers.Serializer[Any]):
    """Every part of the platform."""

    status = serializers.ChoiceField(choices=["ok", "degraded"], help_text="ok: every part works.")
    parts = serializers.DictField(child=serializers.CharField(), help_text="Each part: ok, or what is wrong in a word.")
    database = DatabaseSerializer(help_text="The database.")
    redis = CacheServerSerializer(allow_null=True, help_text="Null where it does not answer.")
    queues = serializers.DictField(child=serializers.IntegerField(), help_text="Messages waiting, by queue.")
    object_store = ObjectStoreSerializer(help_text="Where objects lie.")
    beat = BeatSerializer(help_text="The scheduler.")
    figures = serializers.DictField(child=serializers.FloatField(), help_text="Figures of /metrics, by name.")


class ScheduledJobSerializer(serializers.Serializer[ScheduledJob]):
    """A scheduled task with its last and next run."""

    name = serializers.CharField(source="row.name", help_text="Name of the job.")
    task = serializers.CharField(source="row.task", help_text="What it runs.")
    queue = serializers.CharField(source="row.queue", allow_null=True, help_text="On which queue.")
    schedule = serializers.CharField(help_text="In words, such as every 10 seconds.")
    enabled = serializers.BooleanField(source="row.enabled", help_text="Whether beat sends it.")
    last_run_at = serializers.DateTimeField(format=None, allow_null=True, help_text="When the last run ended.")
    last_duration_seconds = serializers.FloatField(
        source="run.seconds", default=None, allow_null=True, help_text="How long it took; null: not known."
    )
    last_outcome = serializers.CharField(
        source="run.outcome", default=None, allow_null=True, help_text="SUCCESS, FAILURE or RETRY; null: not known."
    )
    next_run_at = serializers.DateTimeField(format=None, allow_null=True, help_text="Null for one switched off.")
    total_runs = serializers.IntegerField(source="row.total_run_count", help_text="How often beat has sent it.")


class ScheduledJobListSerializer(serializers.Serializer[Any]):
    """The scheduled tasks by name."""

    data = ScheduledJobSerializer(many=True)  # type: ignore[assignment]  # a field, not the property
    pagination = OffsetPagination(help_text="Size of the whole.")


class AuditTrail(PlatformListView):
    """GET /admin/audit."""

    query_class = PlatformAuditQuery

    @extend_schema(
        operation_id="admin_audit",
        tags=TAGS,
        summary="Privileged acts in all tenants",
        description="Newest first. `q` is the beginning of an actor's or a target's id.",
        responses=AuditListSerializer,
    )
    def get(self, request: Request) -> Response:
        return self.listed(audit_trail.entries(**self.filters()), lambda row: AuditRowSerializer(row).data)


class SystemHealth(PlatformView):
    """GET /admin/system/health."""

    @extend_schema(
        operation_id="admin_system_health",
        tags=TAGS,
        summary="Is the platform well",
        description="Sizes, queues, the object store, the scheduler. 200 also where a part does not answer.",
        responses=SystemHealthSerializer,
    )
    def get(self, request: Request) -> Response:
        return Response(system.state())


class Jobs(PlatformView):
    """GET /admin/jobs."""

    query_class = SearchQuery

    @extend_schema(
        operation_id="admin_jobs_list",
        tags=TAGS,
        summary="Scheduled tasks",
        description="By name, with the last run and the next one. `q` is looked for in the names.",
        responses=ScheduledJobListSerializer,
    )
    def get(self, request: Request) -> Response:
        limit, offset = self.query["limit"], self.query["offset"]
        found = cut(jobs.scheduled(self.query.get("q", "")), offset=offset, limit=limit)
        data = [ScheduledJobSerializer(job).data for job in jobs.register(found.rows)]
        return Response(by_offset(data, offset=offset, limit=limit, total=found.total))


class RunJob(PlatformView):
    """POST /admin/jobs/{job_name}/run."""

    @extend_schema(
        operation_id="admin_jobs_run",
        tags=TAGS,
        summary="Run a scheduled task at once",
        description="Sends it to its queue, beside its schedule. 409 for one that is switched off. Audited.",
        parameters=[JOB_NAME],
        request=None,
        responses={202: ScheduledJobSerializer, **errors(409)},
    )
    def post(self, request: Request, job_name: str) -> Response:
        bodies.read(bodies.NoFields, request)
        return Response(ScheduledJobSerializer(jobs.run_now(job_name, self.admin)).data, status=HTTPStatus.ACCEPTED)

    def locate(self, **kwargs: Any) -> None:
        """Names of jobs are no ids."""
