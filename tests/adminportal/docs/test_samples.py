"""Every sample of the documentation runs, and answers what its page says."""

import io
import json
import os
import subprocess
import sys
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from accounts.webhooks import event_types
from adminportal.docs import live, rendering
from tests.adminportal.docs import samples, server
from tests.adminportal.docs.samples import DocSample
from tests.adminportal.docs.server import DocCustomer
from tests.nutrition import photos

HERE = Path(__file__).parent
TIMEOUT_SECONDS = 240  # seconds for the samples of one language
NOT_RUN = 4  # three for HealthKit, one refusal

APPLE_EXPORT = """<?xml version="1.0" encoding="UTF-8"?>
<HealthData locale="en_GB">
 <ExportDate value="2026-04-23 10:00:00 +0200"/>
 <Record type="HKQuantityTypeIdentifierStepCount" sourceName="iPhone" unit="count" value="321"
  creationDate="2026-04-01 08:31:00 +0200" startDate="2026-04-01 08:00:00 +0200" endDate="2026-04-01 08:10:00 +0200"/>
</HealthData>
"""


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Language → the directory in which its driver wrote down what came."""
    directories = {language: tmp_path_factory.mktemp(language) for language in samples.RUN}
    with server.running(tmp_path_factory.mktemp("run") / "data", samples.RUN) as customers:
        started = [start(language, customers[language], directories[language]) for language in samples.RUN]
        for process in started:
            output, _ = process.communicate(timeout=TIMEOUT_SECONDS)
            assert process.returncode == 0, output.decode()
    return directories


def start(language: str, customer: DocCustomer, out: Path) -> "subprocess.Popen[bytes]":
    """Return one process for all pages of a language."""
    setup = customer.filled_in(samples.setup(language))
    plan = []
    for page, found in groupby(samples.run_in(language), key=lambda one: one.page):
        runnable = [
            {"id": one.id, "code": customer.filled_in(one.code), "marks": one.marks}
            for one in found
            if "setup" not in one.marks
        ]
        plan.append({"page": page, "samples": [{"id": f"{page}-setup", "code": setup, "marks": {}}, *runnable]})
    (out / "plan.json").write_text(json.dumps(plan))
    drivers = HERE / "drivers"
    command: list[str | Path] = [sys.executable, drivers / "driver.py", out / "plan.json", out]
    if language == "js":
        command = ["node", drivers / "driver.mjs", out / "plan.json", out]
    if language == "bash":
        (out / "samples.sh").write_text(script(plan, out))
        command = ["bash", out / "samples.sh"]
    (out / "meal.jpg").write_bytes(photos.jpeg())
    (out / "export.zip").write_bytes(export())
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.Popen(command, cwd=out, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def export() -> bytes:
    """Return what the Health app makes, with one reading."""
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as archive:
        archive.writestr("apple_health_export/export.xml", APPLE_EXPORT)
    return body.getvalue()


def script(plan: list[dict[str, Any]], out: Path) -> str:
    """Return the curl samples of all pages; a page is a subshell, so that its variables end with it."""
    lines = [f"OUT={out} PYTHON={sys.executable}", (HERE / "drivers" / "driver.sh").read_text()]
    for page in plan:
        lines.append("(")
        for one in page["samples"]:
            field, _, value = one["marks"].get("until", "").partition(":")
            loop = f"for _ in $(seq 200); do\n{one['code']}\nsays {field} {value} && break; sleep 0.3\ndone"
            lines += [f"SAMPLE={one['id']}", loop if field else one["code"]]
            for kept in filter(None, one["marks"].get("sets", "").split(",")):
                name, _, path = kept.partition(":")
                lines.append(f'{name}="$(field {path})"')
            lines.append(f"touch {out}/{one['id']}.done")
        lines.append(")")
    return "\n".join(lines)


def faults(sample: DocSample, out: Path) -> Iterator[str]:
    """Yield what went wrong with one sample."""
    error, statuses = out / f"{sample.id}.error", out / f"{sample.id}.statuses"
    if error.exists():
        yield error.read_text()
    elif not (out / f"{sample.id}.done").exists():
        yield "It was not reached."
    codes = statuses.read_text().split() if statuses.exists() else []
    wanted = sample.marks.get("status")
    body = out / f"{sample.id}.body"
    if wanted and wanted not in codes:
        yield f"It answered {codes}, not {wanted}."
    if not wanted and [code for code in codes if not code.startswith("2")]:
        yield f"It answered {codes}: {body.read_text()[:400]}"
    if sample.language == "bash" and "curl " in sample.code and not codes:
        yield "It called nothing."


@pytest.mark.slow
@pytest.mark.npm
def test_every_sample_runs_and_is_answered_as_its_page_says(outcomes: Mapping[str, Path]) -> None:
    wrong = [
        f"{sample.id} ({sample.language}): {fault}\n{sample.code}"
        for language in samples.RUN
        for sample in samples.run_in(language)
        if "setup" not in sample.marks
        for fault in faults(sample, outcomes[language])
    ]
    assert not wrong, f"{len(wrong)} faults\n" + "\n".join(wrong[:12])


@pytest.mark.slow
@pytest.mark.npm
def test_every_answer_shown_has_the_shape_of_the_real_one(outcomes: Mapping[str, Path]) -> None:
    wrong = []
    for shown in [one for one in samples.every() if "answer" in one.marks]:
        above = [one for one in samples.of_page(shown.page) if one.group == shown.group and one.language in samples.RUN]
        assert above, f"{shown.id} answers nothing"
        for sample in above:
            body = outcomes[sample.language] / f"{sample.id}.body"
            if not body.exists():
                wrong.append(f"{shown.id}: {sample.language} got no answer")
                continue
            found = samples.differences(
                json.loads(shown.code), json.loads(body.read_bytes() or b"null"), is_part="part" in shown.marks
            )
            wrong += [f"{shown.id} ({sample.language}): {one}" for one in found]
    assert not wrong, "\n".join(wrong[:40])


def test_every_webhook_message_shown_has_the_shape_of_its_type() -> None:
    for shown in [one for one in samples.every() if "message" in one.marks]:
        known = event_types.find(shown.marks["message"])
        assert known is not None, shown.id
        message = json.loads(shown.code)
        assert message["type"] == known.name
        assert list(samples.differences(message["data"], dict(known.example), is_part="part" in shown.marks)) == []


def test_samples_of_a_group_are_there_in_curl_python_and_javascript() -> None:
    alone = []
    for (page, group), found in groupby(samples.every(), key=lambda one: (one.page, one.group)):
        languages = [one.language for one in found if one.language in rendering.LANGUAGES and not one.why_not_run]
        if len(languages) > 1 and not set(samples.RUN) <= set(languages):
            alone.append(f"{page}, group {group}: {languages}")
    assert alone == []


def test_what_is_not_run_says_why_and_is_counted() -> None:
    unmarked = [
        one.id
        for one in samples.every()
        if one.language not in (*samples.RUN, *samples.COMPILED, "text", "http")
        and not {"answer", "message", "norun"} & one.marks.keys()
    ]
    assert unmarked == []
    reasons = Counter(one.why_not_run for one in samples.every() if "norun" in one.marks)
    assert "" not in reasons
    assert reasons.total() == NOT_RUN, reasons


def test_there_are_samples_and_every_live_part_is_known() -> None:
    assert len(samples.every()) > 40
    assert set(live.PARTS)
