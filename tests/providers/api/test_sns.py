"""POST /sns/notification: what is believed, what is refused, and that an upload is imported once."""

import json
import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import redis
import requests
from pytest_django import Settings
from rest_framework.test import APIClient

from accounts.models import EndUser
from providers.imports import arrivals, jobs, tasks
from providers.models import ImportJob
from tests import factories, s3
from tests.providers import sns_server
from tests.providers.exports import export, heart_rates, zipped
from tests.providers.sns_server import OTHER_KEY, SHORT_KEY, TOPIC, SnsServer, path, s3_event
from wearlink.lib import clock, storage
from wearlink.lib.net import sns, sns_endpoint
from wearlink.lib.net.sns import Unproven
from wearlink.lib.valkey import cache as caching

pytestmark = pytest.mark.django_db
State = ImportJob.State
BUCKET = "uploads"
HEX = "0123456789abcdef0123456789abcdef"
GENUINE = f"https://sns.us-east-1.amazonaws.com/SimpleNotificationService-{HEX}.pem"


@pytest.fixture(autouse=True)
def _new_process() -> Iterator[None]:
    sns_endpoint.forget()
    yield
    sns_endpoint.forget()


@pytest.fixture
def topic(settings: Settings) -> Iterator[SnsServer]:
    """A topic of ours on a server of our own."""
    with sns_server.running() as running:
        settings.SNS_TOPIC_ARNS = [TOPIC]
        settings.SNS_ENDPOINT_URL = running.url
        yield running


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> list[uuid.UUID]:
    """The imports for which a task was sent."""
    begun: list[uuid.UUID] = []
    monkeypatch.setattr(tasks, "enqueue", lambda job: begun.append(job.job_id))
    return begun


@pytest.fixture
def job(jane: EndUser, settings: Settings, tmp_path: Any) -> ImportJob:
    """An import whose file is there, and of which nobody has told.

    Objects lie in a directory, which plays the bucket; the tests below with a real one say so.
    """
    settings.OBJECTS_DIR = tmp_path / "objects"
    job, _ = arrivals.offer(arrivals.WantedUpload(jane.key, jane.organization_id, "apple_xml", None, 60))
    storage.put(job.object_key, export(heart_rates(3)))
    return job


def post(message: Any, **options: Any) -> Any:
    body = message if isinstance(message, bytes) else json.dumps(message).encode()
    return APIClient().generic("POST", "/api/v1/sns/notification", body, "text/plain; charset=UTF-8", **options)


def state(job: ImportJob) -> str:
    job.refresh_from_db()
    return job.state


def event(job: ImportJob, **more: Any) -> str:
    return s3_event("", job.object_key, **more)  # the directory's bucket has no name


def test_a_signed_notification_begins_the_import(topic: SnsServer, job: ImportJob, begun: list[uuid.UUID]) -> None:
    answer = post(topic.notification(event(job)))
    assert (answer.status_code, answer.json()) == (200, {"status": "accepted"})
    assert state(job) == State.QUEUED
    assert begun == [job.job_id]


@pytest.mark.parametrize("subject", [None, "", "Amazon S3 Notification"])
def test_a_subject_is_signed_where_there_is_one(
    topic: SnsServer, job: ImportJob, begun: list[uuid.UUID], subject: str | None
) -> None:
    assert post(topic.notification(event(job), Subject=subject)).status_code == 200
    assert begun == [job.job_id]


