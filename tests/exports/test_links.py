"""Links: open once, for a time, and go on for a minute where a download broke off."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from rest_framework.test import APIClient

from accounts.exports import download, jobs, links, removal
from accounts.exports.models import DataExport
from accounts.models import AuditEntry, EndUser
from tests import factories
from tests.exports.conftest import body_of
from wearlink.lib import clock, storage


@pytest.fixture
def export(client: APIClient, jane: EndUser) -> DataExport:
    client.post(f"/api/v1/users/{jane.id}/export/async")
    jobs.run_next()
    return DataExport.objects.get()


def fetch(token: str, *, client: APIClient | None = None, **headers: str) -> Any:
    return (client or APIClient()).get(f"/api/v1/data-exports/{token}/download", headers=headers)


def refusal(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def moved(export: DataExport, **fields: timedelta) -> None:
    """Put moments of the row into the past."""
    for name, by in fields.items():
        DataExport.objects.filter(pk=export.pk).update(**{name: getattr(export, name) - by})


def test_it_opens_once(export: DataExport) -> None:
    answer = fetch(export.token)
    data = body_of(answer)
    assert len(data) == export.size_bytes == int(answer["Content-Length"])
    assert answer["Cache-Control"] == "no-store"
    assert answer["Content-Disposition"].startswith("attachment")
    assert refusal(fetch(export.token)) == (410, "link_used")
    export.refresh_from_db()
    assert export.state == "downloaded"
    (entry,) = AuditEntry.objects.filter(action="data_export.downloaded")
    assert entry.data == {"export_id": str(export.id)}


def test_head_tells_the_size_and_uses_nothing_up(export: DataExport) -> None:
    address = f"/api/v1/data-exports/{export.token}/download"
    for _ in range(2):
        head = APIClient().head(address)
        assert (head.status_code, int(head["Content-Length"]), head.content) == (200, export.size_bytes, b"")
    assert fetch(export.token).status_code == 200
    assert APIClient().head(address).status_code == 410


@pytest.mark.parametrize("change", ["x", "", "secret", "end"])
def test_guesses_and_changed_links_lead_nowhere(export: DataExport, change: str) -> None:
    secret, end, signature = export.token.split(".")
    guesses = {
        "x": "x",
        "": f"{secret}.{end}.{signature[:-1]}x",
        "secret": f"{secret[:-1]}x.{end}.{signature}",
        "end": f"{secret}.{int(end) + 9}.{signature}",
    }
    assert refusal(fetch(guesses[change])) == (404, "not_found")
    assert fetch(export.token).status_code == 200


def test_a_guess_costs_no_query(export: DataExport, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        answer = fetch("guess.1776211200.signature")
    assert refusal(answer) == (404, "not_found")


def test_it_ends_after_its_time(export: DataExport, monkeypatch: pytest.MonkeyPatch) -> None:
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(hours=24, seconds=1))
    assert refusal(fetch(export.token)) == (410, "link_expired")
    assert export.state_at(clock.now()) == "expired"


def test_the_row_says_expired_even_before_anybody_removes_the_archive(
    export: DataExport, client: APIClient, jane: EndUser
) -> None:
    moved(export, expires_at=timedelta(hours=25))
    (shown,) = client.get(f"/api/v1/users/{jane.id}/exports").json()["data"]
    assert (shown["download_state"], shown["download_url"]) == ("expired", None)
    assert fetch(export.token).status_code == 410


def test_somebody_elses_credentials_open_nothing_and_use_nothing_up(export: DataExport, jane: EndUser) -> None:
    june = factories.end_user(jane.organization)
    for caller in (factories.key_client(factories.charlie()), factories.sdk_client(june)):
        assert refusal(fetch(export.token, client=caller)) == (404, "not_found")
    assert fetch(export.token, **{"X-WearLink-API-Key": "sk-nothing"}).status_code == 401
    assert fetch(export.token, client=factories.sdk_client(jane)).status_code == 200


def test_a_download_that_broke_off_goes_on(export: DataExport) -> None:
    whole = b"".join(download._blocks(export, 0))
    sending = download.stream(export, 0)
    links.use(export, links.client_of("127.0.0.1", "curl"), 0)
    next(sending)
    sending.close()
    answer = fetch(export.token, **{"Range": "bytes=1000-", "User-Agent": "curl"})
    assert (answer.status_code, answer["Content-Range"]) == (206, f"bytes 1000-{len(whole) - 1}/{len(whole)}")
    assert body_of(answer) == whole[1000:]


def test_it_goes_on_for_the_same_client_only_and_for_a_minute(
    export: DataExport, monkeypatch: pytest.MonkeyPatch
) -> None:
    curl = {"User-Agent": "curl", "Range": "bytes=10-"}
    body_of(fetch(export.token, **{"User-Agent": "curl"}))
    assert refusal(fetch(export.token, **curl | {"User-Agent": "wget"})) == (410, "link_used")
    assert refusal(fetch(export.token, **{"User-Agent": "curl"})) == (410, "link_used")
    assert fetch(export.token, **curl, **{"If-Range": '"another"'}).status_code == 410
    assert fetch(export.token, **curl | {"Range": f"bytes={export.size_bytes}-"}).status_code == 416
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(seconds=59))
    assert fetch(export.token, **curl).status_code == 206
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(seconds=121))
    assert refusal(fetch(export.token, **curl)) == (410, "link_used")


def test_nothing_came_so_the_same_client_may_begin_anew_once(export: DataExport) -> None:
    client = links.client_of("127.0.0.1", "")
    assert links.use(export, client, 0)
    download.stream(export, 0).close()  # never begun: nothing is noted
    with pytest.raises(links.LinkGone):
        links.use(export, client, 0)
    sending = download.stream(export, 0)
    next(sending)
    sending.close()
    assert not links.use(export, client, 0)
    with pytest.raises(links.LinkGone):
        links.use(export, client, 0)


@pytest.mark.parametrize("header", ["bytes=0-", "bytes=-5", "bytes=1-5", "lines=1-", "bytes=1-,5-", "nonsense"])
def test_other_ranges_get_the_whole(export: DataExport, header: str) -> None:
    answer = fetch(export.token, Range=header)
    assert (answer.status_code, len(body_of(answer))) == (200, export.size_bytes)


def test_archives_that_are_over_are_removed_and_rows_say_so(
    export: DataExport, client: APIClient, jane: EndUser
) -> None:
    keys = export.part_keys
    assert removal.remove_over() == 0
    assert all(map(storage.exists, keys))
    body_of(fetch(export.token))
    assert removal.remove_over() == 0
    DataExport.objects.update(resumable_until=clock.now() - timedelta(seconds=1))
    assert removal.remove_over() == 1
    assert not any(map(storage.exists, keys))
    assert removal.remove_over() == 0
    assert refusal(fetch(export.token)) == (410, "link_used")
    client.post(f"/api/v1/users/{jane.id}/export/async")
    jobs.run_next()
    DataExport.objects.filter(state="ready").update(expires_at=clock.now())
    assert removal.remove_over() == 1
    states = {one["download_state"] for one in client.get(f"/api/v1/users/{jane.id}/exports").json()["data"]}
    assert states == {"downloaded", "expired"}


@pytest.mark.django_db(transaction=True)
def test_of_twenty_who_race_one_wins(export: DataExport) -> None:
    ready = threading.Barrier(20)

    def race(_: int) -> int:
        ready.wait()
        try:
            answer = fetch(export.token)
            return len(body_of(answer)) if answer.status_code == 200 else answer.status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as pool:
        found = sorted(pool.map(race, range(20)))
    assert found == sorted([export.size_bytes or 0, *[410] * 19])
    assert AuditEntry.objects.filter(action="data_export.downloaded").count() == 1
