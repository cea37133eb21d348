"""An end user's data as files: archives that are made and downloaded, and Apple Health exports that are taken in."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlsplit

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse, HttpResponseBase
from django.urls import reverse

from accounts.exports import contract, requests
from accounts.exports.api import shapes as export_shapes
from accounts.exports.api.answers import ArchiveAnswer, FileBlocks, archive_headers
from accounts.exports.contract import ExportFormat
from accounts.exports.models import DataExport
from accounts.exports.options import ExportOptions
from accounts.models import EndUser
from adminportal.dashboard import acts
from adminportal.dashboard.calls import ApiCall
from adminportal.dashboard.end_users.end_user import find, show_tab
from adminportal.dashboard.shell import TenantRequest, page, show_part, wants_part
from adminportal.dashboard.submissions import FormField, SubmittedForm
from providers.api.imports import find_job
from providers.api.schema.upload_shapes import UploadLinkSerializer
from providers.api.uploads import arrived
from providers.imports import arrivals, tasks, uploads
from providers.models import ImportJob
from wearlink.lib.errors import InvalidInput
from wearlink.lib.web.signed_puts import SignedPut

ROWS_SHOWN: Final = 10
KIND: Final = "apple_xml"
JOB_TONES: Final = {
    "queued": ("info", "queued"),
    "running": ("info", "going on"),
    "done": ("ok", "done"),
    "done_with_errors": ("warn", "done, with gaps"),
    "failed": ("bad", "failed"),
}
DOWNLOAD_TONES: Final = {
    "ready": ("ok", "ready"),
    "downloaded": ("idle", "downloaded"),
    "expired": ("idle", "expired"),
}
FIELDS: Final = (
    FormField("series", "Only these series", help="Such as heart_rate, steps: samples of these alone. Empty: all."),
    FormField("start_date", "First day", "date", "A local day of the end user. Empty: from the beginning."),
    FormField("end_date", "Last day", "date", "Included. Empty: up to now."),
    FormField(
        "format", "Samples as", "select", "Everything else is NDJSON: one JSON object a line.", required=True,
        choices=[(one.value, one.value.upper()) for one in ExportFormat],
    ),
)  # fmt: skip


LINK_FIELDS: Final = (
    FormField("file_size_bytes", "Size of the file in bytes", "number", "The link then takes no other. Empty: any."),
    FormField("expiration_seconds", "Good for so many seconds", "number", "60 to 3,600. Empty: an hour."),
)


@dataclass(frozen=True, slots=True)
class UploadOffer:
    """An import that waits for its file, and where that goes."""

    job: ImportJob
    put: SignedPut

    @property
    def curl(self) -> str:
        """The call that sends the file; the link is the permission."""
        return f"curl -T export.zip {shlex.quote(self.put.url)}"


@dataclass(frozen=True, slots=True)
class ShownExport:
    """An export as the page draws it; href: where the browser downloads it, empty unless it is ready."""

    row: DataExport
    tone: str
    word: str
    href: str
    holds: str


@dataclass(frozen=True, slots=True)
class ShownImport:
    """An import as the page draws it. share: per cent of the file that was read, None before anything is known."""

    row: ImportJob
    tone: str
    word: str
    share: float | None
    refused: int


@page(section="end-users")
def files(request: TenantRequest, user_id: str) -> HttpResponse:
    """Return both forms and both lists; to htmx the lists alone, which the page asks for while something goes on."""
    user = find(request, user_id)
    if wants_part(request):
        return show_part(request, "end_users/file_jobs", {"user": user, **_jobs(user)})
    return _show(request, user, SubmittedForm(FIELDS, None))


@page("POST", section="end-users")
def ask_for_export(request: TenantRequest, user_id: str) -> HttpResponse:
    user = find(request, user_id)
    form = SubmittedForm(FIELDS, request.POST)
    if form.is_double:
        return acts.done(request, "This export was asked for already.", _back(user), audited=False)
    with form.judged():
        requests.queue(user, _options(form), request.actor)
    if form.is_accepted:
        return acts.done(request, "The export is being made; its download appears below when it is ready.", _back(user))
    return _show(request, user, form)


@page("POST", section="end-users")
def export_now(request: TenantRequest, user_id: str) -> HttpResponseBase:
    """Return the archive itself, where there is little to put into it."""
    user = find(request, user_id)
    form = SubmittedForm(FIELDS, request.POST)
    with form.judged():
        file = requests.make_now(user, _options(form), request.actor)
        size = file.seek(0, 2)
        file.seek(0)
        return ArchiveAnswer(FileBlocks(file), headers=archive_headers(size))
    return _show(request, user, form)


@page("POST", section="end-users")
def receive_import(request: TenantRequest, user_id: str) -> HttpResponse:
    """Keep an Apple Health export, which a worker reads."""
    user = find(request, user_id)

    def do() -> ImportJob:
        file = request.FILES.get(uploads.FIELD)
        if not isinstance(file, UploadedFile):
            raise InvalidInput.on(uploads.FIELD, "Choose a file first: the export.zip that the Health app makes.")
        uploads.check_size(file.size or 0)
        job = uploads.receive(uploads.UploadedImport(user.key, request.organization.pk, KIND, file, file.size or 0))
        tasks.enqueue(job)
        return job

    words = "The file is stored and is being read; its progress is shown below."
    return acts.carry_out(request, do, lambda _: words, _back(user), audited=False)


@page("POST", section="end-users")
def offer_link(request: TenantRequest, user_id: str) -> HttpResponse:
    """Sign a link for a large file, which the answer shows; anybody who has it may send the file."""
    user = find(request, user_id)
    form = SubmittedForm(LINK_FIELDS, request.POST)
    if form.is_double:
        return acts.done(request, "This link was made already; ask for another.", _back(user), audited=False)
    offered: UploadOffer | None = None
    with form.judged():
        asked = {name: form.text(name) for name in ("file_size_bytes", "expiration_seconds") if form.text(name)}
        body = form.read(UploadLinkSerializer, asked)
        wanted = arrivals.WantedUpload(
            user.key, request.organization.pk, KIND, body.get("file_size_bytes"), body["expiration_seconds"]
        )
        offered = UploadOffer(*arrivals.offer(wanted))
    return _show(request, user, SubmittedForm(FIELDS, None), link_form=form, offered=offered)


@page("POST", section="end-users")
def look_for_upload(request: TenantRequest, user_id: str, job_id: str) -> HttpResponse:
    """Begin the import of a file that came by a link."""
    user = find(request, user_id)
    job = find_job(user, job_id)
    words = "The file is there and is being read."
    return acts.carry_out(request, lambda: arrived(job), lambda _: words, _back(user), audited=False)


def _back(user: EndUser) -> str:
    return reverse("dashboard:files", args=[user.id])


def _options(form: SubmittedForm) -> ExportOptions:
    """Return what the form asks for. Raises as the API does."""
    series = [name for name in form.text("series").replace(",", " ").split() if name]
    asked: dict[str, Any] = {name: form.text(name) for name in ("start_date", "end_date", "format") if form.text(name)}
    chosen = form.chosen("types")
    if not chosen and not series:
        raise InvalidInput.on("types", "Choose at least one type of data.")
    if series or (chosen and len(chosen) < len(contract.parts())):
        kept = [name for name in chosen if not series or name != "samples"]
        asked["types"] = ",".join([*kept, *series])
    return export_shapes.options_of(form.read(export_shapes.ExportQuery, asked))


def _show(
    request: TenantRequest,
    user: EndUser,
    form: SubmittedForm,
    *,
    link_form: SubmittedForm | None = None,
    offered: UploadOffer | None = None,
) -> HttpResponse:
    chosen = form.chosen("types") if form.is_sent else [part.name for part in contract.parts()]
    links = link_form or SubmittedForm(LINK_FIELDS, None)
    refused = form.is_sent or (links.is_sent and offered is None)
    context = {
        "form": form,
        "link_form": links,
        "offered": offered,
        "types": [(part.name, part.name in chosen) for part in contract.parts()],
        "most_mb": settings.IMPORT_MAX_UPLOAD_BYTES // 1024**2,
        "most_rows": requests.IN_BAND_ROWS,
        **_jobs(user),
    }
    context["calls"] = _calls(user, context["exports"], context["imports"])
    return show_tab(request, user, "files", context, status=HTTPStatus.BAD_REQUEST if refused else HTTPStatus.OK)


def _calls(user: EndUser, exports: Sequence[ShownExport], imports: Sequence[ShownImport]) -> list[ApiCall]:
    """Return it with the ids of the newest export and import, where there is one."""
    path, large = f"/api/v1/users/{user.id}", {"file_size_bytes": 734_003_200}
    export = exports[0].row.id if exports else "EXPORT_ID"
    job = imports[0].row.job_id if imports else "JOB_ID"
    types = {"types": "profile,sleep"}
    return [
        ApiCall("POST", f"{path}/export", "download an export at once", query=types),
        ApiCall("POST", f"{path}/export/async", "ask for an export", query=types),
        ApiCall("GET", f"{path}/exports", "list exports with their links"),
        ApiCall("GET", f"{path}/exports/{export}", "see how far an export is"),
        ApiCall("POST", f"{path}/import/apple/xml/direct", "import a file", file="export.zip"),
        ApiCall("POST", f"{path}/import/apple/xml/s3", "get a link for a large import", large),
        ApiCall("POST", f"{path}/imports/{job}/complete", "report that the file has arrived"),
        ApiCall("GET", f"{path}/imports", "list imports"),
        ApiCall("GET", f"{path}/imports/{job}", "see how far an import is"),
    ]


def _jobs(user: EndUser) -> dict[str, Any]:
    """Return both lists, and whether something in them goes on."""
    rows = DataExport.objects.for_user(user.key).defer("members", "parts").order_by("-key")[:ROWS_SHOWN]
    jobs = ImportJob.objects.for_user(user.key).order_by("-id")[:ROWS_SHOWN]
    exports, imports = [_export(row) for row in rows], [_import(row) for row in jobs]
    return {"exports": exports, "imports": imports, "is_going_on": _goes_on(exports) or _goes_on(imports)}


def _goes_on(rows: Sequence[ShownExport | ShownImport]) -> bool:
    return any(one.row.status in ("queued", "running") for one in rows)


def _export(row: DataExport) -> ShownExport:
    one = export_shapes.shown(row)
    tone, word = DOWNLOAD_TONES.get(str(one["download_state"]), JOB_TONES[row.status])
    href = urlsplit(one["download_url"] or "").path
    whole = len(one["types"]) == len(contract.parts()) and not one["series"]
    holds = "everything" if whole else ", ".join(one["series"] or one["types"]).replace("_", " ")
    return ShownExport(row, tone, word, href, holds)


def _import(row: ImportJob) -> ShownImport:
    tone, word = ("info", "waits for its file") if row.awaits_upload else JOB_TONES[row.status]
    share = 100 * row.bytes_read / row.bytes_total if row.bytes_total else None
    return ShownImport(row, tone, word, share, sum(row.rejected.values()))