class TestRefused:
    """Messages that are not from our topic, or not signed by SNS, or not fresh, start nothing."""

    @pytest.fixture(autouse=True)
    def _nothing_began(self, job: ImportJob, begun: list[uuid.UUID]) -> Iterator[None]:
        yield
        assert state(job) == State.AWAITING_UPLOAD
        assert begun == []

    def refusal(self, message: Any) -> tuple[int, str]:
        """Return status and code of the answer."""
        answer = post(message)
        return answer.status_code, answer.json()["code"]

    def test_one_signed_by_somebody_else(self, topic: SnsServer, job: ImportJob) -> None:
        assert self.refusal(topic.notification(event(job), key=OTHER_KEY)) == (401, "invalid_signature")

    @pytest.mark.parametrize("name", ["Message", "MessageId", "Timestamp", "Subject"])
    def test_one_that_was_changed_on_the_way(self, topic: SnsServer, job: ImportJob, name: str) -> None:
        message = topic.notification(s3_event("", "imports/other"), Subject="a")
        changed = {"Message": event(job), "Timestamp": clock.rfc3339(clock.now_ms() + 1000)}
        assert self.refusal({**message, name: changed.get(name, "b")}) == (401, "invalid_signature")

    def test_one_whose_kind_was_changed(self, topic: SnsServer, job: ImportJob) -> None:
        message = topic.confirmation(Message=event(job))
        assert self.refusal({**message, "Type": "Notification"}) == (401, "invalid_signature")

    def test_one_of_a_topic_of_somebody_elses(self, topic: SnsServer, job: ImportJob) -> None:
        """Signed by SNS itself: anybody may have a topic."""
        theirs = TOPIC.replace("123456789012", "999999999999")
        assert self.refusal(topic.notification(event(job), TopicArn=theirs)) == (401, "unknown_topic")
        assert topic.asked == []

    def test_all_where_no_topic_is_set(self, topic: SnsServer, job: ImportJob, settings: Settings) -> None:
        settings.SNS_TOPIC_ARNS = []
        assert self.refusal(topic.notification(event(job))) == (401, "unknown_topic")

    @pytest.mark.parametrize("minutes", [-61, -60 * 24, 6])
    def test_one_from_another_time(self, topic: SnsServer, job: ImportJob, minutes: int) -> None:
        at = clock.rfc3339(clock.now_ms() + minutes * 60_000)
        assert self.refusal(topic.notification(event(job), Timestamp=at)) == (401, "expired")
        assert topic.asked == []

    def test_version_1_unless_it_is_allowed(self, topic: SnsServer, job: ImportJob) -> None:
        assert self.refusal(topic.notification(event(job), version="1")) == (401, "signature_version")
        message = {**topic.notification(event(job)), "SignatureVersion": "3"}
        assert self.refusal(message) == (401, "signature_version")

    def test_a_certificate_that_has_run_out_or_is_not_yet_valid(self, topic: SnsServer, job: ImportJob) -> None:
        for begins in (clock.now() - timedelta(days=60), clock.now() + timedelta(days=1)):
            topic.certificates[path(1)] = sns_server.certificate(begins=begins)
            assert self.refusal(topic.notification(event(job))) == (401, "certificate")

    @pytest.mark.parametrize("pem", [b"<html>", sns_server.certificate(SHORT_KEY), sns_server.elliptic_certificate()])
    def test_a_certificate_that_is_none_or_weak(self, topic: SnsServer, job: ImportJob, pem: bytes) -> None:
        topic.certificates[path(1)] = pem
        assert self.refusal(topic.notification(event(job))) == (401, "certificate")

    def test_a_certificate_from_elsewhere(self, topic: SnsServer, job: ImportJob) -> None:
        with sns_server.running() as theirs:
            message = theirs.notification(event(job))
            assert self.refusal(message) == (401, "certificate_url")
            assert theirs.asked == []
        assert self.refusal(topic.notification(event(job), SigningCertURL=GENUINE)) == (401, "certificate_url")

    def test_a_certificate_that_cannot_be_had_is_503_so_that_it_comes_again(
        self, topic: SnsServer, job: ImportJob
    ) -> None:
        assert post(topic.notification(event(job), SigningCertURL=topic.url + path(2))).status_code == 503
        topic.status = 500
        assert post(topic.notification(event(job))).status_code == 503

    def test_made_up_certificates_are_not_fetched_without_end(self, topic: SnsServer, job: ImportJob) -> None:
        for number in range(2, 30):
            assert post(topic.notification(event(job), SigningCertURL=topic.url + path(number))).status_code == 503
        assert len(topic.asked) == sns_endpoint.FETCHES

    @pytest.mark.parametrize(
        ("message", "field"),
        [
            (b"", "Type"),
            (b"{}", "Type"),
            ({"Type": "Other"}, "Type"),
            ({"Type": 5}, "Type"),
            ({"Type": "Notification"}, "MessageId"),
            ({"Timestamp": "yesterday"}, "Timestamp"),
            ({"Signature": "äöü"}, "Signature"),
            ({"Subject": 5}, "Subject"),
            ({"SigningCertURL": None}, "SigningCertURL"),
        ],
    )
    def test_what_is_no_message_is_a_400_that_names_the_field(
        self, topic: SnsServer, job: ImportJob, message: Any, field: str
    ) -> None:
        if isinstance(message, dict) and "Type" not in message:
            message = {**topic.notification(event(job)), **message}
        answer = post(message)
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["field"] == field

    @pytest.mark.parametrize("body", [b"[]", b"null", b"\xff\xfe", b"{", b'{"Type":"\\u0000"}', b"[" * 5000])
    def test_what_is_no_json_object_is_a_400(self, topic: SnsServer, body: bytes) -> None:
        assert post(body).status_code == 400

    def test_more_than_sns_ever_sends_is_413(self, topic: SnsServer) -> None:
        assert post(b'"' + b"x" * 600_000 + b'"').status_code == 413


