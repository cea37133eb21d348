"""A provider is a folder: Acme lies in a temporary package, and nothing else in the project names it."""

import hashlib
import hmac
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from accounts.models import EndUser
from providers import adapters, registry
from providers.contract import Credentials, InboundRequest
from providers.registry import FaultyAdapter
from tests import factories
from tests.providers.connecting import connect, forget_providers, work
from tests.providers.suite import RECEIVED, CloudSuite
from tests.providers.vendor import Vendor

BODY = b'{"user": "user-1", "kind": "days", "action": "update", "id": "d1"}'
STAMP = str(RECEIVED // 1000)
MAC = hmac.new(b"s", f"{STAMP}.".encode() + BODY, hashlib.sha256).hexdigest()


@pytest.mark.usefixtures("acme")
class TestAcme(CloudSuite):
    """The suite that every cloud passes, on the invented one."""

    slug = "acme"
    good = (
        InboundRequest("POST", {}, {"x-acme-signature": MAC.upper(), "x-acme-timestamp": STAMP}, BODY, RECEIVED),
        Credentials("c", "s"),
    )


def test_nothing_but_its_folder_names_a_provider() -> None:
    words = subprocess.run(
        ["git", "grep", "-il", "acme", "--", "*.py", ":!tests/", ":!providers/contract/__init__.py"],
        capture_output=True, text=True, check=False, cwd=Path(__file__).parent.parent.parent,
    )  # fmt: skip
    assert words.stdout == ""


@pytest.mark.django_db
def test_a_new_folder_is_all_it_takes(vendor: Vendor, jane: EndUser) -> None:
    vendor.days["user-1"] = [{"id": "d1", "day": "2026-11-01", "steps": 1}]
    client = factories.key_client(jane.organization)
    listed = {one["slug"]: one for one in client.get("/api/v1/providers").json()["data"]}
    assert listed["acme"]["is_configured"] is True
    assert listed["acme"]["supports"] == ["pull", "push", "deletes"]
    table = client.get("/api/v1/meta/coverage").json()
    assert "acme" in next(one for one in table["series"] if one["code"] == "heart_rate")["providers"]
    row = connect(vendor, jane)
    work(row)
    assert client.get(f"/api/v1/users/{jane.id}/connections").json()[0]["status"] == "active"


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ("", "exactly one Provider"),
        ("from providers.contract import Provider\nclass A(Provider):\n    slug = 'other'\n"
         "    def normalise(self, body, context):\n        return iter(())\n", "its folder is odd"),
    ],
)  # fmt: skip
def test_a_folder_that_breaks_the_contract_is_found_at_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str, fault: str
) -> None:
    folder = tmp_path / "odd"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "provider.py").write_text(source)
    monkeypatch.setattr(adapters, "__path__", [str(tmp_path)])
    forget_modules("odd")
    with pytest.raises(FaultyAdapter, match=fault):
        registry.discover(adapters)
    forget_modules("odd")


def forget_modules(name: str) -> None:
    import_names = [one for one in sys.modules if one.startswith(f"providers.adapters.{name}")]
    for one in import_names:
        del sys.modules[one]
    forget_providers()


def test_the_coverage_of_every_provider_is_of_the_catalogue(db: None) -> None:
    found: dict[str, Any] = factories.key_client(factories.alice()).get("/api/v1/meta/coverage").json()
    assert {one["slug"] for one in found["providers"]} == set(registry.providers())
    for one in found["series"]:
        assert one["providers"] == sorted(one["providers"])
