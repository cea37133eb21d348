"""The way to a vendor and back, and tokens that stay fresh, against a vendor on loopback."""

import threading
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from django.db import connection as database
from django.test import Client

from accounts.models import EndUser
from providers.connections import connect as connecting
from providers.connections import failed_codes, oauth
from providers.contract import GrantLost, VendorUnavailable
from providers.models import Connection, ConnectionToken, OAuthState, SyncRun
from providers.pull import pull
from providers.vendor_api import token_endpoint
from tests import factories
from tests.providers.connecting import agree, authorize, browser_with, connect, return_from_vendor
from tests.providers.vendor import Vendor
from wearlink.lib import clock
from wearlink.lib.security import tokens

pytestmark = pytest.mark.django_db
BACK = "https://app.example.com/done"
CALLBACK = "/v1/providers/acme/callback"


def age_token(connection: Connection) -> None:
    past, soon = clock.now() - timedelta(hours=1), clock.now() + timedelta(seconds=30)
    ConnectionToken.objects.filter(pk=connection.pk).update(obtained_at=past, expires_at=soon)


def test_the_vendors_address_carries_what_it_needs(vendor: Vendor, jane: EndUser) -> None:
    asked = authorize(jane)
    assert asked["client_id"] == "acme-client"
    assert asked["redirect_uri"].endswith("/v1/providers/acme/callback")
    assert asked["scope"] == "daily heartrate"
    assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
    assert len(asked["state"]) >= 43
    row = OAuthState.objects.get()
    assert asked["state"].encode() not in bytes(row.digest)
    assert oauth.hash_state(asked["state"]) == bytes(row.digest)
    assert timedelta(minutes=9) < row.expires_at - clock.now() <= timedelta(minutes=10)


def test_coming_back_connects_and_the_first_sync_is_due_at_once(vendor: Vendor, jane: EndUser) -> None:
    row = connect(vendor, jane)
    assert (row.status, row.account, row.scopes) == ("active", "user-1", ["daily", "heartrate"])
    run = SyncRun.objects.get()
    assert (run.trigger, run.state) == ("first", "queued")
    assert pull.is_due(row.pk)
    token = ConnectionToken.objects.get()
    assert not ConnectionToken.objects.values_list("access", flat=True).get(pk=token.pk).startswith(b"a-")
    assert oauth.tokens_of(token).access in vendor.access


def test_a_state_works_once(vendor: Vendor, jane: EndUser) -> None:
    asked = authorize(jane)
    first, again = return_from_vendor(vendor, asked), return_from_vendor(vendor, asked)
    assert (first.status_code, again.status_code) == (200, 400)
    assert b"bad_state" in again.content
    assert Connection.objects.count() == 1


@pytest.mark.parametrize("query", [{}, {"state": ""}, {"state": "x" * 43, "code": "y"}, {"code": "y"}])
def test_a_state_that_nobody_was_given_is_refused(vendor: Vendor, db: None, query: dict[str, str]) -> None:
    answer = Client().get("/v1/providers/acme/callback", query)
    assert answer.status_code == 400
    assert "text/html" in answer["Content-Type"]


def test_a_state_ends_after_ten_minutes(vendor: Vendor, jane: EndUser) -> None:
    asked = authorize(jane)
    OAuthState.objects.update(expires_at=clock.now() - timedelta(seconds=1))
    assert return_from_vendor(vendor, asked).status_code == 400
    assert not Connection.objects.exists()


def test_a_state_of_another_provider_is_none_here(vendor: Vendor, jane: EndUser) -> None:
    asked = authorize(jane)
    OAuthState.objects.update(provider="other")
    assert return_from_vendor(vendor, asked).status_code == 400


def test_the_callback_answers_under_the_apis_address_too(vendor: Vendor, jane: EndUser) -> None:
    query = {"state": authorize(jane)["state"], "code": vendor.code()}
    assert agree("/api/v1/providers/acme/callback", query).status_code == 200


