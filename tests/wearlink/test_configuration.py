"""The environment, the checks of it, and the key file."""

import json
import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings

from wearlink import checks, environment, keyfile

ROOT = Path(__file__).parents[2]


def test_values_are_read_with_their_types() -> None:
    env = environment.Environment({"A": " x ", "F": "yes", "N": "7", "W": "a, b,", "E": ""})
    assert (env.text("A"), env.flag("F"), env.number("N", 1), env.words("W")) == ("x", True, 7, ["a", "b"])
    assert (env.text("E", "d"), env.flag("E", True), env.number("E", 1), env.words("E")) == ("d", True, 1, [])


def test_the_page_of_settings_tells_every_variable() -> None:
    read = set(re.findall(r'env\.\w+\("([A-Z0-9_]+)"', (ROOT / "wearlink/settings.py").read_text()))
    documented = set(re.findall(r"`([A-Z0-9_]+)`", (ROOT / "docs/settings.md").read_text()))
    assert read - documented == set()


def test_a_value_of_the_wrong_type_is_named() -> None:
    env = environment.Environment({"F": "maybe", "N": "many", "C": "z"})
    for read in (lambda: env.flag("F"), lambda: env.number("N", 1), lambda: env.choice("C", frozenset({"a"}))):
        with pytest.raises(ImproperlyConfigured, match="must be"):
            read()


def test_database_urls_give_hosts_sockets_and_options() -> None:
    found = environment.database("postgresql://u:p%40ss@db.example.com:6432/name?sslmode=require")
    assert (found["USER"], found["PASSWORD"], found["HOST"], found["PORT"]) == ("u", "p@ss", "db.example.com", "6432")
    assert found["OPTIONS"] == {"sslmode": "require"}
    assert environment.database("postgresql:///name?host=/run/pg")["HOST"] == "/run/pg"
    with pytest.raises(ImproperlyConfigured):
        environment.database("mysql://x")


def test_broker_and_cache_share_a_server_but_not_a_database() -> None:
    assert environment.broker_url("unix:///run/v.sock?db=4") == "redis+socket:///run/v.sock?virtual_host=4"
    assert environment.cache_url("unix:///run/v.sock?db=4") == "unix:///run/v.sock?db=5"
    assert environment.broker_url("redis://h:6379/0") == "redis://h:6379/0"
    assert environment.cache_url("redis://h:6379/0") == "redis://h:6379/1"


def test_mail_goes_to_the_console_or_a_server() -> None:
    assert environment.email("")["EMAIL_BACKEND"] == "wearlink.lib.net.console_mail.ConsoleBackend"
    found = environment.email("smtps://u:p@mail.example.com")
    assert (found["EMAIL_PORT"], found["EMAIL_USE_SSL"], found["EMAIL_USE_TLS"]) == (465, True, False)


def test_a_long_data_path_gets_a_short_directory_for_sockets() -> None:
    short = environment.runtime_directory(Path("/" + "x" * 120))
    assert len(str(short)) <= environment.MAX_SOCKET_DIRECTORY_LENGTH
    assert environment.runtime_directory(Path("/srv/data")) == Path("/srv/data/run")


def test_the_key_file_is_made_once_and_private(tmp_path: Path) -> None:
    keyfile.ensure(tmp_path)
    first = keyfile.read(tmp_path)
    keyfile.ensure(tmp_path)
    assert keyfile.read(tmp_path) == first
    assert stat.S_IMODE((tmp_path / "secrets.json").stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("name", "value", "identity"),
    [
        ("API_KEY_PEPPER", "", "wearlink.E001"),
        ("TOKEN_KEYS", [], "wearlink.E001"),
        ("TOKEN_KEYS", ["short"], "wearlink.W001"),
        ("FIELD_KEYS", ["x" * 44], "wearlink.E002"),
        ("S3_ACCESS_KEY", "half", "wearlink.E004"),
    ],
)
def test_a_mistake_has_an_id_and_a_hint(settings: Settings, name: str, value: object, identity: str) -> None:
    settings.EGRESS_ALLOW_LOOPBACK = False
    settings.S3_BUCKET = "bucket"
    setattr(settings, name, value)
    messages = checks.always(None)
    assert [message.id for message in messages] == [identity]
    assert messages[0].hint


def test_the_server_refuses_to_start_with_an_unsafe_configuration(settings: Settings) -> None:
    settings.EGRESS_ALLOW_LOOPBACK = True
    with pytest.raises(ImproperlyConfigured, match=r"wearlink\.E003"):
        checks.require()


