"""Modules that are loaded when first used."""

import json
import os
import subprocess
import sys

RARE = (
    "svix",
    "anthropic",
    "fpdf",
    "fontTools",
    "boto3",
    "botocore",
    "lxml",
    "PIL",
    "pi_heif",
    "rapidfuzz",
    "prompt_toolkit",
)


def test_a_module_is_loaded_when_something_of_it_is_asked_for() -> None:
    script = """
import sys
from wearlink.lib.lazy import LazyModule
colorsys = LazyModule("colorsys")
before = "colorsys" in sys.modules
print(before, colorsys.hsv_to_rgb(0, 0, 1), "colorsys" in sys.modules)
"""
    found = subprocess.run([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, check=True)
    assert found.stdout == "False (1, 1, 1) True\n"


def test_a_program_does_not_load_what_is_rarely_used() -> None:
    script = """
import json, sys
import django
django.setup()
from wearlink import programs
programs.load()
print(json.dumps([name for name in sys.modules if "." not in name]))
"""
    environment = {**os.environ, "DEBUG": "1"}
    found = subprocess.run(
        [sys.executable, "-c", script], env=environment, stdout=subprocess.PIPE, text=True, check=True
    )
    loaded = set(json.loads(found.stdout.splitlines()[-1]))
    assert {"celery", "granian", "nutrition"} <= loaded
    assert not loaded & set(RARE)
