"""The simulator keeps the vendors' manners: sign-in, limits, pages, pushes, faults."""

import base64
import hashlib
import io
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests
from django.core.management import call_command
from django.core.management.base import CommandError

from providers import registry
from providers.adapters.oura.simulated import days, documents
from providers.adapters.oura.simulated.nights import OuraNight, local
from providers.adapters.strava.simulated import activities
from providers.contract import Context, Retraction
from providers.simulator import noise, server
from providers.simulator.server import PushThread
from providers.simulator.state import BadGrant, SimulatedFault, VendorState
from providers.simulator.world import SimulatedWorld
from tests.providers import sync_bodies
from tests.providers.simulated import account_of, consent, counts, order, world

__all__ = ["world"]
BACK = "https://wearlink.example/back"
SCOPES = "daily personal heartrate workout session stress spo2 heart_health tag ring_configuration"


@pytest.fixture
def listener() -> Iterator[Any]:
    """An address of ours that repeats challenges and remembers pushes."""

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            """Log nothing."""

        def do_GET(self) -> None:
            query = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
            word = query.get("challenge") or query.get("hub.challenge", "")
            name = "challenge" if "challenge" in query else "hub.challenge"
            self.answer(f'{{"{name}": "{word}"}}'.encode())

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.server.heard.append((dict(self.headers), body))  # type: ignore[attr-defined]
            self.answer(b"{}")

        def answer(self, body: bytes) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    listening.heard = []  # type: ignore[attr-defined]
    listening.url = f"http://127.0.0.1:{listening.server_port}/hooks"  # type: ignore[attr-defined]
    thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield listening
    listening.shutdown()
    listening.server_close()
    thread.join()


def authorize_url(world: SimulatedWorld, slug: str, **query: str) -> str:
    asked = {"client_id": "c", "redirect_uri": BACK, "state": "s-1", "response_type": "code", "scope": SCOPES, **query}
    return f"{world.url}/{slug}/oauth/authorize?{urlencode(asked)}"


def code_of(world: SimulatedWorld, slug: str, **query: str) -> str:
    back = consent(authorize_url(world, slug, **query), account_of(world, slug))
    assert back.startswith(f"{BACK}?state=s-1")
    return parse_qs(urlsplit(back).query)["code"][0]


def ask_token(world: SimulatedWorld, slug: str, **form: str) -> requests.Response:
    form = {"client_id": "c", "client_secret": "x", **form}
    return requests.post(f"{world.url}/{slug}/oauth/token", data=form, timeout=10)


def sign_in(world: SimulatedWorld, slug: str, **query: str) -> dict[str, Any]:
    code = code_of(world, slug, **query)
    answer = ask_token(world, slug, grant_type="authorization_code", code=code, redirect_uri=BACK)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def fetch(world: SimulatedWorld, slug: str, path: str, token: str, **params: Any) -> requests.Response:
    headers = {"Authorization": f"Bearer {token}"}
    return requests.get(f"{world.url}/{slug}{path}", params=params, headers=headers, timeout=10)


# --- sign-in ---


def test_the_page_works_without_a_script_and_names_the_people(world: SimulatedWorld) -> None:
    page = requests.get(authorize_url(world, "oura"), timeout=10).text
    assert "<script" not in page
    assert "Mira Ring" in page
    assert '<button name="decision" value="allow">' in page


def test_an_app_without_an_address_to_go_back_to_is_refused(world: SimulatedWorld) -> None:
    assert requests.get(authorize_url(world, "oura", redirect_uri="javascript:alert(1)"), timeout=10).status_code == 400


def test_a_refusal_goes_back_with_its_reason(world: SimulatedWorld) -> None:
    back = consent(authorize_url(world, "oura"), account_of(world, "oura"), decision="deny")
    assert parse_qs(urlsplit(back).query) == {"state": ["s-1"], "error": ["access_denied"]}


def test_a_code_is_good_once_and_for_its_verifier(world: SimulatedWorld) -> None:
    challenge = base64.urlsafe_b64encode(hashlib.sha256(b"verifier").digest()).rstrip(b"=").decode()
    code = code_of(world, "oura", code_challenge=challenge, code_challenge_method="S256")
    wrong = ask_token(world, "oura", grant_type="authorization_code", code=code, code_verifier="guess")
    assert (wrong.status_code, wrong.json()) == (400, {"error": "invalid_grant"})
    code = code_of(world, "oura", code_challenge=challenge)
    form = {"grant_type": "authorization_code", "code": code, "code_verifier": "verifier"}
    assert ask_token(world, "oura", **form).json()["scope"].startswith("extapi:daily")
    assert ask_token(world, "oura", **form).status_code == 400
    assert ask_token(world, "oura", client_secret="", **form).status_code == 401