@pytest.mark.parametrize(
    "url",
    [
        GENUINE.replace("https", "http"),
        GENUINE.replace("amazonaws.com", "amazonaws.com.evil.example.com"),
        GENUINE.replace("sns.us", "evil.example.com/sns.us"),
        GENUINE.replace("sns.us", "sns.us-east-1.amazonaws.com@evil.example.com/sns.us"),
        GENUINE.replace("amazonaws", "amaz0naws"),
        GENUINE.replace(".com/", ".com:8443/"),
        GENUINE.replace("sns.us-east-1", "sns.s3-us-west-2"),  # the bucket called sns, whoever has it
        GENUINE.replace("sns.us-east-1", "s3.us-east-1"),
        GENUINE.replace("Simple", "bucket/Simple"),
        GENUINE.replace("Simple", "../Simple"),
        GENUINE + "?x=.pem",
        GENUINE + "#.pem",
        GENUINE + "\n",
        GENUINE.replace("com/", "com\\@evil.example.com/"),
        GENUINE.replace(".pem", ".php"),
        GENUINE.replace(HEX, HEX[:-1]),
        GENUINE.replace("sns.us-east-1.amazonaws", "sns.us-east-1.amazonaws.com.cn.evil"),
        GENUINE.replace("us-east-1", "ｕs-east-1"),
        "file:///etc/ssl/certs/ca.pem",
        "",
    ],
)
def test_addresses_that_only_look_like_those_of_sns_are_refused(url: str) -> None:
    with pytest.raises(Unproven):
        sns.check_certificate_url(url)


@pytest.mark.parametrize(
    "region", ["us-east-1.amazonaws.com", "ap-southeast-2.amazonaws.com", "us-gov-west-1.amazonaws.com",
               "cn-north-1.amazonaws.com.cn"],
)  # fmt: skip
def test_the_addresses_of_every_partition_are_good(region: str) -> None:
    address = f"https://sns.{region}/SimpleNotificationService-{HEX}.pem"
    sns.check_certificate_url(address)
    with pytest.raises(Unproven):
        sns.check_certificate_url(address.replace("sns.", "sqs.", 1))


def test_version_1_where_it_is_allowed(
    topic: SnsServer, job: ImportJob, begun: list[uuid.UUID], settings: Settings
) -> None:
    settings.SNS_ALLOW_VERSION_1 = True
    assert post(topic.notification(event(job), version="1")).status_code == 200
    assert begun == [job.job_id]


