"""Keys, team, organization and audit log in the portal: what is done, written down, and refused."""

import json
import re
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from accounts import keys
from accounts.models import ApiKey, AuditEntry, Developer, Invitation, Role
from tests import factories
from tests.adminportal.dashboard.conftest import signed_in

pytestmark = pytest.mark.django_db


def audited(action: str) -> int:
    """Return how many entries tell of it."""
    return AuditEntry.objects.filter(action=action).count()


def key_in(page: str) -> str:
    """Return the whole key that a page shows."""
    found = re.search(r"sk-[0-9A-Za-z]{46}", page)
    assert found is not None
    return found[0]


@pytest.fixture
def bob(alice: Developer) -> Developer:
    """A member of Alpha."""
    return factories.bob(alice)


@pytest.fixture
def browser_of_bob(bob: Developer) -> Client:
    return signed_in(bob)


# --- keys


def test_a_key_is_shown_once_and_works(browser_of_alice: Client, text: Any) -> None:
    page = text(browser_of_alice.post("/dashboard/credentials", {"name": "Production"}, follow=True))
    whole = key_in(page)
    row = keys.find(whole)
    assert row is not None
    assert row.name == "Production"
    assert audited("api_key.created") == 1
    assert "Audit entry #" in page
    assert whole not in text(browser_of_alice.get("/dashboard/credentials"))


def test_the_session_never_holds_a_key_in_plain_text(browser_of_alice: Client) -> None:
    browser_of_alice.post("/dashboard/credentials", {"name": "Production"})
    assert f"sk-{ApiKey.objects.get().public_id}" not in json.dumps(dict(browser_of_alice.session))


def test_a_key_form_sent_twice_makes_one_key(browser_of_alice: Client) -> None:
    for _ in range(2):
        browser_of_alice.post("/dashboard/credentials", {"name": "Production", "once": "this-form"})
    assert ApiKey.objects.count() == 1


def test_a_key_without_a_name_is_refused_at_the_field(browser_of_alice: Client, text: Any) -> None:
    answer = browser_of_alice.post("/dashboard/credentials", {"name": " "})
    assert answer.status_code == 400
    assert 'id="error-name"' in text(answer)
    assert not ApiKey.objects.exists()


def test_a_key_is_rotated_and_revoked(alice: Developer, browser_of_alice: Client, text: Any) -> None:
    old = factories.api_key(alice.organization)
    fresh = key_in(text(browser_of_alice.post(f"/dashboard/credentials/{old[:11]}/rotate", follow=True)))
    assert [row.listed_id for row in ApiKey.objects.live()] == [fresh[:11]]
    browser_of_alice.post(f"/dashboard/credentials/{fresh[:11]}/delete")
    assert not ApiKey.objects.live().exists()
    assert (audited("api_key.rotated"), audited("api_key.deleted")) == (1, 1)


def test_members_see_keys_and_may_not_touch_them(alice: Developer, browser_of_bob: Client, text: Any) -> None:
    key = factories.api_key(alice.organization)
    page = text(browser_of_bob.get("/dashboard/credentials"))
    assert key[:11] in page
    assert "Create key" not in page
    for path in ("", f"/{key[:11]}/rotate", f"/{key[:11]}/delete"):
        assert browser_of_bob.post(f"/dashboard/credentials{path}", {"name": "x"}).status_code == 403, path
    assert ApiKey.objects.live().count() == 1


def test_keys_of_others_are_not_there(alice: Developer, text: Any) -> None:
    key = factories.api_key(alice.organization)
    stranger = signed_in(factories.charlie())
    assert key[:11] not in text(stranger.get("/dashboard/credentials"))
    for act in ("rotate", "delete"):
        assert stranger.post(f"/dashboard/credentials/{key[:11]}/{act}").status_code == 404
    assert keys.find(key) is not None


# --- team


def test_somebody_is_invited_and_the_invitation_withdrawn(browser_of_alice: Client, text: Any) -> None:
    page = text(browser_of_alice.post("/dashboard/team", {"email": "dora@example.com", "role": "admin"}, follow=True))
    made = Invitation.objects.get()
    assert (made.email, made.role) == ("dora@example.com", Role.ADMIN)
    assert "dora@example.com" in page
    browser_of_alice.post(f"/dashboard/team/invitations/{made.pk}/withdraw")
    assert not Invitation.objects.open().exists()
    assert (audited("invitation.created"), audited("invitation.revoked")) == (1, 1)


def test_an_invitation_to_somebody_with_an_account_says_so(browser_of_alice: Client, bob: Developer, text: Any) -> None:
    answer = browser_of_alice.post("/dashboard/team", {"email": bob.email, "role": "member"})
    assert answer.status_code == 400
    assert 'role="alert"' in text(answer)
    assert not Invitation.objects.exists()


