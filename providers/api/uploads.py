"""POST /users/{user_id}/import/apple/xml/s3, POST …/imports/{job_id}/complete, and PUT /uploads/{token}."""

from http import HTTPStatus
from typing import ClassVar, Final

from django.conf import settings
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.views import EndUserView
from providers.api.imports import find_job
from providers.api.schema import upload_shapes as shapes
from providers.api.schema.import_shapes import ImportAcceptedSerializer
from providers.imports import arrivals, tasks
from providers.models import ImportJob
from wearlink.lib.api import bodies
from wearlink.lib.api.openapi import errors
from wearlink.lib.api.parsing import RawParser
from wearlink.lib.api.views import TenantView
from wearlink.lib.clock import rfc3339, to_ms
from wearlink.lib.errors import Conflict
from wearlink.lib.web import signed_puts

_TAGS: Final = ["Imports"]


class UploadLinkView(EndUserView):
    """A link for a large file; the route says which kind of file it takes."""

    kind: str = ""

    @extend_schema(
        operation_id="import_apple_xml_s3",
        tags=_TAGS,
        summary="Get a link for a large Apple Health export",
        description=(
            "Answers a link by which the file goes straight to the object store, up to 5 GB: PUT it there as the body. "
            "The import begins by itself once the store reports the file; where yours does not, call "
            "POST /users/{user_id}/imports/{job_id}/complete. A file that is not reported is found within minutes. "
            "With `file_size_bytes` the link takes a file of exactly that size. One file a link; what is PUT again "
            "before it is read replaces it, and fails the import afterwards. 429 with code `backlog`: ten links wait."
        ),
        request=shapes.UploadLinkSerializer,
        examples=[shapes.SIZED, shapes.NAMED],
        responses={202: OpenApiResponse(shapes.UploadLinkAnswerSerializer, examples=[shapes.LINK]), **errors(413)},
    )
    def post(self, request: Request, user_id: str) -> Response:
        """Open an import, answer where its file goes."""
        body = bodies.read(shapes.UploadLinkSerializer, request)
        wanted = arrivals.WantedUpload(
            user_key=self.end_user.key,
            organization_id=self.organization.pk,
            kind=self.kind,
            size=body.get("file_size_bytes"),
            seconds=body["expiration_seconds"],
        )
        job, signed = arrivals.offer(wanted)
        answer = {
            "presigned_put_url": signed.url,
            "key": job.object_key,
            "id": str(job.job_id),
            "job_id": str(job.job_id),
            "user_id": str(self.end_user.id),
            "status": job.status,
            "awaiting_upload": job.awaits_upload,
            "expires_at": rfc3339(to_ms(signed.expires_at)),
            "required_headers": dict(signed.headers),
            "max_size_bytes": settings.IMPORT_MAX_OBJECT_BYTES,
        }
        return Response(answer, status=HTTPStatus.ACCEPTED)


class UploadCompletedView(EndUserView):
    """POST …/imports/uploads/{key}/completed, for senders whose object store announces no new objects."""

    @extend_schema(
        operation_id="complete_import_upload",
        tags=_TAGS,
        summary="Tell that an upload has arrived",
        description=(
            "Looks for the file and begins the import. Calling it again, or after the store has reported the file, "
            "changes nothing. 409 with code `not_uploaded`: no file is there (yet)."
        ),
        request=None,
        responses={202: OpenApiResponse(ImportAcceptedSerializer, examples=[shapes.COMPLETED]), **errors(409)},
    )
    def post(self, request: Request, user_id: str, job_id: str) -> Response:
        bodies.read(bodies.NoFields, request)
        job = arrived(find_job(self.end_user, job_id))
        return Response(_accepted(job, str(self.end_user.id)), status=HTTPStatus.ACCEPTED)


def arrived(job: ImportJob) -> ImportJob:
    """Look for the file of an import, and begin. Raises Conflict where it is not there, StoreUnavailable."""
    if job.awaits_upload:
        if arrivals.settle(job):
            tasks.enqueue(job)
        job.refresh_from_db()
    if job.awaits_upload:
        raise Conflict("No file has arrived by the link yet. PUT it there first.", code="not_uploaded")
    return job


class UploadView(TenantView):
    """PUT of a file where objects lie in a directory of ours. No key: the link is the permission."""

    callers: ClassVar[frozenset[str]] = frozenset()
    parser_classes = (RawParser,)

    @extend_schema(
        operation_id="put_upload",
        tags=_TAGS,
        summary="Send a file by a link",
        description=(
            "The address in `presigned_put_url` where this installation has no S3 bucket. The body is the file and "
            "nothing else; the answer comes when it is stored, and the import begins. One file a link."
        ),
        request={"application/octet-stream": {"type": "string", "format": "binary"}},
        responses={
            200: OpenApiResponse(shapes.UploadStoredSerializer, examples=[shapes.STORED]),
            **errors(400, 401, 409, 413, 503),
        },
    )
    def put(self, request: Request, token: str) -> Response:
        plain = request._request
        body = signed_puts.taken(plain.META, plain, token)
        try:
            job = arrivals.receive(body)
        finally:
            signed_puts.discard(body)
        if job.state == ImportJob.State.QUEUED:
            tasks.enqueue(job)
        return Response({"id": str(job.job_id), "job_id": str(job.job_id), "status": job.status})


def _accepted(job: ImportJob, user_id: str) -> dict[str, str]:
    return {"id": str(job.job_id), "job_id": str(job.job_id), "status": job.status, "user_id": user_id}
