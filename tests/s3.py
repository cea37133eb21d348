"""A real S3 server for tests: SeaweedFS out of its wheel, one a run, a bucket a test worker."""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from wearlink.lib.work import child

ACCESS_KEY, SECRET_KEY = "tests-access", "tests-secret"
TIMEOUT_SECONDS = 60.0


@dataclass(frozen=True)
class S3:
    """The running server and a bucket in it."""

    endpoint: str
    bucket: str


@contextmanager
def server() -> Iterator[S3]:
    """Runs SeaweedFS until the block ends. It takes some seconds until the first object can be written."""
    with tempfile.TemporaryDirectory(prefix="wearlink-s3-") as place:
        directory = Path(place)
        ports = _ports(4)
        process = subprocess.Popen(
            _command(directory, ports),
            cwd=directory,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=lambda: child.die_with_parent(signal.SIGKILL),
        )
        try:
            yield _ready(f"http://127.0.0.1:{ports[3]}", process)
        finally:
            process.kill()  # a polite stop takes 25 seconds
            process.wait()


def _command(directory: Path, ports: list[int]) -> list[str]:
    credentials = [{"accessKey": ACCESS_KEY, "secretKey": SECRET_KEY}]
    identity = {"name": "tests", "credentials": credentials, "actions": ["Admin", "Read", "Write", "List", "Tagging"]}
    (directory / "s3.json").write_text(json.dumps({"identities": [identity]}))
    (directory / "data").mkdir()
    master, volume, filer, s3 = ports
    options = {
        "dir": directory / "data",
        "ip": "127.0.0.1",
        "ip.bind": "127.0.0.1",
        "master.port": master,
        "volume.port": volume,
        "filer.port": filer,
        "s3.port": s3,
        "s3.config": directory / "s3.json",
        "s3.port.iceberg": 0,
        "s3.port.lance": 0,
        "master.volumeSizeLimitMB": 64,
        "volume.max": 20,
        "master.telemetry": "false",
    }
    flags = [f"-{name}={value}" for name, value in options.items()]
    return [str(Path(sys.executable).parent / "weed"), "-logtostderr=true", "server", "-s3", *flags]


def _ports(count: int) -> list[int]:
    """Free ports of which the one 10000 higher, which SeaweedFS takes as well, is free too."""
    found: list[int] = []
    while len(found) < count:
        with socket.socket() as low, socket.socket() as high:
            low.bind(("127.0.0.1", 0))
            port = 10_000 + low.getsockname()[1] % 30_000
            try:
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", port))
                high.bind(("127.0.0.1", port + 10_000))
            except OSError:
                continue
            if port not in found:
                found.append(port)
    return found


def _ready(endpoint: str, process: "subprocess.Popen[bytes]") -> S3:
    config = Config(signature_version="s3v4", s3={"addressing_style": "path"}, retries={"max_attempts": 1})
    client = boto3.client(
        "s3",
        endpoint_url=endpoint,
        aws_access_key_id=ACCESS_KEY,
        aws_secret_access_key=SECRET_KEY,
        region_name="us-east-1",
        config=config,
    )
    bucket = f"tests-{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while True:
        try:
            client.create_bucket(Bucket=bucket)
            client.put_object(Bucket=bucket, Key="first", Body=b"1")
            client.close()
            return S3(endpoint, bucket)
        except (BotoCoreError, ClientError):
            assert process.poll() is None, "SeaweedFS has ended"
            assert time.monotonic() < deadline, "SeaweedFS does not become ready"
            time.sleep(0.2)
