"""The pages at /admin without a browser: who may open them, what they show, what their buttons do."""

import re
import uuid
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from accounts.models import AuditEntry, Developer, EndUser, SecondFactorDevice
from adminportal import announcements, support
from adminportal.platform import pages as pages  # registers them
from adminportal.platform.navigation import NAVIGATION, Section
from adminportal.platform.site import site
from tests import factories
from wearlink.lib import clock

pytestmark = pytest.mark.django_db
MAX_QUERIES = 30
SECTIONS = [section for sections in NAVIGATION.values() for section in sections]


def signed_in(developer: Developer) -> Client:
    """Return a browser in which this developer has given the password."""
    client = Client()
    client.post("/admin/login/", {"email": developer.email, "password": factories.PASSWORD})
    return client


def addresses() -> list[str]:
    """Return every page of ours and of Django's own, with ids that nobody has."""
    found = [
        "/admin",
        "/admin/",
        "/admin/accounts/developer/",
        "/admin/search/?s=x",
        "/admin/jsi18n/",
        "/admin/nothing/",
    ]
    for page in site.extra_urls():
        text = re.sub(r"<uuid:\w+>", str(uuid.uuid4()), str(page.pattern))
        found.append(f"/admin/{re.sub(r'<(str|slug):[a-z_]+>', 'lock', text)}")
    return found


def test_to_strangers_every_address_but_the_login_is_a_404(alice: Developer) -> None:
    reviewer = factories.developer(factories.organization("Reviews"), "Rita", is_reviewer=True)
    assert len(addresses()) > 25
    for client in (Client(), signed_in(alice)):
        for address in addresses():
            for method in (client.get, client.post):
                assert method(address).status_code == 404, address
        assert client.get("/admin/login/code/").status_code == 404
        assert client.get("/admin/login/").status_code == 200
    rita = signed_in(reviewer)
    opened = [address for address in addresses() if rita.get(address).status_code != 404]
    assert {"/admin", "/admin/review/", "/admin/review/quality/"} <= set(opened)
    assert all(address == "/admin" or address.startswith("/admin/review/") for address in opened)
    text = rita.get("/admin/review/").content.decode()
    assert "Nutrition review</" in " ".join(text.split()).replace(" <", "<")
    assert "permission" not in text.split("</head>")[1]
    assert "/admin/developers/" not in text


def test_a_wrong_password_and_a_developer_without_business_here_hear_the_same(
    alice: Developer, root: Developer
) -> None:
    texts = set()
    for email, password in (
        (alice.email, factories.PASSWORD),
        (root.email, "wrong password"),
        ("nobody@example.com", "wrong password"),
    ):
        answer = Client().post("/admin/login/", {"email": email, "password": password})
        assert answer.status_code == 401
        texts.add(re.sub(r'value="[^"]*"', "", answer.content.decode()))
    assert len(texts) == 1
    assert "Incorrect email or password." in texts.pop()


def test_an_address_may_guess_ten_times_a_minute(root: Developer) -> None:
    answers = [
        Client().post("/admin/login/", {"email": f"n{number}@example.com", "password": "x"}).status_code
        for number in range(11)
    ]
    assert answers == [401] * 10 + [429]