def test_refresh_tokens_rotate_and_the_old_pair_is_dead(world: SimulatedWorld) -> None:
    first = sign_in(world, "strava", scope="read,activity:read_all,profile:read_all")
    form = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
    second = ask_token(world, "strava", **form).json()
    assert second["refresh_token"] != first["refresh_token"]
    assert fetch(world, "strava", "/athlete", first["access_token"]).status_code == 401
    assert fetch(world, "strava", "/athlete", second["access_token"]).json()["weight"] == 61.5
    refused = ask_token(world, "strava", **form)
    assert refused.json()["errors"][0]["field"] == "refresh_token"
    assert counts(world, "strava")["refresh_refused"] == 1


def test_access_tokens_end_with_the_clock(world: SimulatedWorld) -> None:
    token = sign_in(world, "oura")["access_token"]
    path = "/v2/usercollection/personal_info"
    assert fetch(world, "oura", path, token).status_code == 200
    order(world, "clock", now=world.now() + 90_000_000)
    assert fetch(world, "oura", path, token).status_code == 401


def test_revoking_ends_the_pair_and_answers_200_twice(world: SimulatedWorld) -> None:
    tokens = sign_in(world, "strava", scope="read")
    for _ in range(2):
        form = {"token": tokens["refresh_token"]}
        answer = requests.post(f"{world.url}/strava/oauth/revoke", data=form, auth=("c", "x"), timeout=10)
        assert answer.status_code == 200
    assert fetch(world, "strava", "/athlete", tokens["access_token"]).status_code == 401


# --- REST ---


def test_oura_leaves_out_the_last_day_and_of_sleep_the_first(world: SimulatedWorld) -> None:
    token = sign_in(world, "oura")["access_token"]
    end = documents.today(world.now())
    window = {"start_date": date.fromordinal(end.toordinal() - 3).isoformat(), "end_date": end.isoformat()}

    def days_of(collection: str) -> list[str]:
        found = fetch(world, "oura", f"/v2/usercollection/{collection}", token, **window).json()["data"]
        return [row["day"] for row in found]

    assert len(days_of("daily_activity")) == 3
    assert len(days_of("sleep")) == 2
    assert window["end_date"] not in days_of("daily_activity")


def test_oura_gives_heart_rates_in_pages_and_thirty_days_at_most(world: SimulatedWorld) -> None:
    token = sign_in(world, "oura")["access_token"]
    path, now = "/v2/usercollection/heartrate", datetime.fromtimestamp(world.now() / 1000, UTC)
    window = {"start_datetime": f"{date.fromordinal(now.date().toordinal() - 5)}T00:00:00Z",
              "end_datetime": now.strftime("%Y-%m-%dT%H:%M:%SZ")}  # fmt: skip
    first = fetch(world, "oura", path, token, **window).json()
    second = fetch(world, "oura", path, token, next_token=first["next_token"], **window).json()
    assert len(first["data"]) == 500
    assert first["data"][-1]["timestamp_unix"] < second["data"][0]["timestamp_unix"]
    long = {**window, "start_datetime": "2026-01-01T00:00:00Z"}
    assert fetch(world, "oura", path, token, **long).status_code == 422


def test_a_missing_scope_looks_like_a_bad_token(world: SimulatedWorld) -> None:
    token = sign_in(world, "oura", scope="daily")["access_token"]
    assert fetch(world, "oura", "/v2/usercollection/workout", token).status_code == 401
    assert fetch(world, "oura", "/v2/usercollection/personal_info", token).status_code == 200


def test_strava_ends_a_list_with_an_empty_page_only(world: SimulatedWorld) -> None:
    token = sign_in(world, "strava", scope="activity:read")["access_token"]
    sizes = []
    for page in range(1, 20):
        rows = fetch(world, "strava", "/athlete/activities", token, after=0, per_page=7, page=page).json()
        sizes.append(len(rows))
        if not rows:
            break
    assert sizes[0] == 6  # asked for seven, and more follow
    assert sizes[-1] == 0
    assert sum(sizes) == len(list(activities.all_of(account_of(world, "strava"), VendorState(), world.now())))