def test_a_member_is_made_admin_and_removed(browser_of_alice: Client, bob: Developer) -> None:
    browser_of_alice.post(f"/dashboard/team/{bob.pk}/role", {"role": "admin"})
    bob.refresh_from_db()
    assert bob.role == Role.ADMIN
    browser_of_alice.post(f"/dashboard/team/{bob.pk}/remove")
    assert not Developer.objects.filter(pk=bob.pk).exists()
    assert (audited("member.updated"), audited("member.removed")) == (1, 1)


def test_the_last_owner_stays(alice: Developer, browser_of_alice: Client, text: Any) -> None:
    page = text(browser_of_alice.post(f"/dashboard/team/{alice.pk}/remove", follow=True))
    assert "The last owner cannot leave" in page
    assert Developer.objects.filter(pk=alice.pk).exists()


def test_a_member_may_leave_and_is_signed_out(browser_of_bob: Client, bob: Developer) -> None:
    answer = browser_of_bob.post(f"/dashboard/team/{bob.pk}/remove")
    assert answer["Location"] == "/dashboard/login"
    assert not Developer.objects.filter(pk=bob.pk).exists()
    assert browser_of_bob.get("/dashboard/team").status_code == 302


def test_members_manage_nobody(alice: Developer, browser_of_bob: Client, bob: Developer, text: Any) -> None:
    assert "Invite somebody" not in text(browser_of_bob.get("/dashboard/team"))
    assert browser_of_bob.post("/dashboard/team", {"email": "x@example.com", "role": "member"}).status_code == 403
    assert browser_of_bob.post(f"/dashboard/team/{alice.pk}/role", {"role": "member"}).status_code == 403
    assert browser_of_bob.post(f"/dashboard/team/{alice.pk}/remove").status_code == 403
    assert browser_of_bob.post(f"/dashboard/team/invitations/{uuid4()}/withdraw").status_code == 403
    bob.refresh_from_db()
    alice.refresh_from_db()
    assert (alice.role, bob.role) == (Role.OWNER, Role.MEMBER)


def test_admins_neither_make_nor_unmake_owners(alice: Developer, bob: Developer, text: Any) -> None:
    bob.role = Role.ADMIN
    bob.save(update_fields=["role"])
    browser = signed_in(bob)
    assert "Owner: also" not in text(browser.get("/dashboard/team"))
    assert browser.post("/dashboard/team", {"email": "x@example.com", "role": "owner"}).status_code == 403
    assert browser.post(f"/dashboard/team/{alice.pk}/remove").status_code == 403
    assert browser.post(f"/dashboard/team/{bob.pk}/role", {"role": "owner"}).status_code == 403


def test_members_and_invitations_of_others_are_not_there(alice: Developer, bob: Developer) -> None:
    stranger = signed_in(factories.charlie())
    signed_in(alice).post("/dashboard/team", {"email": "dora@example.com", "role": "member"})
    paths = (f"{bob.pk}/role", f"{bob.pk}/remove", f"invitations/{Invitation.objects.get().pk}/withdraw")
    for path in paths:
        assert stranger.post(f"/dashboard/team/{path}", {"role": "admin"}).status_code == 404, path
    assert Invitation.objects.open().exists()
    assert Developer.objects.filter(pk=bob.pk).exists()


# --- organization


def test_the_organization_is_changed(alice: Developer, browser_of_alice: Client) -> None:
    form = {
        "name": "Beta", "time_zone": "Europe/Paris",
        "redirect_addresses": "https://app.example.com/connected\n\nhttps://two.example.com",
    }  # fmt: skip
    assert browser_of_alice.post("/dashboard/organization", form).status_code == 302
    row = alice.organization
    row.refresh_from_db()
    assert (row.name, row.time_zone) == ("Beta", "Europe/Paris")
    assert row.redirect_addresses == ["https://app.example.com/connected", "https://two.example.com"]
    assert audited("organization.updated") == 1


def test_a_wrong_address_names_its_line_and_keeps_what_was_entered(
    alice: Developer, browser_of_alice: Client, text: Any
) -> None:
    form = {"name": "Beta", "time_zone": "Mars/Base", "redirect_addresses": "https://app.example.com/\nnonsense"}
    answer = browser_of_alice.post("/dashboard/organization", form)
    page = text(answer)
    assert answer.status_code == 400
    assert "Line 2:" in page
    assert "Mars/Base" in page
    assert "2 fields need another look" in page
    alice.organization.refresh_from_db()
    assert alice.organization.name == "Alpha"


