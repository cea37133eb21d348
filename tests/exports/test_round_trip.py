"""An export, taken into an empty account, gives the same answers but for ids."""

import re
import zipfile
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.models import EndUser
from tests import factories
from tests.exports.conftest import DownloadedArchive
from tests.exports.full_life import reads

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
#: What follows from the moment of storing, and from ids.
OF_THE_MOMENT = {"revision", "revised_at", "next_cursor", "samples", "created_at", "updated_at"}


def without_ids(value: Any) -> Any:
    """Return the same answer where ids are all the same."""
    if isinstance(value, dict):
        return {UUID.sub("id", name): without_ids(inner) for name, inner in value.items() if name not in OF_THE_MOMENT}
    if isinstance(value, list):
        return sorted((without_ids(one) for one in value), key=str)
    return UUID.sub("id", value) if isinstance(value, str) else value


@pytest.fixture
def june(jane: EndUser) -> EndUser:
    """An empty account of another organization."""
    return factories.end_user(factories.charlie().organization, time_zone="UTC")


@pytest.fixture
def file(archive: DownloadedArchive, tmp_path: Path) -> Path:
    path = tmp_path / "export.zip"
    path.write_bytes(archive.data)
    return path


def imported(file: Path, user: EndUser) -> str:
    out = StringIO()
    call_command("import_export", file, user=str(user.id), stdout=out)
    return out.getvalue()


def test_an_export_taken_into_an_empty_account_gives_the_same_answers(jane: EndUser, june: EndUser, file: Path) -> None:
    output = imported(file, june)
    assert "samples: 994\n" in output
    expected, found = without_ids(reads(jane)), without_ids(reads(june))
    assert found.keys() == expected.keys()
    for name in expected:
        assert found[name] == expected[name], name
    june.refresh_from_db()
    assert (june.first_name, june.email, june.time_zone) == ("Jane", "jane@example.com", "Europe/Paris")


def test_the_courses_of_workouts_and_nights_come_along(jane: EndUser, june: EndUser, file: Path) -> None:
    imported(file, june)
    before, after = reads(jane), reads(june)
    (run,) = (name for name in before if name.startswith("workouts "))
    assert before[run]["samples"] == after[run]["samples"] != []
    assert before[run]["details"] == after[run]["details"] != {}


def test_an_account_with_data_takes_none(jane: EndUser, file: Path) -> None:
    before = reads(jane)
    with pytest.raises(CommandError, match="has data already"):
        imported(file, jane)
    assert reads(jane) == before


def rewritten(file: Path, name: str, old: bytes, new: bytes) -> Path:
    """Return the archive with other bytes in one member."""
    other = file.with_name("other.zip")
    with zipfile.ZipFile(file) as source, zipfile.ZipFile(other, "w") as target:
        for path in source.namelist():
            data = source.read(path)
            target.writestr(path, data.replace(old, new) if path == name else data)
    return other


def test_a_damaged_archive_is_refused_before_anything_is_taken(june: EndUser, file: Path) -> None:
    before = reads(june)
    changes = {
        "workouts.ndjson is not what": ("workouts.ndjson", b"5200", b"9200"),
        "Schema version 2": ("manifest.json", b'version": 1', b'version": 2'),
    }
    for reason, (name, old, new) in changes.items():
        damaged = rewritten(file, name, old, new)
        with pytest.raises(CommandError, match=reason):
            imported(damaged, june)
    (file.parent / "no.zip").write_bytes(b"PK nothing")
    with pytest.raises(CommandError, match="no export of WearLink"):
        imported(file.parent / "no.zip", june)
    assert reads(june) == before


def test_csv_and_unknown_accounts_are_refused(june: EndUser, file: Path) -> None:
    table = rewritten(file, "manifest.json", b'"ndjson"', b'"csv"')
    with pytest.raises(CommandError, match="format=ndjson"):
        imported(table, june)
    with pytest.raises(CommandError, match="no end user"):
        call_command("import_export", file, user="nobody")