class TestOnce:
    """One import an upload, however often it is told."""

    def test_a_message_that_is_replayed_is_not_looked_at(
        self, topic: SnsServer, job: ImportJob, begun: list[uuid.UUID]
    ) -> None:
        message = topic.notification(event(job))
        assert [post(message).json()["status"] for _ in range(3)] == ["accepted", "duplicate", "duplicate"]
        assert begun == [job.job_id]

    def test_without_the_cache_the_row_knows(
        self, topic: SnsServer, job: ImportJob, begun: list[uuid.UUID], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def down(*_: Any, **__: Any) -> None:
            raise redis.ConnectionError

        message = topic.notification(event(job))
        with monkeypatch.context() as patch:
            patch.setattr(caching.RedisCache, "get", down)
            patch.setattr(caching.RedisCache, "set", down)
            assert [post(message).json()["status"] for _ in range(2)] == ["accepted", "accepted"]
        assert begun == [job.job_id]

    def test_two_messages_of_one_upload_and_its_sender_begin_it_once(
        self, topic: SnsServer, job: ImportJob, begun: list[uuid.UUID], jane: EndUser
    ) -> None:
        for _ in range(2):
            assert post(topic.notification(event(job))).status_code == 200
        answer = factories.key_client(jane.organization).post(f"/api/v1/users/{jane.id}/imports/{job.job_id}/complete")
        assert answer.status_code == 202
        assert begun == [job.job_id]

    def test_what_fails_for_a_reason_of_ours_comes_again_and_is_acted_on(
        self, topic: SnsServer, job: ImportJob, begun: list[uuid.UUID], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def down(_: str) -> None:
            raise storage.StoreUnavailable("The object store does not answer.")

        message = topic.notification(event(job))
        monkeypatch.setattr(storage, "look_up", down)
        answer = post(message)
        assert (answer.status_code, begun) == (503, [])
        assert int(answer["Retry-After"]) > 0
        monkeypatch.undo()
        monkeypatch.setattr(tasks, "enqueue", lambda job: begun.append(job.job_id))
        assert post(message).json() == {"status": "accepted"}
        assert begun == [job.job_id]


class TestEvents:
    """The events in a message."""

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "not json",
            "[]",
            '{"Service":"Amazon S3","Event":"s3:TestEvent","Bucket":"uploads"}',
            '{"Records":5}',
            '{"Records":[5,null,{},{"eventSource":"aws:s3","eventName":5}]}',
            '{"Records":[{"eventSource":"aws:s3","eventName":"ObjectCreated:Put","s3":{"bucket":"x"}}]}',
        ],
    )
    def test_what_is_no_event_is_taken_and_passed_over(
        self, topic: SnsServer, job: ImportJob, begun: list[uuid.UUID], text: str
    ) -> None:
        assert post(topic.notification(text)).json() == {"status": "accepted"}
        assert begun == []

    def test_another_bucket_another_key_and_other_events_begin_nothing(
        self, topic: SnsServer, job: ImportJob, begun: list[uuid.UUID]
    ) -> None:
        for text in (
            s3_event("somebody-elses", job.object_key),
            s3_event("", f"x/{job.job_id}"),
            s3_event("", f"imports/{job.organization_id}/{uuid.uuid4()}"),
            s3_event("", "payloads/7/8"),
            event(job, name="ObjectRemoved:Delete"),
            event(job, eventSource="aws:ec2"),
        ):
            assert post(topic.notification(text)).status_code == 200
        assert (state(job), begun) == (State.AWAITING_UPLOAD, [])

    @pytest.mark.parametrize(
        "name", ["ObjectCreated:Put", "ObjectCreated:CompleteMultipartUpload", "s3:ObjectCreated:Post"]
    )
    def test_every_way_of_making_an_object_counts(
        self, topic: SnsServer, job: ImportJob, begun: list[uuid.UUID], name: str
    ) -> None:
        assert post(topic.notification(event(job, name=name, eventVersion="2.9"))).status_code == 200
        assert begun == [job.job_id]

    def test_keys_come_encoded(self, topic: SnsServer, job: ImportJob, begun: list[uuid.UUID]) -> None:
        text = event(job).replace("imports/", "imports%2F").replace("-", "%2D")
        assert post(topic.notification(text)).status_code == 200
        assert begun == [job.job_id]

    def test_one_message_may_tell_of_several(
        self, topic: SnsServer, job: ImportJob, jane: EndUser, begun: list[uuid.UUID]
    ) -> None:
        other, _ = arrivals.offer(arrivals.WantedUpload(jane.key, jane.organization_id, "apple_xml", None, 60))
        storage.put(other.object_key, export())
        text = s3_event("", "imports/a+b c/ö", job.object_key, "x", other.object_key)
        assert post(topic.notification(text)).status_code == 200
        assert begun == [job.job_id, other.job_id]

    def test_an_object_that_was_told_of_but_is_not_there_begins_nothing(
        self, topic: SnsServer, job: ImportJob, begun: list[uuid.UUID]
    ) -> None:
        storage.delete(job.object_key)
        assert post(topic.notification(event(job))).status_code == 200
        assert (state(job), begun) == (State.AWAITING_UPLOAD, [])