def test_every_section_opens_with_the_policy_that_forbids_foreign_requests(root: Developer) -> None:
    client = signed_in(root)
    for section in SECTIONS:
        path = "/admin/" if section.page == "index" else f"/admin/{section.page}/"
        answer = client.get(path)
        assert answer.status_code == 200, path
        policy = answer["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "'unsafe-inline'" not in policy.replace("style-src-attr 'unsafe-inline'", "")
        assert f"<title>{section.title} · WearLink" in " ".join(answer.content.decode().split()).replace(
            "<title> ", "<title>"
        )
        assert answer["Cache-Control"].startswith("max-age=0")


@pytest.mark.parametrize("section", SECTIONS, ids=[section.page for section in SECTIONS])
def test_no_section_asks_the_database_more_than_thirty_times(
    root: Developer, jane: EndUser, section: Section, django_assert_max_num_queries: Any
) -> None:
    for name in ("One", "Two", "Three"):
        factories.end_user(factories.developer(factories.organization(name), name).organization, external_id=name)
        support.submit({"email": "dana@example.com", "subject": name, "message": "Help"})
    client = signed_in(root)
    cache.clear()
    with django_assert_max_num_queries(MAX_QUERIES):
        assert client.get("/admin/" if section.page == "index" else f"/admin/{section.page}/").status_code == 200


def test_details_ask_the_database_at_most_thirty_times(
    root: Developer, jane: EndUser, django_assert_max_num_queries: Any
) -> None:
    client = signed_in(root)
    today = clock.now().date()
    for path in (f"developers/{root.pk}/", f"end-users/{jane.id}/", f"end-users/{jane.id}/why/{today}/"):
        cache.clear()
        with django_assert_max_num_queries(MAX_QUERIES):
            assert client.get(f"/admin/{path}").status_code == 200


@pytest.mark.parametrize("model", sorted(model._meta.label_lower for model in site._registry))
def test_plain_records_open_and_change_nothing(root: Developer, alice: Developer, jane: EndUser, model: str) -> None:
    client = signed_in(root)
    path = f"/admin/{model.replace('.', '/')}/"
    assert client.get(path).status_code == 200
    assert client.get(f"{path}?q=alice").status_code == 200
    assert client.get(f"{path}add/").status_code in (403, 404)


def test_a_record_shows_no_secret(root: Developer, alice: Developer) -> None:
    key = factories.api_key(alice.organization)
    row = alice.organization.api_keys.get()
    client = signed_in(root)
    for path in (f"accounts/apikey/{row.pk}/change/", f"accounts/developer/{alice.pk}/change/"):
        answer = client.get(f"/admin/{path}")
        assert answer.status_code == 200
        text = answer.content.decode()
        assert row.digest not in text
        assert alice.password not in text
        assert key not in text


def test_locking_from_the_page_is_audited_and_shown_on_it(root: Developer, alice: Developer) -> None:
    client = signed_in(root)
    path = f"/admin/developers/{alice.pk}/"
    assert "Lock for 7 days" in client.get(path).content.decode()
    shown = client.post(f"{path}lock/", follow=True).content.decode()
    assert "Locked for seven days" in shown
    assert "locked by an administrator" in shown
    (act,) = AuditEntry.objects.filter(action="developer.locked")
    assert f"#{act.pk}" in shown
    assert "Unlocked." in client.post(f"{path}unlock/", follow=True).content.decode()
    assert client.get(f"{path}lock/").status_code == 405
    assert client.post(f"{path}explode/", follow=True).content.decode().count("There is no such act") == 1


def test_without_the_hidden_field_of_a_form_nothing_is_done(root: Developer, alice: Developer) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(root)
    assert client.post(f"/admin/developers/{alice.pk}/lock/").status_code == 403
    assert not Developer.objects.filter(locked_until__isnull=False).exists()


def test_lists_sort_filter_page_and_export(root: Developer) -> None:
    for number in range(60):
        factories.developer(factories.organization(f"Tenant {number:02}"), f"Dev{number:02}")
    client = signed_in(root)
    first = client.get("/admin/developers/?sort=email").content.decode()
    assert "1–50 of 61" in first
    assert first.index("Dev00") < first.index("Dev01")
    second = client.get("/admin/developers/?sort=email&page=2").content.decode()
    assert "51–61 of 61" in second
    assert "Dev00" not in second
    assert "Nothing fits these filters." in client.get("/admin/developers/?q=zzzz").content.decode()
    for odd in ("page=x", "page=-1", "page=99999999", "sort=password", "plan=%00", "q=%00%00", "locked=maybe"):
        assert client.get(f"/admin/developers/?{odd}").status_code == 200, odd
    answer = client.get("/admin/developers/?q=Dev0&sort=email&format=csv")
    lines = b"".join(answer.streaming_content).decode().splitlines()  # type: ignore[attr-defined]
    assert answer["Content-Type"].startswith("text/csv")
    assert lines[0].startswith("Developer,State,E-mail")
    assert [line.split(",")[0] for line in lines[1:]] == [f"Dev0{number}" for number in range(10)]


def test_a_name_that_a_spreadsheet_would_run_is_defused(root: Developer) -> None:
    factories.developer(factories.organization("=HYPERLINK(1)"), "Eve")
    answer = signed_in(root).get("/admin/developers/?q=Eve&format=csv")
    assert "'=HYPERLINK(1)" in b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]