def test_limits_are_told_and_what_goes_beyond_is_counted(world: SimulatedWorld) -> None:
    token = sign_in(world, "strava", scope="read")["access_token"]
    order(world, "limits", vendor="strava", windows={"read-15min": 2})
    answers = [fetch(world, "strava", "/athlete", token) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2].headers["X-ReadRateLimit-Limit"] == "2,1000"
    assert answers[2].headers["X-ReadRateLimit-Usage"].partition(",")[0] == "3"
    assert counts(world, "strava")["limit_violations"] == 1


# --- data ---


def test_the_same_moment_always_shows_the_same(world: SimulatedWorld) -> None:
    account, now = account_of(world, "oura"), world.now()
    end = documents.today(now)
    one, two = (documents.listed("sleep", account, end, end, VendorState(), now) for _ in range(2))
    assert one == two
    assert noise.share("a", 1) == noise.share("a", 1) != noise.share("a", 2)


def test_a_day_grows_with_the_clock() -> None:
    noon = local(date(2026, 4, 8), 720)
    before, after = (days.activity("a", date(2026, 4, 8), at)["steps"] for at in (noon, noon + 3_600_000))
    assert 0 < before < after


def test_a_night_across_the_change_of_the_clocks_keeps_its_length_and_offsets() -> None:
    night = OuraNight("a", date(2026, 3, 29)).document()
    assert night["bedtime_start"].endswith("+01:00")
    assert night["bedtime_end"].endswith("+02:00")
    begun, ended = (datetime.fromisoformat(night[f"bedtime_{edge}"]) for edge in ("start", "end"))
    assert (ended - begun).total_seconds() == 300 * len(night["sleep_phase_5_min"]) == night["time_in_bed"]


@pytest.mark.parametrize("slug", ["oura", "strava"])
def test_what_is_simulated_has_no_field_the_adapter_does_not_know(world: SimulatedWorld, slug: str) -> None:
    account, now = account_of(world, slug), world.now()
    context = Context(received=now, zones=sync_bodies.ZoneHistory(), kind="")
    read = registry.get(slug).normalise
    kinds = sorted(documents.LISTED) if slug == "oura" else ["activity"]
    end = documents.today(now)
    for kind in kinds:
        if slug == "oura":
            rows: Any = {"data": documents.listed(kind, account, date(2026, 1, 1), end, VendorState(), now)}
        else:
            last = list(activities.all_of(account, VendorState(), now))[-1]
            rows = {"activity": last.detail(), "streams": last.streams(), "zones": None}
        body = requests.models.complexjson.dumps(rows).encode()
        found = list(read(body, Context(context.received, context.zones, kind)))
        assert not [item for item in found if type(item).__name__ == "Rejected"], kind
        assert slug == "strava" or all(isinstance(item, Retraction) or item.source.provider == slug for item in found)


# --- faults ---