@pytest.mark.parametrize(
    ("rule", "address", "good"),
    [
        (BACK, BACK, True),
        (BACK, BACK + "?a=1", False),
        (BACK, BACK + "/more", False),
        ("https://app.example.com", BACK, True),
        ("https://app.example.com/", "https://app.example.com/x?y=z", True),
        ("https://app.example.com", "https://app.example.com.evil.example/x", False),
        ("https://app.example.com", "https://app.example.com@evil.example/x", False),
        ("https://app.example.com", "https://app.example.com:444/x", False),
        ("https://app.example.com", "http://app.example.com/x", False),
        ("https://app.example.com", "https://app.example.com\\@evil.example/", False),
        ("stridefit://connected", "stridefit://connected", True),
        ("stridefit://connected", "stridefit://other", False),
    ],
)
def test_browsers_are_sent_only_to_allowed_addresses(
    vendor: Vendor, jane: EndUser, rule: str, address: str, good: bool
) -> None:
    organization = jane.organization
    organization.redirect_addresses = [rule]
    organization.save()
    answer = factories.key_client(organization).get(
        "/api/v1/providers/acme/authorize", {"user_id": str(jane.id), "redirect_uri": address}
    )
    assert answer.status_code == (200 if good else 400)
    if not good:
        assert answer.json()["errors"][0]["field"] == "redirect_uri"


def test_the_app_is_told_how_it_went(vendor: Vendor, jane: EndUser) -> None:
    jane.organization.redirect_addresses = [BACK]
    jane.organization.save()
    good = return_from_vendor(vendor, authorize(jane, redirect_uri=BACK))
    refused = Client().get(
        "/v1/providers/acme/callback", {"state": authorize(jane, redirect_uri=BACK)["state"], "error": "access_denied"}
    )
    assert good["Location"] == f"{BACK}?provider=acme&status=connected"
    assert refused["Location"] == f"{BACK}?provider=acme&error=access_denied"


def test_a_refusal_without_an_app_ends_on_a_readable_page(vendor: Vendor, jane: EndUser) -> None:
    answer = Client().get("/v1/providers/acme/callback", {"state": authorize(jane)["state"], "error": "access_denied"})
    assert answer.status_code == 400
    assert b"You did not allow the connection" in answer.content
    assert answer["Content-Security-Policy"].startswith("default-src 'none'")


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ((500, b"oops", {}), b"vendor_unavailable"),
        ((400, b'{"error": "invalid_grant"}', {}), b"vendor_error"),
        ((200, b"<html>", {}), b"vendor_error"),
        ((200, b'{"token": "x"}', {}), b"vendor_error"),
    ],
)
def test_a_vendor_that_fails_at_the_exchange_connects_nobody(
    vendor: Vendor, jane: EndUser, fault: Any, code: bytes
) -> None:
    vendor.token_faults.append(fault)
    answer = return_from_vendor(vendor, authorize(jane))
    assert answer.status_code == 400
    assert code in answer.content
    assert not Connection.objects.exists()


def test_made_up_codes_cost_only_so_many_calls_of_what_all_organizations_share(vendor: Vendor, jane: EndUser) -> None:
    for _ in range(failed_codes.OF_USER + 3):
        query = {"state": authorize(jane)["state"], "code": "made-up"}
        assert agree("/v1/providers/acme/callback", query).status_code == 400
    assert vendor.calls["/oauth/token"] == failed_codes.OF_USER
    john = factories.end_user(jane.organization)
    assert connect(vendor, john).status == "active"


def test_a_provider_without_credentials_cannot_be_connected(acme: None, jane: EndUser) -> None:
    answer = factories.key_client(jane.organization).get("/api/v1/providers/acme/authorize", {"user_id": str(jane.id)})
    assert (answer.status_code, answer.json()["code"]) == (501, "provider_not_configured")


def test_a_foreign_user_is_not_found(vendor: Vendor, jane: EndUser) -> None:
    stranger = factories.key_client(factories.charlie())
    assert stranger.get("/api/v1/providers/acme/authorize", {"user_id": str(jane.id)}).status_code == 404


def test_a_token_is_renewed_before_it_ends_and_rotates(vendor: Vendor, jane: EndUser) -> None:
    row = connect(vendor, jane)
    before = oauth.fresh_tokens(row.pk)
    assert oauth.fresh_tokens(row.pk) == before
    age_token(row)
    after = oauth.fresh_tokens(row.pk)
    assert after.access != before.access
    assert after.refresh != before.refresh
    assert oauth.fresh_tokens(row.pk) == after


def test_a_vendor_that_is_down_leaves_a_token_that_is_still_good(vendor: Vendor, jane: EndUser) -> None:
    row = connect(vendor, jane)
    before = oauth.fresh_tokens(row.pk)
    age_token(row)
    vendor.token_faults.append((503, b"", {}))
    assert oauth.fresh_tokens(row.pk).access == before.access


