"""The Kotlin samples of the documentation: compiled beside the SDK as they stand on their pages, and run."""

import base64
import os
import re
from pathlib import Path
from typing import Any

import pytest
import standardwebhooks

from accounts.authentication import sdk_token
from tests import factories
from tests.adminportal.docs import samples
from tests.adminportal.docs.samples import DocSample
from tests.nutrition import photos
from tests.sdks import test_kotlin as sdk
from tests.sdks.test_kotlin import Program, program
from wearlink.lib import clock

__all__ = ["program"]
CALLABLE = re.compile(r"^fun (\w+)\((userId: String)?(, token: String)?\)", re.MULTILINE)
SECRET = "whsec_" + base64.b64encode(b"a secret of a test").decode()

pytestmark = [pytest.mark.slow, pytest.mark.kotlin]


@pytest.fixture
def compiled_sdk(program: Program, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder in which the SDK's tests left the compiler and the SDK's classes."""
    base = tmp_path_factory.getbasetemp()
    return (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "kotlin"


def package(sample: DocSample) -> str:
    """Each sample has one, so that pages may use a name twice."""
    return sample.id.replace("-", "_")


def main(found: list[DocSample]) -> str:
    """Calls every function of the samples that takes nothing, an end user or their token too, or a message."""
    calls = []
    for one in found:
        for name, user, token in CALLABLE.findall(one.code):
            taken = ["arguments[0]"] * bool(user) + ["arguments[1]"] * bool(token)
            calls.append(f"    {package(one)}.{name}({', '.join(taken)})")
        if "fun isGenuine(" in one.code:
            of_header = (
                '"webhook-id" to "msg_1"',
                '"webhook-timestamp" to arguments[2]',
                '"webhook-signature" to arguments[3]',
            )
            sent = f"mapOf({', '.join(of_header)})"
            for body in ("{}", "{ }"):
                taken = f'"{SECRET}", "{body}".toByteArray(), {sent}'
                calls.append(f'    println("genuine: " + {package(one)}.isGenuine({taken}))')
    return "fun main(arguments: Array<String>) {\n" + "\n".join(calls) + "\n}\n"


def write(sample: DocSample, code: str, sources: Path, address: str, key: str, beside: str = "") -> None:
    """A source of the sample's package, with this server's address and key."""
    code = code.replace("https://wearlink.io", address).replace("sk-your-key", key)
    (sources / f"{package(sample)}{beside}.kt").write_text(f"package {package(sample)}\n\n{code}")


def compile_samples(place: Path, sources: Path, classes: Path) -> None:
    """Compile the samples like the SDK itself, against its classes."""
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
        write(one, one.code, sources, live_server.url, key)
        if "setup" not in one.marks and "call(" in one.code:
            write(one, samples.setup("kotlin"), sources, live_server.url, key, beside="_setup")
    (sources / "Main.kt").write_text(main([one for one in found if "setup" not in one.marks]))
    (tmp_path / "meal.jpg").write_bytes(photos.jpeg())

    compile_samples(compiled_sdk, sources, tmp_path / "out")

    classpath = f"{tmp_path / 'out'}:{compiled_sdk / 'classes'}:{compiled_sdk / sdk.LIBRARY / 'kotlin-stdlib.jar'}"
    now = clock.now().replace(microsecond=0)
    signature = standardwebhooks.Webhook(SECRET).sign("msg_1", now, "{}")
    arguments = (str(jane.id), sdk_token(jane), str(int(now.timestamp())), signature)
    output = sdk.run("java", sdk.QUICK_START, "-cp", classpath, "MainKt", *arguments, cwd=tmp_path)
    assert "Garmin: " in output
    assert '"status":"queued"' in output.replace('": ', '":')
    assert "genuine: true\ngenuine: false\n" in output
