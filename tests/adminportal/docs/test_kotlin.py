"""The Kotlin samples of the documentation: compiled beside the SDK as they stand on their pages, and run."""

import os
import re
from pathlib import Path
from typing import Any

import pytest

from tests import factories
from tests.adminportal.docs import samples
from tests.adminportal.docs.samples import DocSample
from tests.nutrition import photos
from tests.sdks import test_kotlin as sdk
from tests.sdks.test_kotlin import Program, program

__all__ = ["program"]
CALLABLE = re.compile(r"^fun (\w+)\((userId: String)?\)", re.MULTILINE)

pytestmark = [pytest.mark.slow, pytest.mark.kotlin]


@pytest.fixture
def compiled_sdk(program: Program, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the SDK's tests left the compiler and the SDK's classes."""
    base = tmp_path_factory.getbasetemp()
    return (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "kotlin"


def package(sample: DocSample) -> str:
    """Each sample has one, so that pages may use a name twice."""
    return sample.id.replace("-", "_")


def main(found: list[DocSample]) -> str:
    """Calls every function of the samples that takes nothing or an end user."""
    calls = []
    for one in found:
        for name, takes in CALLABLE.findall(one.code):
            argument = "arguments[0]" if takes else ""
            calls.append(f"    {package(one)}.{name}({argument})")
    return "fun main(arguments: Array<String>) {\n" + "\n".join(calls) + "\n}\n"


def compile_samples(place: Path, sources: Path, classes: Path) -> None:
    """As the SDK itself, against its classes."""
    library = place / sdk.LIBRARY
    preloader = ("-cp", library / "kotlin-preloader.jar", "org.jetbrains.kotlin.preloading.Preloader")
    compiler = ("-cp", library / "kotlin-compiler.jar", "org.jetbrains.kotlin.cli.jvm.K2JVMCompiler")
    options = ("-kotlin-home", library.parent, "-no-reflect", "-Werror", "-jvm-target", "11")
    with_sdk = ("-cp", place / "classes", "-d", classes)
    sdk.run("java", sdk.QUICK_START, *preloader, *compiler, *options, *with_sdk, sources, cwd=place)


@pytest.mark.django_db(transaction=True)
def test_every_kotlin_sample_compiles_and_runs(live_server: Any, compiled_sdk: Path, tmp_path: Path) -> None:
    jane = factories.end_user(factories.alice().organization, first_name="Jane")
    key = factories.api_key(jane.organization)
    found = samples.run_in("kotlin")
    sources = tmp_path / "samples"
    sources.mkdir()
    for one in found:
        code = one.code.replace("https://wearlink.io", live_server.url).replace("sk-your-key", key)
        (sources / f"{package(one)}.kt").write_text(f"package {package(one)}\n\n{code}")
    (sources / "Main.kt").write_text(main(found))
    (tmp_path / "meal.jpg").write_bytes(photos.jpeg())

    compile_samples(compiled_sdk, sources, tmp_path / "out")

    classpath = f"{tmp_path / 'out'}:{compiled_sdk / 'classes'}:{compiled_sdk / sdk.LIBRARY / 'kotlin-stdlib.jar'}"
    said = sdk.run("java", sdk.QUICK_START, "-cp", classpath, "MainKt", str(jane.id), cwd=tmp_path)
    assert "Garmin: " in said