def test_a_lost_grant_expires_the_connection_once_and_is_never_asked_again(vendor: Vendor, jane: EndUser) -> None:
    row = connect(vendor, jane)
    age_token(row)
    vendor.refresh.clear()
    calls = vendor.calls["/oauth/token"]
    for _ in range(3):
        with pytest.raises(GrantLost):
            oauth.fresh_tokens(row.pk)
    row.refresh_from_db()
    assert (row.status, row.reason) == ("expired", "refresh_failed")
    assert vendor.calls["/oauth/token"] == calls + 1
    assert not ConnectionToken.objects.exists()
    assert SyncRun.objects.get().state == "cancelled"


def test_a_wrong_app_secret_does_not_end_connections(vendor: Vendor, jane: EndUser) -> None:
    row = connect(vendor, jane)
    vendor.token_faults.append((401, b'{"error": "invalid_client"}', {}))
    ConnectionToken.objects.update(expires_at=clock.now() - timedelta(hours=1))
    pull.work(row.pk)
    row.refresh_from_db()
    assert row.status == "active"
    assert SyncRun.objects.get().state == "failed"


def test_connecting_again_revives_an_expired_connection(vendor: Vendor, jane: EndUser) -> None:
    first = connect(vendor, jane)
    vendor.refresh.clear()
    age_token(first)
    with pytest.raises(GrantLost):
        oauth.fresh_tokens(first.pk)
    again = connect(vendor, jane)
    assert (again.pk, again.status, again.reason) == (first.pk, "active", "")


