"""Archives: which entry is the export, and what is not unpacked."""

import io
import os
import struct
import zipfile

import pytest

from healthdata.records import Sample
from providers.adapters.apple.export import archive, directory
from providers.adapters.apple.export import export as reading
from providers.adapters.apple.export.export import AppleExport, Bounds
from providers.contract import RefusedFile
from tests.providers.exports import Read, element, export, heart_rates, metadata, record, workout, zipped
from wearlink.lib.storage.ranged import RangedFile

CDA = b'<?xml version="1.0"?><ClinicalDocument xmlns="urn:hl7-org:v3"/><ClinicalDocument/>'
GPX = (
    b'<?xml version="1.0" encoding="UTF-8"?><gpx xmlns="http://www.topografix.com/GPX/1/1"><trk><trkseg>'
    b'<trkpt lon="21.0122" lat="52.2296"><ele>110.5</ele><time>2026-04-15T06:00:01Z</time>'
    b"<extensions><speed>2.4</speed></extensions></trkpt>"
    b'<trkpt lon="21.0130" lat="52.2300"><time>2026-04-15T06:00:02Z</time></trkpt>'
    b'<trkpt lon="21.0130" lat="99"><time>2026-04-15T06:00:03Z</time></trkpt></trkseg></trk></gpx>'
)
ROUTE = element("WorkoutRoute", element("FileReference", path="/workout-routes/route_1.gpx"), sourceName="x")


def code(content: bytes, expanded: int = 10**9) -> str:
    """Return why an archive is refused."""
    with pytest.raises(RefusedFile) as refused:
        Read(content, expanded=expanded)
    return refused.value.code


def places(read: Read) -> list[tuple[str, float]]:
    return [(row.series, row.value) for row in read.records if isinstance(row, Sample)]


@pytest.mark.parametrize("name", ["export.xml", "Export.xml", "exportación.xml", "导出.xml", "anything"])
def test_the_export_is_found_by_its_content(name: str) -> None:
    read = Read(zipped({
        "apple_health_export/export_cda.xml": CDA,
        f"apple_health_export/{name}": export(heart_rates(3)),
        f"__MACOSX/apple_health_export/._{name}": export(heart_rates(100)),
        "apple_health_export/._export.xml": export(heart_rates(100)),
        "apple_health_export/electrocardiograms/ecg_2026-04-15.csv": b"Name,x\n",
    }))  # fmt: skip
    assert len(read.records) == 3


def test_of_two_exports_the_larger_counts() -> None:
    read = Read(zipped({"a/export.xml": export(heart_rates(1)), "b/whatever.bin": export(heart_rates(5))}))
    assert len(read.records) == 5


def test_a_stored_archive_and_one_with_a_comment_are_read() -> None:
    assert len(Read(zipped({"export.xml": export(record())}, zipfile.ZIP_STORED)).records) == 1
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        made.comment = b"from my phone"
        made.writestr("export.xml", export(record()))
    assert len(Read(file.getvalue()).records) == 1


def test_a_zip64_archive_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zipfile, "ZIP_FILECOUNT_LIMIT", 1)  # so that two entries already need the larger format
    content = zipped({"export.xml": export(record()), "other.txt": b"x"})
    assert b"PK\x06\x06" in content
    assert len(Read(content).records) == 1


def test_an_entry_in_the_larger_format_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", 1000)  # instead of 4 GB
    content = zipped({"export.xml": export(heart_rates(50))})
    assert content.count(b"\x01\x00\x10\x00") >= 1  # the extra field with both sizes
    assert len(Read(content).records) == 50


def test_thousands_of_routes_are_not_looked_into_for_the_export() -> None:
    """Count look-ups: where the archive lies in a bucket, each is a call."""
    routes = {f"x/workout-routes/route_{number}.gpx": os.urandom(3_000) for number in range(1_500)}
    content = zipped({**routes, "x/export.xml": export(heart_rates(50_000))})
    fetched: list[int] = []

    def fetch(first: int, end: int) -> io.BytesIO:
        fetched.append(end - first)
        return io.BytesIO(content[first:end])

    AppleExport(io.BufferedReader(RangedFile(len(content), fetch)), Bounds(10**9))
    assert len(fetched) < 12


