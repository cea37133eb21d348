"""The proof of Razorpay's calls, and the calls that are refused."""

import json
from typing import Any

import pytest

from accounts.models import Developer
from billing.models import RazorpayEvent
from tests.billing.delivering import SAMPLES, post
from tests.billing.razorpay_server import WEBHOOK_SECRET, sign

pytestmark = pytest.mark.django_db
BODY = (SAMPLES / "wh.subscription.charged.json").read_bytes()
ADDRESSES = ("/v1/webhooks/razorpay", "/api/v1/webhooks/razorpay", "/api/v1/billing/webhooks/razorpay")


@pytest.mark.parametrize("url", ADDRESSES)
def test_a_signed_event_is_stored_before_it_is_answered(url: str) -> None:
    answer = post(BODY, "evt_1", url=url)
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    row = RazorpayEvent.objects.get()
    assert (row.event_id, row.name, row.created_at, row.state) == (
        "evt_1", "subscription.charged", 1_777_000_062, "received",
    )  # fmt: skip
    assert b"asha" not in RazorpayEvent.objects.values_list("body", flat=True).get()
    assert row.body.encode() == BODY
    assert post(BODY, "evt_1", url=url).status_code == 200
    assert RazorpayEvent.objects.count() == 1


@pytest.mark.parametrize(
    "signature",
    ["", "0" * 64, sign(BODY, "another"), sign(BODY).upper(), sign(BODY)[:-1], "ééé", "签名", sign(BODY) + " "],
)
def test_a_wrong_signature_is_refused_and_leaves_a_line_in_the_log(
    signature: str, caplog: pytest.LogCaptureFixture
) -> None:
    answer = post(BODY, "evt_1", HTTP_X_RAZORPAY_SIGNATURE=signature)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_signature")
    assert not RazorpayEvent.objects.exists()
    assert "bad_signature" in caplog.text
    assert "asha" not in caplog.text


def test_a_missing_signature_is_refused() -> None:
    assert post(BODY, "evt_1", HTTP_X_RAZORPAY_SIGNATURE="").status_code == 400
    assert not RazorpayEvent.objects.exists()


def test_other_whitespace_is_another_body() -> None:
    changed = json.dumps(json.loads(BODY), indent=4).encode()
    assert post(changed, "evt_1", HTTP_X_RAZORPAY_SIGNATURE=sign(BODY)).status_code == 400
    assert not RazorpayEvent.objects.exists()


def test_the_secret_before_this_one_still_signs(settings: Any) -> None:
    settings.RAZORPAY_WEBHOOK_SECRET, settings.RAZORPAY_WEBHOOK_SECRET_PREVIOUS = "the new one", WEBHOOK_SECRET
    assert post(BODY, "evt_old").status_code == 200
    assert post(BODY, "evt_new", secret="the new one").status_code == 200
    settings.RAZORPAY_WEBHOOK_SECRET_PREVIOUS = ""
    assert post(BODY, "evt_later").status_code == 400


def test_an_empty_secret_signs_nothing(settings: Any) -> None:
    settings.RAZORPAY_WEBHOOK_SECRET_PREVIOUS = ""
    assert post(BODY, "evt_1", secret="").status_code == 400
    settings.RAZORPAY_WEBHOOK_SECRET = ""
    answer = post(BODY, "evt_1", secret="")
    assert (answer.status_code, answer.json()["code"]) == (404, "payments_not_configured")


def test_events_of_another_account_are_refused(settings: Any) -> None:
    settings.RAZORPAY_ACCOUNT_ID = "acc_ours"
    answer = post(BODY, "evt_1")
    assert (answer.status_code, answer.json()["code"]) == (400, "foreign_account")
    settings.RAZORPAY_ACCOUNT_ID = "acc_WL00000000001"
    assert post(BODY, "evt_1").status_code == 200


def changed(**values: Any) -> bytes:
    event = json.loads(BODY)
    payment = event["payload"]["payment"]["entity"]
    event.update({name: value for name, value in values.items() if name in event})
    payment.update({name: value for name, value in values.items() if name in payment and name not in event})
    return json.dumps(event).encode()


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"event":"x"}',
        changed(amount=-1), changed(amount=1.5), changed(amount="831600"), changed(amount=True), changed(fee=-5),
        changed(amount=1 << 60), changed(created_at=-1), changed(created_at="now"), changed(created_at=None),
        changed(event=""), changed(event="x" * 65), changed(event=7), changed(payload=[]), changed(payload={"a": 1}),
        changed(payload={"payment": {"entity": None}}),
    ],
)  # fmt: skip
def test_what_razorpay_would_not_send_is_refused(body: bytes) -> None:
    answer = post(body, "evt_1")
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed_event")
    assert not RazorpayEvent.objects.exists()


def test_a_body_of_more_than_a_megabyte_is_refused() -> None:
    assert post(b" " * (1024 * 1024 + 1), "evt_1").status_code == 413


def test_an_event_without_an_id_is_known_by_its_body() -> None:
    for event_id in ("", "", "é"):
        assert post(BODY, event_id).status_code == 200
    assert RazorpayEvent.objects.get().event_id.startswith("sha256:")


def test_razorpay_cannot_be_asked_to_read(alice: Developer, owner: Any) -> None:
    assert owner.get("/v1/webhooks/razorpay").status_code == 405