def test_a_logo_is_sent_shown_and_taken_away(alice: Developer, browser_of_alice: Client, text: Any) -> None:
    picture = BytesIO()
    Image.new("RGB", (40, 20), "#0b7f6f").save(picture, "PNG")
    form = {"name": "Alpha", "time_zone": "UTC", "redirect_addresses": "", "privacy_url": "https://example.com/privacy"}
    sent = {**form, "logo": SimpleUploadedFile("logo.png", picture.getvalue(), "image/png")}
    page = text(browser_of_alice.post("/dashboard/organization", sent, follow=True))
    assert 'alt="Your logo"' in page
    assert "https://example.com/privacy" in page
    assert 'alt="Your logo"' in text(browser_of_alice.post("/dashboard/organization", form, follow=True))
    gone = browser_of_alice.post("/dashboard/organization", {**form, "remove_logo": "1"}, follow=True)
    assert 'alt="Your logo"' not in text(gone)


def test_a_file_that_is_no_picture_is_refused_at_the_field(browser_of_alice: Client, text: Any) -> None:
    form = {"name": "Alpha", "time_zone": "UTC", "redirect_addresses": "", "privacy_url": ""}
    for content in (b"<svg/>", b"x" * 100_001):
        answer = browser_of_alice.post(
            "/dashboard/organization", {**form, "logo": SimpleUploadedFile("a.png", content)}
        )
        assert answer.status_code == 400
        assert 'id="error-logo"' in text(answer)


def test_members_see_the_organization_and_change_nothing(alice: Developer, browser_of_bob: Client, text: Any) -> None:
    assert "Save changes" not in text(browser_of_bob.get("/dashboard/organization"))
    assert browser_of_bob.post("/dashboard/organization", {"name": "Mine"}).status_code == 403
    alice.organization.refresh_from_db()
    assert alice.organization.name == "Alpha"


# --- audit log


def test_the_audit_log_names_who_did_what_and_is_filtered(browser_of_alice: Client, text: Any) -> None:
    browser_of_alice.post("/dashboard/credentials", {"name": "One"})
    browser_of_alice.post("/dashboard/organization", {"name": "Beta", "time_zone": "UTC", "redirect_addresses": ""})
    page = text(browser_of_alice.get("/dashboard/audit"))
    assert "api_key.created</span>" in page
    assert "alice@example.com" in page
    only = text(browser_of_alice.get("/dashboard/audit", {"action": "api_key"}))
    assert "api_key.created</span>" in only
    assert "organization.updated</span>" not in only
    assert "No entry fits" in text(browser_of_alice.get("/dashboard/audit", {"end_time": "2001-01-01"}))
    assert browser_of_alice.get("/dashboard/audit", {"start_time": "yesterday"}).status_code == 400


def test_members_see_and_export_what_they_did_themselves(
    browser_of_alice: Client, browser_of_bob: Client, text: Any
) -> None:
    browser_of_alice.post("/dashboard/credentials", {"name": "One"})
    assert "api_key.created</span>" not in text(browser_of_bob.get("/dashboard/audit"))
    lines = b"".join(browser_of_bob.post("/dashboard/audit/export").streaming_content)  # type: ignore[attr-defined]
    assert b"api_key.created" not in lines
    assert browser_of_bob.post("/dashboard/audit/verify").status_code == 403


def test_the_export_has_every_line_that_fits_and_is_written_down(browser_of_alice: Client) -> None:
    browser_of_alice.post("/dashboard/credentials", {"name": "One"})
    answer = browser_of_alice.post("/dashboard/audit/export", {"action": "api_key"})
    found = [json.loads(line) for line in b"".join(answer.streaming_content).splitlines()]  # type: ignore[attr-defined]
    assert [one["action"] for one in found] == ["api_key.created"]
    assert "attachment" in answer["Content-Disposition"]
    assert audited("audit_log.exported") == 1


def test_the_chain_is_verified(browser_of_alice: Client, text: Any) -> None:
    browser_of_alice.post("/dashboard/credentials", {"name": "One"})
    assert "The chain is whole" in text(browser_of_alice.post("/dashboard/audit/verify", follow=True))


def test_entries_of_others_are_not_there(browser_of_alice: Client, text: Any) -> None:
    browser_of_alice.post("/dashboard/credentials", {"name": "One"})
    assert "api_key.created</span>" not in text(signed_in(factories.charlie()).get("/dashboard/audit"))


def test_a_password_is_changed_and_only_this_session_stays(alice: Developer, text: Any) -> None:
    here, elsewhere = signed_in(alice), signed_in(alice)
    page, new = "/dashboard/password", "a walnut desk under the stairs"
    wrong = here.post(page, {"current_password": "not it", "new_password": new})
    assert wrong.status_code == 400
    assert 'id="error-current_password"' in text(wrong)
    weak = here.post(page, {"current_password": factories.PASSWORD, "new_password": "short"})
    assert 'id="error-new_password"' in text(weak)
    done = here.post(page, {"current_password": factories.PASSWORD, "new_password": new}, follow=True)
    assert "Audit entry #" in text(done)
    assert here.get("/dashboard").status_code == 200
    assert elsewhere.get("/dashboard").status_code == 302
    entered = Client().post("/dashboard/login", {"email": alice.email, "password": new})
    assert entered["Location"] == "/dashboard"
