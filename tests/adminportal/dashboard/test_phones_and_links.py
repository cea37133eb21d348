"""Tokens for phones, issued and withdrawn, and links by which large files come."""

import re
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import AuditEntry, Developer, EndUser
from providers.models import ImportJob
from tests import factories
from tests.adminportal.dashboard.conftest import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def objects(settings: Any, tmp_path: Path) -> Path:
    """An object store of this test alone."""
    settings.OBJECTS_DIR = tmp_path / "objects"
    return tmp_path / "objects"


def works(token: str, user: EndUser) -> bool:
    """Return whether a phone may read its end user's meals with it."""
    client = APIClient(headers={"Authorization": f"Bearer {token}"})
    return bool(client.get(f"/api/v1/nutrition/log?user_id={user.id}").status_code == 200)


def issued(client: Client, user: EndUser) -> str:
    """Return the token that the page after the button shows."""
    page = f"/dashboard/end-users/{user.id}/phone"
    shown = client.post(page, {"act": "issue"}, follow=True).content.decode()
    (token,) = re.findall(r'id="secret-text"[^>]*>([^<]+)<', shown)
    assert token not in client.get(page).content.decode()
    return str(token)


def test_a_token_is_issued_shown_once_and_withdrawn_with_an_entry(
    browser_of_alice: Client, jane: EndUser, text: Any
) -> None:
    token = issued(browser_of_alice, jane)
    assert works(token, jane)
    page = f"/dashboard/end-users/{jane.id}/phone"
    assert "ask-withdraw-tokens-title" in text(browser_of_alice.get(f"{page}?confirm=withdraw-tokens"))
    assert "Audit entry #" in text(browser_of_alice.post(page, {"act": "withdraw"}, follow=True))
    assert not works(token, jane)
    assert works(issued(browser_of_alice, jane), jane)


def test_only_owners_and_admins_withdraw_everybodys_tokens(
    browser_of_alice: Client, alice: Developer, jane: EndUser, text: Any, django_capture_on_commit_callbacks: Any
) -> None:
    token = issued(browser_of_alice, jane)
    bob = signed_in(factories.bob(alice))
    page = "/dashboard/credentials/sdk-tokens/withdraw"
    assert "Withdraw all SDK tokens…" not in text(bob.get("/dashboard/credentials"))
    assert bob.post(page).status_code == 403
    assert works(token, jane)
    assert "Withdraw all SDK tokens…" in text(browser_of_alice.get("/dashboard/credentials"))
    with django_capture_on_commit_callbacks(execute=True):
        assert "All SDK tokens are dead" in text(browser_of_alice.post(page, follow=True))
    assert not works(token, jane)
    assert AuditEntry.objects.filter(action="sdk_tokens.withdrawn").count() == 1


def test_a_large_file_comes_by_a_link_and_is_read_once_it_is_there(
    browser_of_alice: Client, jane: EndUser, text: Any
) -> None:
    page = f"/dashboard/end-users/{jane.id}/files"
    file = b'<?xml version="1.0"?><HealthData></HealthData>'
    made = text(browser_of_alice.post(f"{page}/link", {"file_size_bytes": str(len(file))}))
    link = unescape(re.findall(r'id="upload-url" type="text" readonly value="([^"]+)"', made)[0])
    assert f"curl -T export.zip {link}" in unescape(made)
    job = ImportJob.objects.get()
    assert "waits for its file" in text(browser_of_alice.get(page))
    looked = browser_of_alice.post(f"{page}/imports/{job.job_id}/arrived", follow=True)
    assert "No file has arrived by the link yet" in text(looked)
    put = Client().put(urlsplit(link).path, file, content_type="application/octet-stream")
    assert put.status_code == 200
    job.refresh_from_db()
    assert job.status == "queued"
    arrived = browser_of_alice.post(f"{page}/imports/{job.job_id}/arrived", follow=True)
    assert "The file is there" in text(arrived)


def test_what_is_wrong_with_a_link_stands_at_its_field(browser_of_alice: Client, jane: EndUser, text: Any) -> None:
    page = f"/dashboard/end-users/{jane.id}/files"
    refused = browser_of_alice.post(f"{page}/link", {"file_size_bytes": "-1", "expiration_seconds": "soon"})
    assert refused.status_code == 400
    assert 'id="error-file_size_bytes"' in text(refused)
    assert 'id="error-expiration_seconds"' in text(refused)
    assert not ImportJob.objects.exists()


def test_another_tenants_phone_and_uploads_are_not_there(browser_of_alice: Client, jane: EndUser) -> None:
    charlie = factories.charlie()
    max_ = factories.end_user(charlie.organization)
    theirs = factories.key_client(charlie).post(f"/api/v1/users/{max_.id}/import/apple/xml/s3", {}, format="json")
    job = theirs.json()["job_id"]
    assert browser_of_alice.post(f"/dashboard/end-users/{max_.id}/phone", {"act": "issue"}).status_code == 404
    assert browser_of_alice.post(f"/dashboard/end-users/{max_.id}/files/link").status_code == 404
    for user in (jane, max_):
        assert browser_of_alice.post(f"/dashboard/end-users/{user.id}/files/imports/{job}/arrived").status_code == 404