def test_archives_without_an_export_say_why() -> None:
    inner = zipped({"export.xml": export(record())})
    assert code(zipped({"readme.txt": b"hello"})) == "no_export"
    assert code(zipped({})) == "no_export"
    assert code(zipped({"export_cda.xml": CDA})) == "no_export"
    assert code(zipped({"export.zip": inner})) == "nested_archive"
    assert code(zipped({"export.xml": export(record())}, zipfile.ZIP_LZMA)) == "no_export"


def test_an_encrypted_archive_is_refused() -> None:
    content = bytearray(zipped({"export.xml": export(record())}, zipfile.ZIP_STORED))
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.index(mark) + place
        content[at] |= 1
    assert code(bytes(content)) == "encrypted"


def test_as_tight_as_deflate_packs_is_a_bomb_by_what_comes_out() -> None:
    bomb = export(" " * 40_000_000)
    content = zipped({"export.xml": bomb})
    assert len(content) * 900 < len(bomb)
    assert code(content) == "zip_bomb"


def test_a_method_that_packs_still_tighter_is_not_unpacked_at_all() -> None:
    """Deflate ends at 1,032 to one; of bzip2 40 MB fit into less than 4 kB."""
    bomb = export(" " * 40_000_000)
    content = zipped({"export.xml": bomb}, zipfile.ZIP_BZIP2)
    assert len(content) * 10_000 < len(bomb)
    assert code(content) == "no_export"


def test_headers_that_lie_about_the_size_do_not_help_a_bomb() -> None:
    bomb = export(" " * 40_000_000)
    content = bytearray(zipped({"export.xml": bomb}))
    at = content.index(b"PK\x01\x02") + 20
    content[at : at + 4] = struct.pack("<I", 0xFFFFFF)  # packed size
    assert code(bytes(content)) in ("zip_bomb", "damaged_archive")
    content[at + 4 : at + 8] = struct.pack("<I", 1000)  # unpacked size
    assert code(bytes(content)) == "damaged_archive"


def test_more_comes_out_than_is_allowed() -> None:
    content = export(heart_rates(3000))
    assert code(zipped({"export.xml": content}), expanded=100_000) == "expanded_too_large"
    assert code(content, expanded=100_000) == "expanded_too_large"


def test_an_archive_of_very_many_entries_is_refused_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(directory, "MAX_ENTRIES", 50)
    monkeypatch.setattr(archive, "zipfile", None)
    assert code(zipped({f"{number}": b"" for number in range(51)})) == "too_many_entries"


def test_a_directory_that_claims_to_be_huge_is_refused() -> None:
    content = bytearray(zipped({"export.xml": export(record())}))
    at = content.rindex(b"PK\x05\x06") + 12
    content[at : at + 4] = struct.pack("<I", 0x7FFFFFFF)
    assert code(bytes(content)) == "too_many_entries"


@pytest.mark.parametrize("keep", [0.2, 0.5, 0.9, 0.999])
def test_an_archive_that_is_cut_off_is_refused(keep: float) -> None:
    content = zipped({"export.xml": export(heart_rates(2000))})
    assert code(content[: int(len(content) * keep)]) == "damaged_archive"


