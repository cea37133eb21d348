"""POST /users/{user_id}/import/apple/xml/direct, GET /users/{user_id}/imports and …/imports/{job_id}."""

from http import HTTPStatus
from typing import Any, Final
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.http import UnreadablePostError
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.views import EndUserView
from accounts.models import EndUser
from providers.api.schema import import_shapes as shapes
from providers.imports import tasks, uploads
from providers.models import ImportJob
from wearlink.lib.api.openapi import errors
from wearlink.lib.api.pagination import PageQuery
from wearlink.lib.errors import InvalidInput, NotFound, Unavailable

_ENVELOPE: Final = 64 * 1024  # what a form adds to the file in it
_TAGS: Final = ["Imports"]


class DirectImportView(EndUserView):
    """Upload of an Apple Health export; the route says which kind of file it takes."""

    kind: str = ""
    parser_classes = (MultiPartParser,)

    @extend_schema(
        operation_id="import_apple_xml_direct",
        tags=_TAGS,
        summary="Import an Apple Health export",
        description=(
            "Takes what the Health app makes (profile picture, Export All Health Data): the ZIP archive, or the XML in "
            "it, up to 50 MB. The file is stored and the call answers at once; GET /users/{user_id}/imports/{job_id} "
            "shows how far it is. Everything that came before, by an earlier import or from the phone, is recognised: "
            "importing twice changes nothing. 429 with code `backlog` means that ten imports of this user wait."
        ),
        request={"multipart/form-data": shapes.ImportUploadSerializer},
        responses={202: OpenApiResponse(shapes.ImportAcceptedSerializer, examples=[shapes.ACCEPTED]), **errors(503)},
    )
    def post(self, request: Request, user_id: str) -> Response:
        file = _file(request)
        job = uploads.receive(
            uploads.UploadedImport(
                user_key=self.end_user.key,
                organization_id=self.organization.pk,
                kind=self.kind,
                file=file,
                size=file.size or 0,
            )
        )
        tasks.enqueue(job)
        identity = str(job.job_id)
        answer = {"id": identity, "job_id": identity, "status": job.status, "user_id": str(self.end_user.id)}
        return Response(answer, status=HTTPStatus.ACCEPTED)


def _file(request: Request) -> "UploadedFile[Any]":
    """Return the file of the form, on disk where it is large. Raises TooLarge, InvalidInput, Unavailable."""
    content_length = request.META.get("CONTENT_LENGTH") or "0"
    uploads.check_size(int(content_length) - _ENVELOPE if content_length.isdecimal() else 0)
    try:
        found = request.FILES.get(uploads.FIELD) or request.POST.get(uploads.FIELD)
    except UnreadablePostError:  # the client has gone
        raise
    except OSError as error:
        _discard(request)
        raise Unavailable("The server has no room for the file at the moment. Please try again.") from error
    if not isinstance(found, UploadedFile):
        reason = "This field is required." if found is None else "Must be a file."
        raise InvalidInput.on(
            uploads.FIELD, f"{reason} Send the export as multipart/form-data, as in -F file=@export.zip."
        )
    uploads.check_size(found.size or 0)
    return found


def _discard(request: Request) -> None:
    """Delete what was written of a file that did not fit, at once: the disk is full."""
    for handler in request._request.upload_handlers:
        file = getattr(handler, "file", None)
        if file is not None:
            file.close()


class ImportListView(EndUserView):
    """The imports of an end user."""

    query_class = PageQuery

    @extend_schema(
        operation_id="list_imports",
        tags=_TAGS,
        summary="List imports",
        description="Newest first.",
        responses={200: OpenApiResponse(shapes.ImportPageSerializer, examples=[shapes.PAGE])},
    )
    def get(self, request: Request, user_id: str) -> Response:
        rows = ImportJob.objects.for_user(self.end_user.key).order_by("-id")
        return self.paginated(rows, lambda found: [shapes.shown(job, str(self.end_user.id)) for job in found])


class ImportView(EndUserView):
    @extend_schema(
        operation_id="get_import",
        tags=_TAGS,
        summary="How far an import is",
        description=(
            "queued and running are on their way; done took everything we keep; done_with_errors took what it "
            "could, and `warnings` and `rejected` say what is missing, where and why; failed says why in `error`. A "
            "file that must not be read (not an export, entities, a zip bomb, a damaged archive) fails before anything "
            "of it is stored."
        ),
        responses={200: OpenApiResponse(shapes.ImportJobSerializer, examples=[shapes.RUNNING])},
    )
    def get(self, request: Request, user_id: str, job_id: str) -> Response:
        return Response(shapes.shown(find_job(self.end_user, job_id), str(self.end_user.id)))


def find_job(end_user: EndUser, text: str) -> ImportJob:
    """Return an import of this end user by its id in a URL. Raises NotFound."""
    try:
        job_id = UUID(text)
    except ValueError as error:
        raise NotFound("Import not found") from error
    job = ImportJob.objects.for_user(end_user.key).filter(job_id=job_id).first()
    if job is None:
        raise NotFound("Import not found")
    return job
