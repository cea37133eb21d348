"""The Swift samples of the documentation: written as the grammar says; a compiler parses them where there is one."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.adminportal.docs import samples
from tests.sdks import swift_syntax

SWIFT = [one for one in samples.every() if one.language == "swift"]


@pytest.mark.parametrize("sample", SWIFT, ids=lambda one: one.id)
def test_swift_samples_have_no_fault_of_syntax(sample: samples.DocSample, tmp_path: Path) -> None:
    assert swift_syntax.faults(sample.code) == []
    if compiler := shutil.which("swiftc"):
        source = tmp_path / "sample.swift"
        source.write_text(sample.code)
        subprocess.run([compiler, "-parse", source], check=True, timeout=120)


@pytest.mark.parametrize(
    ("written", "typo"),
    [("func ", "fnuc "), (") async throws {", ") async throws"), ("guard ", "gaurd "), ('")!)', '")!')],
)
def test_a_typo_in_a_sample_is_found(written: str, typo: str) -> None:
    code = next(one.code for one in SWIFT if one.page == "nutrition")
    assert written in code
    assert swift_syntax.faults(code.replace(written, typo, 1)) != []