@pytest.mark.parametrize(
    ("kind", "status"), [("rate_limit", 429), ("error", 500), ("html", 200), ("unauthorized", 401), ("not_found", 404)]
)
def test_a_fault_comes_as_often_as_it_was_ordered(world: SimulatedWorld, kind: str, status: int) -> None:
    token = sign_in(world, "strava", scope="read")["access_token"]
    order(world, "faults", vendor="strava", kind=kind, path="/athlete", times=2)
    answers = [fetch(world, "strava", "/athlete", token) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [status, status, 200]
    assert ("html" in answers[0].headers["Content-Type"]) is (kind == "html")
    assert counts(world, "strava")[f"fault:{kind}"] == 2


def test_a_connection_can_be_cut_and_be_slow(world: SimulatedWorld) -> None:
    token = sign_in(world, "strava", scope="read")["access_token"]
    order(world, "faults", vendor="strava", kind="cut")
    with pytest.raises(requests.RequestException):
        fetch(world, "strava", "/athlete", token)
    order(world, "faults", vendor="strava", kind="slow", seconds=0.3)
    begun = time.monotonic()
    assert fetch(world, "strava", "/athlete", token).status_code == 200
    assert time.monotonic() - begun >= 0.3


def test_documents_can_be_spoiled_and_pages_be_empty(world: SimulatedWorld) -> None:
    token = sign_in(world, "oura")["access_token"]
    end = documents.today(world.now())
    window = {"start_date": date.fromordinal(end.toordinal() - 3).isoformat(), "end_date": end.isoformat()}
    path = "/v2/usercollection/daily_activity"
    order(world, "faults", vendor="oura", kind="year_zero")
    assert {row["day"] for row in fetch(world, "oura", path, token, **window).json()["data"]} == {"0000-00-00"}
    order(world, "faults", vendor="oura", kind="string_number")
    assert isinstance(fetch(world, "oura", path, token, **window).json()["data"][0]["steps"], str)
    order(world, "faults", vendor="oura", kind="empty_page")
    empty = fetch(world, "oura", path, token, **window).json()
    assert empty["data"] == []
    again = fetch(world, "oura", path, token, next_token=empty["next_token"], **window).json()
    assert len(again["data"]) == 3


def test_orders_that_make_no_sense_are_refused_in_words(world: SimulatedWorld) -> None:
    for name, values in (("faults", {"vendor": "oura", "kind": "flood"}), ("faults", {}), ("limits", {"vendor": "x"})):
        answer = requests.post(f"{world.url}/_simulator/{name}", json=values, timeout=10)
        assert answer.status_code == 400
        assert answer.json()["detail"].startswith("Not understood")
    unknown = requests.get(f"{world.url}/_simulator/nothing", timeout=10)
    assert unknown.status_code == 404
    assert "POST faults" in unknown.json()["calls"]
    assert requests.get(f"{world.url}/pebble/x", timeout=10).status_code == 404
    order(world, "reset")
    assert counts(world, "oura") == {}


# --- pushes ---


def subscribe_to_oura(
    world: SimulatedWorld, url: str, data_type: str = "sleep", event: str = "update"
) -> requests.Response:
    body = {"callback_url": url, "verification_token": "w", "event_type": event, "data_type": data_type}
    headers = {"x-client-id": "c", "x-client-secret": "x"}
    return requests.post(f"{world.url}/oura/v2/webhook/subscription", json=body, headers=headers, timeout=10)


def test_a_subscription_is_made_after_the_handshake_and_once(world: SimulatedWorld, listener: Any) -> None:
    made = subscribe_to_oura(world, listener.url)
    assert made.status_code == 201
    assert "verification_token" not in made.json()
    assert subscribe_to_oura(world, listener.url).status_code == 409
    assert subscribe_to_oura(world, "http://127.0.0.1:9/nobody", "workout").status_code == 400
    root, headers = f"{world.url}/oura/v2/webhook/subscription", {"x-client-id": "c", "x-client-secret": "x"}
    assert requests.get(root, timeout=10).status_code == 401
    assert len(requests.get(root, headers=headers, timeout=10).json()) == 1
    assert requests.put(f"{root}/renew/{made.json()['id']}", headers=headers, timeout=10).status_code == 200
    assert requests.put(f"{root}/renew/unknown", headers=headers, timeout=10).status_code == 403
    assert requests.delete(f"{root}/{made.json()['id']}", headers=headers, timeout=10).status_code == 204


def test_pushes_are_signed_doubled_and_spoiled_on_order(world: SimulatedWorld, listener: Any) -> None:
    subscribe_to_oura(world, listener.url)
    order(world, "events", vendor="oura", account=account_of(world, "oura"), kind="sleep", actions=["update"], times=2)
    order(world, "events", vendor="oura", account=account_of(world, "oura"), kind="sleep", actions=["update"],
          spoiled=True)  # fmt: skip
    (first, body), (_, double), (spoiled, again) = listener.heard
    mac = hashlib.sha256
    assert b'"data_type":"sleep"' in body
    assert double[:100] == body[:100]
    assert len(first["x-oura-signature"]) == 2 * mac().digest_size
    assert spoiled["x-oura-signature"][-4:] in ("0000", "1111")
    assert again != b""


def test_time_brings_pushes_to_those_who_are_connected(world: SimulatedWorld, listener: Any) -> None:
    subscribe_to_oura(world, listener.url, "daily_activity")
    assert world.tick(world.now() - 60_000, world.now()) == 0
    sign_in(world, "oura")
    pusher = PushThread(world, 0.01)
    pusher.start()
    deadline = time.monotonic() + 30
    while not listener.heard and time.monotonic() < deadline:
        time.sleep(0.01)
    pusher.ended.set()
    pusher.join()
    assert b'"daily_activity"' in listener.heard[0][1]


def test_strava_has_one_subscription_an_app(world: SimulatedWorld, listener: Any) -> None:
    root, who = f"{world.url}/strava/push_subscriptions", {"client_id": "c", "client_secret": "x"}
    form = {**who, "callback_url": listener.url, "verify_token": "w"}
    made = requests.post(root, data=form, timeout=10)
    assert made.status_code == 201
    assert requests.post(root, data=form, timeout=10).status_code == 400
    assert requests.get(root, params=who, timeout=10).json()[0]["callback_url"] == listener.url
    assert requests.delete(f"{root}/{made.json()['id']}", params=who, timeout=10).status_code == 204
    assert requests.get(root, params=who, timeout=10).json() == []


# --- memory and command ---


def test_a_refresh_token_is_good_once() -> None:
    state = VendorState()
    _, refresh = state.grant("a", ("daily",), 0)
    assert state.connected() == ["a"]
    state.rotate(refresh)
    with pytest.raises(BadGrant):
        state.rotate(refresh)


def test_who_is_connected_stays_so_over_a_restart(tmp_path: Path) -> None:
    file = tmp_path / "vendors.json"
    with server.running(SimulatedWorld(file=file)) as before:
        token = sign_in(before, "oura")["access_token"]
    with server.running(SimulatedWorld(file=file)) as after:
        assert fetch(after, "oura", "/v2/usercollection/personal_info", token).status_code == 200
    file.write_text("rubbish")
    assert SimulatedWorld(file=file).states["oura"].connected() == []


def test_a_crowd_is_connected_at_once(world: SimulatedWorld) -> None:
    found = order(world, "grants", vendor="strava", accounts=["901", "902"], scopes=["activity:read"])
    assert fetch(world, "strava", "/athlete", found["902"]["access_token"]).json()["id"] == 902
    assert world.states["strava"].connected() == ["901", "902"]


def test_reordered_pushes_keep_the_times_of_their_order(world: SimulatedWorld, listener: Any) -> None:
    form = {"client_id": "c", "client_secret": "x", "callback_url": listener.url, "verify_token": "w"}
    requests.post(f"{world.url}/strava/push_subscriptions", data=form, timeout=10)
    order(world, "events", vendor="strava", account=account_of(world, "strava"), kind="activity",
          actions=["create", "update"], reordered=True)  # fmt: skip
    first, second = (json.loads(body) for _, body in listener.heard)
    assert (first["aspect_type"], second["aspect_type"]) == ("update", "create")
    assert first["event_time"] - second["event_time"] in (1, 2)


def test_faults_wait_for_their_path() -> None:
    state = VendorState(faults=[SimulatedFault("error", "/sleep")])
    assert state.due_fault("/workout") is None
    assert state.due_fault("/v2/sleep") is not None
    assert state.due_fault("/v2/sleep") is None


def test_the_command_tells_the_settings_and_serves() -> None:
    manage = Path(__file__).parents[3] / "manage.py"
    command = [sys.executable, str(manage), "simulate_vendors", "--port", "0", "--push-every", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            first = process.stdout.readline()
            url = first.split()[4].rstrip(".")
            assert requests.get(url, timeout=10).json()["vendors"]["oura"]["PROVIDER_OURA_API_URL"] == f"{url}/oura"
            assert "_CLIENT_ID=" in process.stdout.readline()
        finally:
            process.terminate()


def test_a_taken_port_is_told_in_words(world: SimulatedWorld) -> None:
    port = world.url.rpartition(":")[2]
    with pytest.raises(CommandError, match=f"Port {port} cannot be used"):
        call_command("simulate_vendors", "--port", port, stdout=io.StringIO())


# --- control ---


def test_the_control_page_lists_its_calls_with_their_fields(world: SimulatedWorld) -> None:
    listed = requests.get(f"{world.url}/_simulator", timeout=10).json()["calls"]
    assert listed["POST /_simulator/revoke"]["fields"] == ["vendor", "account"]
    assert all(call["does"] for call in listed.values())


def test_an_order_without_an_account_means_the_first_that_is_connected(world: SimulatedWorld) -> None:
    refused = requests.post(f"{world.url}/_simulator/revoke", json={"vendor": "oura"}, timeout=10)
    assert (refused.status_code, "nobody is connected" in refused.text) == (400, True)
    ask_token(world, "oura", grant_type="authorization_code", code=code_of(world, "oura"))
    assert order(world, "revoke", vendor="oura")["tokens"] == 2


def test_vendors_that_listen_everywhere_name_an_address_that_can_be_called() -> None:
    found = SimulatedWorld()
    server.bind(found, "0.0.0.0", 0).server_close()
    assert found.url.startswith("http://127.0.0.1:")
