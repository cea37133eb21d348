"""The suite that every adapter of a vendor's cloud must pass. A test module of an adapter is one class:

    class TestOura(CloudSuite):
        slug = "oura"
        good = (InboundRequest(…), CREDENTIALS)               # a signed push; None where the vendor signs nothing

Fixtures lie in the adapter's folder: fixtures/<kind>[-<variant>].json with <same name>.expected.json beside it. The
kind is what a Page would carry. Only those without a variant are shuffled: a variant may be another version of the same
document, and of two versions the later one counts.
"""

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import msgspec
import pytest

from accounts.models import EndUser
from healthdata.catalogue import SERIES, WORKOUT_TYPES
from healthdata.days import ZoneHistory
from healthdata.models import DailyValue, HealthScore, Origin, SampleChunk, SleepStage, Workout
from healthdata.records import DailyRecord, Record, Rejected, Sample, Score, StageRecord, WorkoutRecord
from providers import adapters
from providers.contract import (
    AnomalousPayload,
    BadWebhookSignature,
    CloudProvider,
    Context,
    Credentials,
    InboundRequest,
    Retraction,
    UnsupportedEvent,
)
from providers.payloads import receive
from providers.payloads.process import drain
from providers.vendor_api import credentials
from tests.providers import expected
from wearlink.lib.clock import parse_rfc3339

RECEIVED = parse_rfc3339("2026-11-24T12:00:00Z")[0]
UNKNOWN = {"a_field_of_tomorrow": {"deep": [1, None, "x"]}}
GENERATED = ("id", "pk", "key", "created_at", "updated_at", "row_key", "edited_at")
TABLES = (DailyValue, HealthScore, SleepStage, Workout, SampleChunk, Origin)


def fixtures(slug: str) -> list[Path]:
    """Return the fixtures of an adapter, wherever its folder lies."""
    folders = [Path(path) / slug / "fixtures" for path in adapters.__path__]
    found = [path for folder in folders for path in sorted(folder.glob("*.json"))]
    return [path for path in found if not path.name.endswith(".expected.json")]


def kind_of(path: Path) -> str:
    """Return the kind that a fixture's name tells."""
    return path.stem.partition("-")[0]


def with_unknown_fields(value: Any) -> Any:
    """Return the same document with a field in every object that nobody knows."""
    if isinstance(value, list):
        return [with_unknown_fields(one) for one in value]
    if isinstance(value, dict):
        return {**{name: with_unknown_fields(one) for name, one in value.items()}, **UNKNOWN}
    return value


class CloudSuite:
    """The base of the adapters' test classes."""

    slug: ClassVar[str]
    good: ClassVar[tuple[InboundRequest, Credentials] | None] = None

    @pytest.fixture
    def provider(self) -> CloudProvider:
        return credentials.get_cloud(self.slug)

    def read(self, provider: CloudProvider, kind: str, body: bytes) -> list[Record | Rejected | Retraction]:
        return list(provider.normalise(body, Context(received=RECEIVED, zones=ZoneHistory(), kind=kind)))

    def documents(self) -> Iterator[tuple[str, bytes]]:
        """Return kind and body of every fixture."""
        return ((kind_of(path), path.read_bytes()) for path in fixtures(self.slug))

    def test_there_are_fixtures_a_readme_and_a_mark(self, provider: CloudProvider) -> None:
        found = fixtures(self.slug)
        assert found
        folder = found[0].parent.parent
        assert (folder / "README.md").read_text().startswith("# ")
        assert (folder / "logo.svg").read_bytes().startswith(b"<svg ")

    def test_each_fixture_becomes_what_is_written_beside_it(self, provider: CloudProvider) -> None:
        for path in fixtures(self.slug):
            found = expected.describe(self.read(provider, kind_of(path), path.read_bytes()))  # type: ignore[arg-type]
            assert found == expected.load(path.with_suffix(".expected.json")), path.name

    def test_what_it_delivers_lies_in_its_coverage(self, provider: CloudProvider) -> None:
        coverage = provider.coverage
        assert set(coverage.series) <= set(SERIES)
        assert set(coverage.workout_types) <= set(WORKOUT_TYPES)
        for kind, body in self.documents():
            for item in self.read(provider, kind, body):
                if isinstance(item, Sample | DailyRecord):
                    assert item.series in coverage.series, item
                elif isinstance(item, WorkoutRecord):
                    assert item.type in coverage.workout_types, item
                elif isinstance(item, Score):
                    assert item.category in coverage.scores, item
                elif isinstance(item, StageRecord):
                    assert coverage.sleep

    def test_fields_nobody_knows_change_nothing(self, provider: CloudProvider) -> None:
        for kind, body in self.documents():
            more = msgspec.json.encode(with_unknown_fields(json.loads(body)))
            assert self.read(provider, kind, more) == self.read(provider, kind, body), kind

    @pytest.mark.parametrize("body", [b"", b"<html>busy</html>", b"\xff", b"7"])
    def test_what_is_no_document_of_its_vendors_is_anomalous(self, provider: CloudProvider, body: bytes) -> None:
        for kind in {kind for kind, _ in self.documents()}:
            with pytest.raises(AnomalousPayload):
                self.read(provider, kind, body)

    @pytest.mark.django_db
    def test_twice_and_shuffled_give_the_same_rows(self, provider: CloudProvider, jane: EndUser) -> None:
        documents = [(path.stem, path.read_bytes()) for path in fixtures(self.slug) if "-" not in path.stem]
        once = self._stored(jane, documents)
        assert self._stored(jane, documents) == once
        random.Random(7).shuffle(documents)
        assert self._stored(jane, documents) == once

    def test_a_signature_proves_and_a_forgery_does_not(self, provider: CloudProvider) -> None:
        if self.good is None:
            assert not type(provider.signature).__name__.startswith("Hmac")
            return
        inbound, known = self.good
        assert provider.signature.check(inbound, known)
        changed = msgspec.structs.replace(inbound, body=inbound.body + b" ")
        another = msgspec.structs.replace(known, client_secret="x", signing_secret="x", verification_token="x")
        for bad in ((changed, known), (inbound, another)):
            try:
                assert not provider.signature.check(*bad)
            except BadWebhookSignature:
                continue

    def test_events_nobody_knows_are_unsupported_and_broken_ones_anomalous(self, provider: CloudProvider) -> None:
        for body in (b"", b"{", b"\xff\xff", b'"text"'):
            inbound = InboundRequest("POST", {}, {}, body, RECEIVED)
            with pytest.raises((AnomalousPayload, UnsupportedEvent)):
                list(provider.notifications(inbound))

    def _stored(self, user: EndUser, documents: list[tuple[str, bytes]]) -> list[Any]:
        for kind, body in documents:
            receive.receive(receive.IncomingPayload(user.key, user.organization_id, self.slug, body, 1, kind))
        drain(user.key)
        return [self._rows(table, user) for table in TABLES]

    def _rows(self, table: Any, user: EndUser) -> list[Any]:
        names = [field.attname for field in table._meta.concrete_fields if field.attname not in GENERATED]
        return sorted(map(repr, table.objects.filter(user_key=user.key).values_list(*names)))