def deployed(**changes: str) -> "subprocess.CompletedProcess[str]":
    """Return what the release step says of a production environment with some changes."""
    environment_variables = {
        **{name: os.environ[name] for name in ("PATH", "PYTHONPYCACHEPREFIX") if name in os.environ},
        **keyfile.fresh(),
        "DATABASE_URL": "postgresql://wearlink:word@db.example.com/wearlink?sslmode=require",
        "REDIS_URL": "rediss://:word@broker.example.com:6379/0",
        "BASE_URL": "https://api.example.com",
        "EMAIL_URL": "smtps://u:p@mail.example.com",
        "METRICS_TOKEN": "a word for Prometheus",
        "TRUSTED_PROXIES": "10.0.0.1",
        "S3_BUCKET": "wearlink",
        **changes,
    }
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    return subprocess.run(command, cwd=ROOT, env=environment_variables, capture_output=True, text=True, check=False)


def test_a_production_environment_passes_the_deployment_checks() -> None:
    run = deployed()
    assert run.returncode == 0, run.stderr


def test_the_release_step_names_everything_that_is_unsafe() -> None:
    run = deployed(
        SECRET_KEY="x", TOKEN_KEYS="y", API_KEY_PEPPER="z", DEBUG="1", ALLOWED_HOSTS="*", EGRESS_ALLOW_LOOPBACK="1",
        BASE_URL="http://api.example.com", EMAIL_URL="", METRICS_TOKEN="", REDIS_URL="redis://broker.example.com/0",
        DATABASE_URL="postgresql://wearlink@db.example.com/wearlink",
    )  # fmt: skip
    assert run.returncode != 0
    for identity in ("W001", "W004", "W005", "W006", "E005", "E006"):
        assert f"wearlink.{identity}" in run.stderr, identity
    for name in ("SECRET_KEY", "TOKEN_KEYS", "API_KEY_PEPPER"):
        assert f"{name} is shorter" in run.stderr
    assert run.stderr.count("wearlink.W005") >= 4


def test_the_database_ends_what_hangs_by_itself() -> None:
    web, chosen = environment.database("postgresql:///a"), environment.database("postgresql:///a?options=-c%20x%3D1")
    for settings in (web, chosen):
        environment.connect_as(settings, "web", 4)
    assert "statement_timeout=30s" in web["OPTIONS"]["options"]
    assert "idle_in_transaction_session_timeout=60s" in web["OPTIONS"]["options"]
    assert chosen["OPTIONS"]["options"] == "-c x=1"
    worker = environment.database("postgresql:///a")
    environment.connect_as(worker, "worker", 4)
    assert "lock_timeout=120s" in worker["OPTIONS"]["options"]


def test_in_compose_only_migrations_know_the_owner() -> None:
    services = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
    knowing = [name for name, one in services.items() if "DATABASE_OWNER_URL" in one.get("environment", {})]
    assert knowing == ["migrate"]
    urls = [one.get("environment", {}).get("DATABASE_URL") for one in services.values()]
    serving = {url for url in urls if url is not None}
    assert serving == {"postgresql://wearlink:${POSTGRES_PASSWORD}@postgres:5432/wearlink"}
    assert services["postgres"]["environment"]["POSTGRES_USER"] == "wearlink_owner"
    assert {one["env_file"] for one in services.values() if "env_file" in one} == {"app.env"}
    for ignored in (".gitignore", ".dockerignore"):
        assert {".env*", "app.env"} <= set((ROOT / ignored).read_text().split())


def hosts_of(**changes: str) -> list[str]:
    """ALLOWED_HOSTS of an installation with its own database."""
    environment_variables = {
        **{name: os.environ[name] for name in ("PATH", "PYTHONPYCACHEPREFIX") if name in os.environ},
        **keyfile.fresh(),
        "DATABASE_URL": "postgresql://wearlink:word@db.example.com/wearlink",
        "REDIS_URL": "redis://broker.example.com:6379/0",
        "DJANGO_SETTINGS_MODULE": "wearlink.settings",
        **changes,
    }
    script = "import json; from django.conf import settings; print(json.dumps(settings.ALLOWED_HOSTS))"
    run = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=environment_variables, capture_output=True, text=True, check=True
    )
    found: list[str] = json.loads(run.stdout)
    return found


def test_a_server_answers_to_this_machines_names_only_where_it_is_one() -> None:
    assert hosts_of(BASE_URL="https://api.example.com") == ["api.example.com"]
    assert hosts_of(BASE_URL="https://api.example.com", ALLOWED_HOSTS="b.example.com") == [
        "b.example.com",
        "api.example.com",
    ]
    assert "127.0.0.1" in hosts_of(BASE_URL="http://localhost:8000")
