"""The connect page's words: about the app, about bad links, and about connected devices."""

import base64
from datetime import timedelta
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client
from PIL import Image

from accounts.models import EndUser
from providers.connections import connect
from providers.models import Connection
from tests import factories
from tests.providers.vendor import Vendor
from wearlink.lib import clock
from wearlink.lib.security import tokens

pytestmark = pytest.mark.django_db
BACK = "https://app.example.com/done"
ORGANIZATION = "/api/v1/organization"


def path_of(user: EndUser, back: str = "") -> str:
    user.organization.redirect_addresses = [BACK]
    user.organization.save()
    return urlsplit(connect.create_link(user, user.organization, back).url).path


def body(answer: Any) -> str:
    return str(answer.content.decode())


def picture(size: tuple[int, int], kind: str = "PNG") -> str:
    out = BytesIO()
    Image.new("RGB", size, "navy").save(out, kind)
    return base64.b64encode(out.getvalue()).decode()


def connected(user: EndUser, **values: Any) -> Connection:
    return Connection.objects.create(
        user_key=user.key, organization_id=user.organization_id, provider="acme", account="user-1", **values
    )


# --- the app ---


def test_the_app_shows_its_name_logo_and_words_on_privacy(vendor: Vendor, db: None) -> None:
    alice = factories.alice()
    dashboard = factories.dashboard_client(alice)
    changes = {
        "name": "StrideFit",
        "logo": picture((900, 300), "JPEG"),
        "privacy_url": "https://app.example.com/privacy",
    }
    answer = dashboard.patch(ORGANIZATION, changes, format="json")
    assert answer.status_code == 200, answer.json()
    assert "logo" not in answer.json()
    jane = factories.end_user(alice.organization)
    jane.organization.refresh_from_db()
    page = body(Client().get(path_of(jane)))
    assert f'src="{answer.json()["logo_url"]}" alt="StrideFit"' in page
    assert 'href="https://app.example.com/privacy">Privacy at StrideFit' in page
    assert "Connect your devices · StrideFit" in page
    shown = Client().get(urlsplit(answer.json()["logo_url"]).path)
    assert (shown["Content-Type"], Image.open(BytesIO(shown.content)).size) == ("image/png", (480, 160))


def test_a_logo_is_changed_and_taken_away(db: None) -> None:
    dashboard = factories.dashboard_client(factories.alice())
    first = dashboard.patch(ORGANIZATION, {"logo": picture((60, 20))}, format="json").json()["logo_url"]
    data_address = f"data:image/webp;base64,{picture((61, 20), 'WEBP')}"
    second = dashboard.patch(ORGANIZATION, {"logo": data_address}, format="json").json()["logo_url"]
    assert first != second
    assert Client().get(urlsplit(first).path).status_code == 404
    assert dashboard.patch(ORGANIZATION, {"logo": None}, format="json").json()["logo_url"] is None
    assert Client().get(urlsplit(second).path).status_code == 404


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("logo", "not base64!", "is no base64."),
        ("logo", base64.b64encode(b"<svg/>").decode(), "is no PNG, JPEG or WebP."),
        ("logo", 5, "must be text in base64."),
        ("logo", picture((2001, 1)), "has more than 2,000 pixels a side."),
        ("logo", base64.b64encode(bytes(100_001)).decode(), "is larger than 100,000 bytes."),
        ("privacy_url", "http://localhost/privacy", "must begin with https://."),
        ("privacy_url", "javascript:alert(1)", "is not an address to redirect to."),
    ],
)
def test_what_is_no_logo_or_no_address_is_refused(db: None, field: str, value: Any, reason: str) -> None:
    answer = factories.dashboard_client(factories.alice()).patch(ORGANIZATION, {field: value}, format="json")
    assert answer.status_code == 400
    assert answer.json()["errors"][0] == {"field": field, "message": reason}


# --- links ---


def test_an_expired_link_leads_back_to_the_app_and_does_nothing_else(vendor: Vendor, jane: EndUser) -> None:
    connected(jane)
    long_ago = str(int((clock.now() - timedelta(hours=2)).timestamp()))
    path = f"/connect/{tokens.issue(tokens.Purpose.CONNECT, str(jane.id), lifetime=-60, back=BACK, since=long_ago)}"
    answer = Client().get(path)
    assert answer.status_code == 410
    assert "This link has expired" in body(answer)
    assert f'href="{BACK}">Return to {jane.organization.name}' in body(answer)
    assert Client().post(f"{path}/disconnect/acme").status_code == 410
    assert Connection.objects.get().status == "active"


def test_nonsense_is_not_called_expired(vendor: Vendor, jane: EndUser) -> None:
    for path in ("/connect/nonsense", path_of(jane)[:-3] + "AAA"):
        answer = Client().get(path)
        assert answer.status_code == 404
        assert "This link is not complete" in body(answer)


def test_an_unknown_device_and_one_that_is_not_connected_are_told_apart(vendor: Vendor, jane: EndUser) -> None:
    path = path_of(jane)
    unknown = Client().get(f"{path}/disconnect/nonesuch")
    idle = Client().get(f"{path}/disconnect/acme")
    assert (unknown.status_code, idle.status_code) == (404, 404)
    assert "There is no such device" in body(unknown)
    assert "This device is not connected" in body(idle)
    for answer in (unknown, idle):
        assert "did not understand" not in body(answer)
        assert "Back to your devices" in body(answer)


# --- messages and states ---


def test_an_address_cannot_claim_that_something_is_connected(vendor: Vendor, jane: EndUser) -> None:
    assert "is connected." not in body(Client().get(f"{path_of(jane)}?provider=acme&status=connected"))


def test_the_end_of_a_connection_is_said_once(vendor: Vendor, jane: EndUser) -> None:
    path, browser = path_of(jane), Client()
    connected(jane, last_sync_at=clock.now())
    assert browser.post(f"{path}/disconnect/acme")["Location"] == path
    assert "Acme Ring is disconnected." in body(browser.get(path))
    assert "Acme Ring is disconnected." not in body(browser.get(path))


@pytest.mark.parametrize("cookie", ["acme.nonesuch", "nobody.connected", "acme", "."])
def test_a_cookie_of_somebody_elses_making_says_nothing(vendor: Vendor, jane: EndUser, cookie: str) -> None:
    browser = Client()
    browser.cookies["wl-once"] = cookie
    assert 'class="wl-flash' not in body(browser.get(path_of(jane)))


def test_only_a_young_connection_without_data_is_waited_for(vendor: Vendor, jane: EndUser) -> None:
    path = path_of(jane)
    row = connected(jane)
    assert Client().get(path)["Refresh"] == "4"
    row.connected_at = clock.now() - timedelta(minutes=4)
    row.save()
    late = Client().get(path)
    assert "Refresh" not in late
    assert "no data yet" in body(late)
    row.connected_at = row.last_sync_at = clock.now()
    row.save()
    assert "Refresh" not in Client().get(path)


def test_who_is_connected_is_led_back_first(vendor: Vendor, jane: EndUser) -> None:
    path = path_of(jane, BACK)
    assert '<a class="wl-button" href="https://app.example.com/done">' in body(Client().get(path))
    connected(jane, last_sync_at=clock.now())
    assert '<a class="wl-button wl-primary" href="https://app.example.com/done">' in body(Client().get(path))