@pytest.mark.django_db(transaction=True)
def test_two_workers_who_renew_one_token_make_one_call(vendor: Vendor, jane: EndUser) -> None:
    row = connect(vendor, jane)
    age_token(row)
    calls, vendor.token_delay = vendor.calls["/oauth/token"], 0.3
    found: list[str] = []

    def renew() -> None:
        found.append(oauth.fresh_tokens(row.pk).access)
        database.close()

    workers = [threading.Thread(target=renew) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert vendor.calls["/oauth/token"] == calls + 1
    assert len(found) == 4
    assert len(set(found)) == 1


def test_the_verifier_of_pkce_reaches_the_vendor(
    vendor: Vendor, jane: EndUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = authorize(jane)
    sent: list[dict[str, str]] = []
    real = token_endpoint.request_tokens

    def listening(app: Any, form: dict[str, str]) -> Any:
        sent.append(form)
        return real(app, form)

    monkeypatch.setattr(token_endpoint, "request_tokens", listening)
    return_from_vendor(vendor, asked)
    assert oauth.pkce_challenge(sent[0]["code_verifier"]) == asked["code_challenge"]


def test_states_differ_and_are_long(vendor: Vendor, jane: EndUser) -> None:
    states = {authorize(jane)["state"] for _ in range(5)}
    assert len(states) == 5


def test_a_browser_that_did_not_set_out_cannot_come_back(vendor: Vendor, jane: EndUser) -> None:
    query = {"state": authorize(jane)["state"], "code": vendor.code()}
    stranger = Client()
    for answer in (
        stranger.get(CALLBACK, query),
        stranger.post(f"{CALLBACK}?{urlencode(query)}", {"decision": "give"}),
    ):
        assert answer.status_code == 400
        assert b"other_browser" in answer.content
    assert not Connection.objects.exists()
    assert agree(CALLBACK, query).status_code == 200


def test_nothing_is_kept_before_the_end_user_has_agreed(vendor: Vendor, jane: EndUser) -> None:
    query = {"state": authorize(jane)["state"], "code": vendor.code()}
    browser = browser_with(query["state"])
    page = browser.get(CALLBACK, query)
    assert f"Give your Acme Ring data to {jane.organization.name}?" in page.content.decode()
    assert (Connection.objects.count(), vendor.access) == (0, {})
    refused = browser.post(f"{CALLBACK}?{urlencode(query)}", {"decision": "keep"})
    assert b"You did not allow the connection" in refused.content
    assert not Connection.objects.exists()
    assert browser.post(f"{CALLBACK}?{urlencode(query)}", {"decision": "give"}).status_code == 400


def test_the_way_to_the_vendor_marks_the_browser_for_our_host_alone(
    vendor: Vendor, jane: EndUser, settings: Any
) -> None:
    settings.SESSION_COOKIE_SECURE = True
    answer = factories.key_client(jane.organization).get("/api/v1/providers/acme/authorize", {"user_id": str(jane.id)})
    address = answer.json()["authorization_url"]
    assert address.startswith(f"{settings.BASE_URL}/connect/go/")
    (cookie,) = Client().get(urlsplit(address).path).cookies.values()
    assert cookie.key.startswith("__Host-wl-connect-")
    assert (cookie["secure"], cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, True, "Lax", "/")
    assert not cookie["domain"]
    assert Client().get("/connect/go/nothing").status_code == 410


def test_the_page_that_asks_may_lead_on_to_the_app_and_nowhere_else(vendor: Vendor, jane: EndUser) -> None:
    jane.organization.redirect_addresses = [BACK, "stridefit://connected"]
    jane.organization.save()
    for address, allowed in ((BACK, "https://app.example.com"), ("stridefit://connected", "stridefit:")):
        state = authorize(jane, redirect_uri=address)["state"]
        page = browser_with(state).get(CALLBACK, {"state": state, "code": "any"})
        assert f"form-action 'self' {allowed};" in page["Content-Security-Policy"]


def test_a_link_ends_an_hour_after_it_was_made_however_often_it_is_renewed(vendor: Vendor, jane: EndUser) -> None:
    link = connecting.create_link(jane, jane.organization, "").url
    holder = connecting.read_link(link.rpartition("/")[2])
    OAuthState.objects.all().delete()
    for age, alive in ((timedelta(minutes=50), True), (timedelta(minutes=61), False)):
        Client().get(f"{urlsplit(link).path}/start/acme")
        OAuthState.objects.update(link_since=holder.since - age)
        answer = Client().get(f"/v1/providers/acme/callback?state={fresh_state()}&error=access_denied")
        token = urlsplit(answer["Location"]).path.rpartition("/")[2]
        if alive:
            assert holder.since - age - connecting.read_link(token).since < timedelta(seconds=2)
        else:
            with pytest.raises(tokens.InvalidToken):
                connecting.read_link(token)


def fresh_state() -> str:
    """Give the only state there is a value that is known."""
    OAuthState.objects.update(digest=oauth.hash_state("known"))
    return "known"


def test_asking_for_the_head_of_a_link_makes_no_state(vendor: Vendor, jane: EndUser) -> None:
    link = urlsplit(connecting.create_link(jane, jane.organization, "").url).path
    assert Client().head(f"{link}/start/acme").status_code == 405
    assert not OAuthState.objects.exists()


def test_a_browser_that_looks_ahead_begins_nothing_and_a_link_followed_for_ever_keeps_few_states(
    vendor: Vendor, jane: EndUser
) -> None:
    link = urlsplit(connecting.create_link(jane, jane.organization, "").url).path
    assert Client().get(f"{link}/start/acme", headers={"Sec-Purpose": "prefetch;prerender"}).status_code == 503
    assert not OAuthState.objects.exists()
    for _ in range(oauth.MAX_STATES + 5):
        last = Client().get(f"{link}/start/acme")
    assert OAuthState.objects.count() == oauth.MAX_STATES
    assert Client().get(urlsplit(last["Location"]).path).status_code == 302


def test_a_page_at_the_token_endpoint_is_an_outage_and_no_fault_of_every_collection(
    vendor: Vendor, jane: EndUser
) -> None:
    row = connect(vendor, jane)
    ConnectionToken.objects.update(expires_at=clock.now() - timedelta(seconds=1))
    vendor.token_faults.append((200, b"<html>maintenance</html>", {}))
    with pytest.raises(VendorUnavailable):
        oauth.fresh_tokens(row.pk)


def test_a_token_that_lasts_minutes_is_not_renewed_before_every_call(vendor: Vendor, jane: EndUser) -> None:
    vendor.lifetime = 300  # shorter than the 600 seconds by which tokens are renewed early
    row = connect(vendor, jane)
    calls = vendor.calls["/oauth/token"]
    assert len({oauth.fresh_tokens(row.pk).access for _ in range(5)}) == 1
    assert vendor.calls["/oauth/token"] == calls
    half = clock.now() - timedelta(seconds=160)
    ConnectionToken.objects.update(obtained_at=half, expires_at=half + timedelta(seconds=300))
    oauth.fresh_tokens(row.pk)
    assert vendor.calls["/oauth/token"] == calls + 1


def test_an_address_of_a_vendor_we_do_not_know_is_a_page_for_people_and_json_for_programs() -> None:
    nowhere = "/v1/providers/nowhere/callback?code=x&state=y"
    seen = Client().get(nowhere, headers={"Accept": "text/html,*/*;q=0.8"})
    assert (seen.status_code, seen["Content-Type"]) == (404, "text/html; charset=utf-8")
    assert "There is no such page" in seen.content.decode()
    read = Client().get(nowhere)
    assert (read.status_code, read.json()["code"]) == (404, "unknown_provider")
