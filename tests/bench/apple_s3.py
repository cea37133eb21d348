"""An Apple export by way of S3: put by a signed link, announced by a signed notification, read from the bucket.

XML_MB=200 make bench BENCH=apple_s3 sets its size in megabytes.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests
from django.conf import settings

from healthdata import queries
from providers.models import ImportJob
from tests import s3
from tests.bench.apple_xml import LARGE, MB, ImportOutcome, ended, imported, ready, watched, written
from tests.bench.cast import people, tenant
from tests.bench.figures import BenchFigure, at_least, at_most, benchmark
from tests.bench.ground import Ground
from tests.bench.load import WrongAnswer
from tests.providers import sns_server
from tests.providers.sns_server import TOPIC, SnsServer, s3_event


@benchmark("apple_s3", order=92)
def apple_s3(ground: Ground) -> Iterator[BenchFigure]:
    """1 GB: from the notification to the last commit, beside the same file out of a directory."""
    with written(ground, ground.size(LARGE, 2 * MB)) as path:
        direct = imported(ground, path)
        with s3.server() as bucket, sns_server.running() as sns, _by_s3(ground, bucket, sns):
            by_s3 = _announced(ground, path, bucket, sns)
        size = f"{path.stat().st_size / MB:,.0f} MB"
    yield BenchFigure(f"Apple XML {size} from S3: records/s", by_s3.rate, "/s")
    yield BenchFigure("  as a share of the same file from a directory", by_s3.rate / direct.rate, "", at_least(0.85))
    yield BenchFigure("  memory of the worker's largest process", by_s3.largest / MB, "MB", at_most(200))
    yield BenchFigure("  of all of them together", by_s3.together / MB, "MB")


@contextmanager
def _by_s3(ground: Ground, bucket: s3.S3, sns: SnsServer) -> Iterator[None]:
    """Programs, and this process, whose objects lie in the bucket and whose topic is the server's."""
    values = {
        "S3_BUCKET": bucket.bucket,
        "S3_ENDPOINT_URL": bucket.endpoint,
        "S3_ACCESS_KEY": s3.ACCESS_KEY,
        "S3_SECRET_KEY": s3.SECRET_KEY,
        "SNS_TOPIC_ARNS": TOPIC,
        "SNS_ENDPOINT_URL": sns.url,
        "EGRESS_ALLOW_LOOPBACK": "1",
    }
    before = {name: getattr(settings, name) for name in values}
    ground.stop("web", "worker")
    os.environ.update(values)
    for name in ("S3_BUCKET", "S3_ENDPOINT_URL", "S3_ACCESS_KEY", "S3_SECRET_KEY"):
        setattr(settings, name, values[name])
    try:
        yield
    finally:
        ground.stop("web", "worker")
        for name in values:
            del os.environ[name]
            setattr(settings, name, before[name])


def _announced(ground: Ground, path: Path, bucket: s3.S3, sns: SnsServer) -> ImportOutcome:
    """Do everything as a customer and S3 do."""
    base = f"http://127.0.0.1:{ground.web()}/api/v1"
    ready(ground)
    (user,) = people(1)
    name, _, key = tenant().credentials.partition(": ")
    body = {"file_size_bytes": path.stat().st_size}
    link = requests.post(f"{base}/users/{user.id}/import/apple/xml/s3", json=body, headers={name: key}, timeout=10)
    with path.open("rb") as file:
        put = requests.put(link.json()["presigned_put_url"], data=file, timeout=600)
    if put.status_code != 200:
        raise WrongAnswer(f"The store answered {put.status_code}: {put.text[:500]}")
    job = ImportJob.objects.get(job_id=link.json()["job_id"])
    message = json.dumps(sns.notification(s3_event(bucket.bucket, link.json()["key"])))
    with watched(ground) as watch:
        answer = requests.post(f"{base}/sns/notification", data=message.encode(), timeout=10)
        if answer.status_code != 200:
            raise WrongAnswer(f"The notification was answered {answer.status_code}: {answer.text[:500]}")
        ended(job)
    stored = sum(row.n for row in queries.count(user.key))
    if stored < job.inserted * 0.9:  # stages become sessions
        raise WrongAnswer(f"{job.inserted} records were stored, {stored} can be read")
    return watch.outcome(job)