def test_an_archive_with_flipped_bits_is_refused() -> None:
    content = bytearray(zipped({"export.xml": export(heart_rates(20_000))}))
    for at in range(len(content) // 2, len(content) // 2 + 40):
        content[at] ^= 0x55
    assert code(bytes(content)) == "damaged_archive"


def test_what_is_neither_xml_nor_zip_is_refused() -> None:
    assert code(b"%PDF-1.7") == "unknown_format"
    assert code(b"") == "unknown_format"


def test_the_route_of_a_workout_comes_from_the_archive() -> None:
    read = Read(zipped({"x/export.xml": export(workout(ROUTE)), "x/workout-routes/route_1.gpx": GPX}))
    assert places(read) == [
        ("latitude", 52.2296), ("latitude", 52.23), ("longitude", 21.0122), ("longitude", 21.013), ("altitude", 110.5),
    ]  # fmt: skip
    assert read.reasons == [("latitude", "out_of_range")]
    assert {row.source.model for row in read.records} == {"Watch6,3"}


@pytest.mark.parametrize(
    "gpx",
    [b"<html/>", b"<!DOCTYPE gpx [<!ENTITY a 'b'>]>" + GPX[38:], b"\x00\x01", GPX.decode().encode("utf-16")],
)
def test_a_route_that_is_none_costs_the_workout_nothing(gpx: bytes) -> None:
    read = Read(zipped({"x/export.xml": export(workout(ROUTE)), "x/workout-routes/route_1.gpx": gpx}))
    assert places(read) == []
    assert read.reasons == [("path", "no_route_file")]
    assert len(read.records) == 1


@pytest.mark.parametrize("path", ["../../etc/passwd", "/etc/passwd", "workout-routes/../export.xml", ""])
def test_a_route_is_nothing_but_an_entry_of_the_archive(path: str) -> None:
    reference = element("WorkoutRoute", element("FileReference", path=path))
    read = Read(zipped({"x/export.xml": export(workout(reference)), "x/workout-routes/route_1.gpx": GPX}))
    assert read.reasons == [("path", "no_route_file")]


def test_the_locations_of_old_exports_are_a_route() -> None:
    points = element("Location", date="2019-06-02 10:00:01 +0100", latitude="51.5", longitude="-0.1", altitude="12")
    read = Read(export(workout(element("WorkoutRoute", points + metadata("x", "y")))))
    assert places(read) == [("latitude", 51.5), ("longitude", -0.1), ("altitude", 12.0)]


def track(points: int) -> bytes:
    """Return a route of so many points, a second apart."""
    rows = b"".join(
        b'<trkpt lon="21.0122" lat="52.2296"><time>2026-04-15T%02d:%02d:%02dZ</time></trkpt>'
        % (n // 3600, n // 60 % 60, n % 60)
        for n in range(points)
    )
    return (
        b'<?xml version="1.0"?><gpx xmlns="http://www.topografix.com/GPX/1/1"><trk><trkseg>'
        + rows
        + (b"</trkseg></trk></gpx>")
    )


def test_a_route_that_is_named_many_times_is_read_once() -> None:
    name = element("FileReference", path="/workout-routes/route_1.gpx")
    read = Read(
        zipped(
            {"x/export.xml": export(workout(element("WorkoutRoute", name * 4))), "x/workout-routes/route_1.gpx": GPX}
        )
    )
    assert len(places(read)) == 5
    assert read.reasons.count(("path", "no_route_file")) == 3


def test_a_route_that_expands_beyond_any_real_one_is_left_out() -> None:
    bomb = GPX.replace(b"<trkseg>", b"<trkseg>" + b" " * 3_000_000)
    read = Read(zipped({"x/export.xml": export(workout(ROUTE)), "x/workout-routes/route_1.gpx": bomb}))
    assert places(read) == []
    assert read.reasons == [("path", "no_route_file")]


def test_of_a_workouts_route_only_so_many_points_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_POINTS", 300)
    names = "".join(element("FileReference", path=f"/workout-routes/route_{n}.gpx") for n in range(3))
    files = {f"x/workout-routes/route_{n}.gpx": track(200) for n in range(3)}
    read = Read(zipped({"x/export.xml": export(workout(element("WorkoutRoute", names))), **files}))
    assert 0 < len(places(read)) <= 2 * 300