def test_a_name_with_markup_is_text(root: Developer) -> None:
    Developer.objects.create(organization=factories.organization("<b>x</b>"), email="eve@example.com", name="<script>1")
    text = signed_in(root).get("/admin/developers/").content.decode()
    assert "&lt;script&gt;1" in text
    assert "<script>1" not in text
    assert "<b>x</b>" not in text


def test_tickets_and_banners_are_worked_on_from_their_pages(root: Developer) -> None:
    row = support.submit({"email": "dana@example.com", "subject": "Prices", "message": "How much?\n<b>"})
    client = signed_in(root)
    assert "Prices" in client.get("/admin/support/?status=open").content.decode()
    shown = client.post(f"/admin/support/{row.pk}/", {"resolved": "1"}, follow=True).content.decode()
    assert "The ticket is resolved." in shown
    assert "support.resolved" in shown
    refused = client.post("/admin/announcements/", {"severity": "info", "title": "News", "cta_label": "Go"})
    assert "A button needs both" in refused.content.decode()
    client.post("/admin/announcements/", {"severity": "info", "title": "News"})
    active = announcements.active()
    assert active is not None
    assert "Shown now" in client.get("/admin/announcements/").content.decode()
    client.post(f"/admin/announcements/{active.pk}/dismiss/")
    assert announcements.active() is None


def test_an_end_user_without_data_is_shown_and_a_day_has_nothing_to_explain(root: Developer, jane: EndUser) -> None:
    client = signed_in(root)
    shown = client.get(f"/admin/end-users/{jane.id}/").content.decode()
    assert "alice@example.com" in shown
    assert "No cloud is connected" in shown
    assert "no figures for this day" in client.get(f"/admin/end-users/{jane.id}/why/2026-04-01/").content.decode()
    assert client.get(f"/admin/end-users/{jane.id}/why/yesterday/").status_code == 404


def test_a_second_factor_is_set_up_once_and_asked_for_ever_after(admin: Developer, settings: Any) -> None:
    settings.ADMIN_MFA = True
    client = signed_in(admin)
    assert client.get("/admin/").status_code == 404
    page = client.get("/admin/login/enrol/").content.decode()
    assert "data:image/svg+xml" in page
    device = SecondFactorDevice.objects.get(user=admin)
    assert "does not fit" in client.post("/admin/login/enrol/", {"code": "000000"}).content.decode()
    SecondFactorDevice.objects.update(throttling_failure_count=0)
    done = client.post("/admin/login/enrol/", {"code": factories.code_of(device)}).content.decode()
    codes = re.findall(r"<code>((?:[a-z2-7]{4} ?){4})</code>", done)
    assert len(codes) == 10
    assert client.get("/admin/").status_code == 200
    assert AuditEntry.objects.filter(action="developer.second_factor_added").count() == 1

    again = signed_in(admin)
    assert again.get("/admin/").status_code == 404
    assert again.get("/admin/login/enrol/").status_code == 302
    assert again.post("/admin/login/code/", {"code": codes[0]}).status_code == 302
    assert again.get("/admin/").status_code == 200
    third = signed_in(admin)
    assert "does not fit" in third.post("/admin/login/code/", {"code": codes[0]}).content.decode()


