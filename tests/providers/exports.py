"""Apple Health exports for the tests of this package: built from pieces, zipped, read without a database."""

import io
import os
import zipfile
from collections.abc import Iterator, Mapping
from html import escape
from pathlib import Path

from accounts.models import EndUser
from healthdata.catalogue import SERIES, SeriesKind
from healthdata.days import ZoneHistory
from healthdata.records import NO_ZONE, Record, Rejected, Sample
from providers.adapters.apple.export.export import AppleExport, Bounds, ExportNormaliser
from providers.contract import Context, FileFault, RecordSlice
from providers.imports import jobs, uploads
from providers.models import ImportJob

FIXTURES = Path(os.path.dirname(__file__)) / "fixtures"
RECEIVED = 1_776_470_400_000  # 2026-04-18T00:00:00Z
WATCH = (
    "<<HKDevice: 0x300000001>, name:Apple Watch, manufacturer:Apple Inc., model:Watch, hardware:Watch6,3, software:10>"
)
HEART_RATE = "HKQuantityTypeIdentifierHeartRate"
SLEEP = "HKCategoryTypeIdentifierSleepAnalysis"
PROLOG = '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE HealthData [\n<!ELEMENT HealthData ANY>\n]>\n'


def element(tag: str, inner: str = "", **attributes: object) -> str:
    """Return one element; attributes that are None are left out."""
    text = "".join(f' {name}="{escape(str(value))}"' for name, value in attributes.items() if value is not None)
    return f"<{tag}{text}>{inner}</{tag}>\n" if inner else f"<{tag}{text}/>\n"


def record(inner: str = "", **attributes: object) -> str:
    """Return a heart rate of the watch, but for what is given."""
    defaults: dict[str, object] = {
        "type": HEART_RATE,
        "sourceName": "Sam’s Apple Watch",
        "device": WATCH,
        "unit": "count/min",
        "startDate": "2026-04-15 08:30:00 +0200",
        "endDate": "2026-04-15 08:30:00 +0200",
        "value": 72,
    }
    return element("Record", inner, **{**defaults, **attributes})


def heart_rates(count: int, first: int = 0) -> str:
    """Return one reading a minute from 06:00 UTC on; the value tells the minute."""
    rows = []
    for n in range(first, first + count):
        at = f"2026-04-{15 + n // 1440:02} {n // 60 % 24:02}:{n % 60:02}:00 +0000"
        rows.append(record(startDate=at, endDate=at, value=60 + n % 60))
    return "".join(rows)


def workout(inner: str = "", **attributes: object) -> str:
    """Return a run of 35 minutes, but for what is given."""
    defaults: dict[str, object] = {
        "workoutActivityType": "HKWorkoutActivityTypeRunning",
        "sourceName": "Sam’s Apple Watch",
        "device": WATCH,
        "duration": "33.5",
        "durationUnit": "min",
        "startDate": "2026-04-15 08:00:00 +0200",
        "endDate": "2026-04-15 08:35:00 +0200",
    }
    return element("Workout", inner, **{**defaults, **attributes})


def metadata(key: str, value: str) -> str:
    return element("MetadataEntry", key=key, value=value)


def export(*elements: str, prolog: str = PROLOG) -> bytes:
    return f'{prolog}<HealthData locale="en_PL">\n{"".join(elements)}</HealthData>\n'.encode()


def zipped(entries: Mapping[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return file.getvalue()


def fixture(name: str) -> bytes:
    return (FIXTURES / name).read_bytes()


def samples_of(part: RecordSlice) -> Iterator[Sample]:
    """Yield the samples of a slice one by one."""
    for columns in part.columns:
        rows = zip(columns.starts, columns.values, columns.durations, columns.zones, strict=True)
        interval = SERIES[columns.series].kind is SeriesKind.INTERVAL
        for start, value, duration, zone in rows:
            lasts = duration if duration or interval else None
            yield Sample(columns.source, columns.series, start, value, lasts, None if zone == NO_ZONE else zone)


class Read:
    """The records, refusals and faults read from an export."""

    def __init__(self, content: bytes, *, zone: str = "UTC", skip: int = 0, expanded: int = 10**9) -> None:
        opened = AppleExport(io.BytesIO(content), Bounds(expanded))
        context = Context(RECEIVED, ZoneHistory(((0, zone),)), zone_is_set=zone != "UTC")
        self.records: list[Record] = []
        self.rejected: list[Rejected] = []
        self.faults: list[FileFault] = []
        for part in map(ExportNormaliser(context), opened.slices(context, skip=skip)):
            self.records += [*samples_of(part), *part.records]
            self.rejected += part.rejected
            self.position = part.position
            self.faults = part.faults

    @property
    def only(self) -> Record:
        (found,) = self.records
        return found

    @property
    def reasons(self) -> list[tuple[str, str]]:
        return [(item.field, item.reason) for item in self.rejected]


def receive(user: EndUser, content: bytes) -> ImportJob:
    """Store a file as the upload does."""
    return uploads.receive(
        uploads.UploadedImport(user.key, user.organization_id, "apple_xml", io.BytesIO(content), len(content))
    )


def imported(user: EndUser, content: bytes) -> ImportJob:
    """Store a file, import it, and say what came of it."""
    job = receive(user, content)
    jobs.run(job.job_id)
    job.refresh_from_db()
    return job