class TestHandshake:
    """The subscription to a topic of ours is confirmed, and no other."""

    def test_it_is_confirmed_by_an_address_of_our_own_making(self, topic: SnsServer) -> None:
        message = topic.confirmation(SubscribeURL="https://evil.example.com/?Action=DeleteTopic")
        assert post(message).json() == {"status": "confirmed"}
        assert topic.confirmed == [{"Action": "ConfirmSubscription", "TopicArn": TOPIC, "Token": "a&b"}]

    def test_a_stranger_topic_a_forged_or_old_message_confirms_nothing(self, topic: SnsServer) -> None:
        old = clock.rfc3339(clock.now_ms() - 2 * 3_600_000)
        for message in (
            topic.confirmation(TopicArn=TOPIC.replace("uploads", "theirs")),
            topic.confirmation(key=OTHER_KEY),
            topic.confirmation(Timestamp=old),
            {**topic.confirmation(), "Token": "another"},
        ):
            assert post(message).status_code == 401
        assert topic.confirmed == []

    def test_if_sns_does_not_take_it_it_asks_again(self, topic: SnsServer) -> None:
        message = topic.confirmation()
        assert post(topic.notification("{}")).status_code == 200  # fetches the certificate
        topic.status = 500
        assert post(message).status_code == 503
        topic.status = 200
        assert post(message).json() == {"status": "confirmed"}

    def test_the_end_of_a_subscription_is_noted(self, topic: SnsServer, caplog: pytest.LogCaptureFixture) -> None:
        assert post(topic.confirmation("UnsubscribeConfirmation")).json() == {"status": "ignored"}
        assert topic.confirmed == []
        assert "has ended" in caplog.text

    @pytest.mark.parametrize(
        ("arn", "endpoint"),
        [
            ("arn:aws:sns:eu-central-1:123456789012:a", "https://sns.eu-central-1.amazonaws.com"),
            ("arn:aws-cn:sns:cn-north-1:123456789012:a", "https://sns.cn-north-1.amazonaws.com.cn"),
        ],
    )
    def test_a_topic_says_where_its_region_answers(self, arn: str, endpoint: str) -> None:
        assert sns.endpoint_of(arn) == endpoint
        with pytest.raises(Unproven):
            sns.endpoint_of(arn.replace("sns", "sqs"))


def test_a_certificate_is_fetched_once(topic: SnsServer, job: ImportJob) -> None:
    for _ in range(3):
        assert post(topic.notification(event(job))).status_code == 200
    assert topic.asked == [path(1)]


def test_strangers_learn_nothing_and_are_told_their_limit(topic: SnsServer) -> None:
    answer = post(topic.notification("{}"))
    assert answer["X-RateLimit-Limit"]
    assert APIClient().get("/api/v1/sns/notification").status_code == 405


@pytest.mark.s3
@pytest.mark.slow
def test_an_export_put_to_s3_and_announced_by_a_signed_notification_is_readable(
    topic: SnsServer, jane: EndUser, settings: Settings, begun: list[uuid.UUID]
) -> None:
    client = factories.key_client(jane.organization)
    content = zipped({"apple_health_export/export.xml": export(heart_rates(300))})
    with s3.server() as running:
        settings.S3_BUCKET, settings.S3_ENDPOINT_URL = running.bucket, running.endpoint
        settings.S3_ACCESS_KEY, settings.S3_SECRET_KEY = s3.ACCESS_KEY, s3.SECRET_KEY
        url = f"/api/v1/users/{jane.id}/import/apple/xml/s3"
        link = client.post(url, {"file_size_bytes": len(content)}).json()
        assert post(topic.notification(s3_event(running.bucket, link["key"]))).status_code == 200
        assert begun == []
        assert requests.put(link["presigned_put_url"], data=content, timeout=20).status_code == 200
        assert post(topic.notification(s3_event("another", link["key"]))).status_code == 200
        assert begun == []
        assert post(topic.notification(s3_event(running.bucket, link["key"]))).status_code == 200
        assert begun == [uuid.UUID(link["job_id"])]
        jobs.run(begun[0])
    query = {"start_time": "2026-04-15T00:00:00Z", "end_time": "2026-04-16T00:00:00Z", "types": "heart_rate"}
    found = client.get(f"/api/v1/users/{jane.id}/timeseries", {**query, "limit": 1000}).json()
    assert len(found["data"]) == 300