def test_a_lost_second_factor_is_removed_by_another_administrator(root: Developer, admin: Developer) -> None:
    factories.with_second_factor(admin)
    client = signed_in(root)
    path = f"/admin/developers/{admin.pk}/"
    assert "Remove second factor" in client.get(path).content.decode()
    client.post(f"{path}second-factor/")
    assert not SecondFactorDevice.objects.exists()
    assert AuditEntry.objects.filter(action="developer.second_factor_removed", target_id=str(admin.pk)).count() == 1
    assert signed_in(admin).get("/admin/").status_code == 200


def test_signing_out_ends_the_sessions_of_all_browsers(root: Developer) -> None:
    here, there = signed_in(root), signed_in(root)
    assert there.get("/admin/").status_code == 200
    assert here.post("/admin/logout/").status_code == 302
    for client in (here, there):
        assert client.get("/admin/").status_code == 404


def test_a_session_ends_with_the_lock_of_its_developer(root: Developer, admin: Developer) -> None:
    client = signed_in(admin)
    assert client.get("/admin/").status_code == 200
    signed_in(root).post(f"/admin/developers/{admin.pk}/lock/")
    assert client.get("/admin/").status_code == 404


def test_times_are_those_of_the_viewers_organization(root: Developer, alice: Developer) -> None:
    root.organization.time_zone = "Asia/Kolkata"
    root.organization.save()
    moment = clock.from_ms(clock.parse_rfc3339("2026-01-05T20:00:00Z")[0])
    Developer.objects.filter(pk=alice.pk).update(created_at=moment)
    text = signed_in(root).get("/admin/developers/?q=alice").content.decode()
    assert "6 Jan 2026, 01:30" in text
    assert "2026-01-05 20:00:00 UTC" in text
    assert "Times in Asia/Kolkata" in text


def test_what_was_done_by_and_to_somebody_are_two_panels_that_are_files_too(root: Developer, alice: Developer) -> None:
    client = signed_in(root)
    client.post(f"/admin/developers/{alice.pk}/lock/")

    def file(whose: Developer, table: str) -> str:
        answer = client.get(f"/admin/developers/{whose.pk}/?format=csv&table={table}")
        assert answer["Content-Disposition"] == f'attachment; filename="{table}.csv"'
        return answer.content.decode()

    assert "developer.locked" in file(root, "done-by")
    assert "developer.locked" not in file(root, "done-to")
    assert f"developer.locked,{clock.now():%Y}" in file(alice, "done-to")
    assert str(root.pk) in file(alice, "done-to")
    assert "developer.locked" not in file(alice, "done-by")


def test_panels_beside_a_list_are_sorted_and_exported_by_their_own_names(root: Developer) -> None:
    client = signed_in(root)
    for title in ("First", "Second"):
        client.post("/admin/announcements/", {"severity": "info", "title": title})
    acts = client.get("/admin/announcements/?format=csv&table=acts&acts-sort=Entry").content.decode().splitlines()
    entries = [int(line.rpartition(",")[2]) for line in acts[1:]]
    assert entries == sorted(entries)
    assert len(entries) == 2
    banners = b"".join(client.get("/admin/announcements/?format=csv").streaming_content)  # type: ignore[attr-defined]
    assert b"Second" in banners


def test_the_heat_map_is_sorted_like_other_tables_and_keeps_its_colours(root: Developer, alice: Developer) -> None:
    page = signed_in(root).get("/admin/insights/?weekly-cohorts-sort=-Registered").content.decode()
    heat = page[page.index("wl-heat") :]
    first = heat[heat.index("<tbody>") : heat.index("</tr>", heat.index("<tbody>"))]
    assert re.search(r">[2-9]\s*</td>", first)  # the platform's own and Alice's came this week
    assert re.search(r'class="wl-num r\d', first)
