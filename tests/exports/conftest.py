"""Jane, of whom everything is known, and what makes her export."""

import io
import json
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.exports import jobs
from accounts.models import EndUser
from tests import factories
from tests.exports import full_life


@pytest.fixture(autouse=True)
def objects(settings: Any, tmp_path: Path) -> Path:
    """An object store of this test alone."""
    settings.OBJECTS_DIR = tmp_path / "objects"
    return tmp_path / "objects"


@pytest.fixture
def jane(db: None) -> EndUser:
    """An end user of Alice, in Paris, with a full life."""
    organization = factories.alice().organization
    found = factories.end_user(organization, email="jane@example.com", first_name="Jane", time_zone="Europe/Paris")
    return full_life.live(found)


@pytest.fixture
def client(jane: EndUser) -> APIClient:
    """Alice's server."""
    return factories.key_client(jane.organization)


@dataclass(frozen=True)
class DownloadedArchive:
    """An export that was downloaded."""

    data: bytes

    @property
    def zip(self) -> zipfile.ZipFile:
        return zipfile.ZipFile(io.BytesIO(self.data))

    @property
    def manifest(self) -> Any:
        return json.loads(self.zip.read("manifest.json"))

    def lines(self, path: str) -> list[Any]:
        return [json.loads(line) for line in self.zip.read(path).splitlines()]


def body_of(answer: Any) -> bytes:
    """Return all bytes of a streamed answer."""
    return b"".join(answer.streaming_content)


def exported(client: APIClient, jane: EndUser, query: str = "") -> DownloadedArchive:
    asked = client.post(f"/api/v1/users/{jane.id}/export/async{query}")
    assert asked.status_code == 202, asked.content
    assert jobs.run_next()
    shown = client.get(f"/api/v1/users/{jane.id}/exports/{asked.json()['export_id']}").json()
    assert (shown["status"], shown["download_state"]) == ("done", "ready"), shown
    answer = APIClient().get(shown["download_url"])
    assert answer.status_code == 200, answer
    return DownloadedArchive(body_of(answer))


@pytest.fixture
def archive(client: APIClient, jane: EndUser) -> DownloadedArchive:
    return exported(client, jane)
