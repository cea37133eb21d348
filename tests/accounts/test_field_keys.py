"""manage.py rotate_field_keys: everything stored, with the first key; interrupted, raced, unreadable."""

from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.apps import apps
from django.core.management import CommandError, call_command

from accounts import field_keys
from accounts.audit import SYSTEM
from accounts.models import AuditEntry, Developer, IdempotentReply
from accounts.webhooks.endpoints import lifecycle
from accounts.webhooks.models import Secret
from providers.models import Connection, ConnectionToken, OAuthState, ProviderApp, Revocation, VendorSubscription
from tests import factories
from wearlink.lib import clock
from wearlink.lib.security import crypto
from wearlink.lib.security.fields import Ciphertext

pytestmark = pytest.mark.django_db
# What is binary and not encrypted: digests, bodies, keys of hash chains.
PLAIN = {
    "accounts.organizationlogo.png",
    "accounts.auditcheck.hash",
    "accounts.auditcheck.seal",
    "accounts.auditentry.hash",
    "accounts.auditentry.previous_hash",
    "accounts.auditseal.seal",
    "exports.dataexport.downloaded_by",
    "exports.dataexport.token_hash",
    "providers.oauthstate.digest",
    "providers.payload.body",
    "providers.payload.sha256",
    "webhooks.attempt.response",
    "webhooks.message.body",
    "webhooks.message.deferred_body",
}


@pytest.fixture
def keys(settings: Any) -> tuple[str, str]:
    """The old key, which is in use, and the new one."""
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    settings.FIELD_KEYS = [old]
    return old, new


@pytest.fixture
def stored(keys: tuple[str, str]) -> Callable[[], list[bytes]]:
    """One of everything, encrypted with the old key; reads all of it back."""
    alice = factories.alice()
    fill(alice)

    def read() -> list[bytes]:
        return [
            bytes(value)
            for one in field_keys.registered()
            for row in one.model._base_manager.order_by("pk").values_list(*one.columns)
            for value in row
            if value
        ]

    return read


def fill(alice: Developer) -> None:
    organization = alice.organization
    jane = factories.end_user(organization)
    IdempotentReply.objects.create(
        organization=organization, key="k", fingerprint="f", status=201, body='{"api_key":"sk"}'
    )
    values = {"url": "https://customer.example.com/hook", "filter_types": None}
    lifecycle.create(organization=organization, values=values, actor=SYSTEM)
    app = ProviderApp.objects.create(organization=organization, provider="oura", client_id="c", secrets="{}")
    row = Connection.objects.create(user_key=jane.key, organization_id=organization.pk, provider="oura", account="a")
    ConnectionToken.objects.create(connection=row, access="access", refresh="refresh")
    Revocation.objects.create(provider="oura", app=app, account="a", access="to be revoked")
    OAuthState.objects.create(
        digest=b"d", user_key=jane.key, organization_id=organization.pk, provider="oura", verifier="verifier",
        expires_at=clock.now() + timedelta(minutes=10),
    )  # fmt: skip
    VendorSubscription.objects.create(provider="oura", topic="t", signing_secret="signing")


def rotate(**options: Any) -> str:
    out = StringIO()
    call_command("rotate_field_keys", stdout=out, **options)
    return out.getvalue()


def decrypted(values: list[bytes]) -> list[bytes]:
    return [crypto.decrypt(value) for value in values]


def test_every_binary_column_is_either_rotated_or_known_to_be_plain() -> None:
    named = {
        f"{model._meta.label_lower}.{column.name}"
        for model in apps.get_models()
        for column in model._meta.local_fields
        if column.get_internal_type() == "BinaryField"
    }
    rotated = {f"{one.name}.{column}" for one in field_keys.registered() for column in one.columns}
    assert not rotated & PLAIN
    assert {
        name for name in named if name.split(".")[0] in {"accounts", "billing", "exports", "providers", "webhooks"}
    } == rotated | PLAIN


@pytest.mark.parametrize("batch", [1, 500])
def test_everything_can_be_read_with_the_new_key_alone(
    stored: Callable[[], list[bytes]], keys: tuple[str, str], settings: Any, batch: int
) -> None:
    before = decrypted(stored())
    assert len(before) == 8
    settings.FIELD_KEYS = [keys[1], keys[0]]
    output = rotate(batch=batch)
    assert "providers.connectiontoken: 1 encrypted again, 0 had the first key" in output
    settings.FIELD_KEYS = [keys[1]]
    assert decrypted(stored()) == before
    entry = AuditEntry.objects.get(action="field_keys.rotated")
    assert entry.data["rotated"]["accounts.idempotentreply"] == 1


def test_a_second_run_goes_on_where_the_first_was_interrupted(
    stored: Callable[[], list[bytes]], keys: tuple[str, str], settings: Any
) -> None:
    settings.FIELD_KEYS = [keys[1], keys[0]]
    next(field_keys.rotate())
    halfway = stored()
    assert "accounts.idempotentreply: 0 encrypted again, 1 had the first key" in rotate()
    ended = stored()
    assert sum(value in halfway for value in ended) == 1
    rotate()
    assert stored() == ended


def test_what_no_key_opens_is_named_and_the_rest_is_done(
    stored: Callable[[], list[bytes]], keys: tuple[str, str], settings: Any
) -> None:
    Secret.objects.update(secret=Ciphertext(b"not encrypted with any of them"))
    settings.FIELD_KEYS = [keys[1], keys[0]]
    out = StringIO()
    with pytest.raises(CommandError, match="keep it in FIELD_KEYS"):
        call_command("rotate_field_keys", stdout=out)
    key = Secret.objects.get().pk
    assert f"webhooks.secret: 0 encrypted again, 0 had the first key, 1 cannot be read (keys {key})" in out.getvalue()
    assert sum(crypto.is_current(value) for value in stored()) == 7


def test_a_token_that_is_renewed_meanwhile_stays_as_it_was_renewed(
    stored: Callable[[], list[bytes]], keys: tuple[str, str], settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.FIELD_KEYS = [keys[0]]
    renewed = Ciphertext(crypto.encrypt(b"renewed"))
    settings.FIELD_KEYS = [keys[1], keys[0]]
    plain = crypto.rotate

    def meanwhile(token: bytes) -> bytes:
        ConnectionToken.objects.exclude(access=renewed).filter(access=token).update(access=renewed)
        return plain(token)

    monkeypatch.setattr(crypto, "rotate", meanwhile)
    rotate()
    settings.FIELD_KEYS = [keys[1]]
    assert ConnectionToken.objects.get().access == "renewed"


def test_a_batch_of_nothing_is_refused() -> None:
    with pytest.raises(CommandError, match="at least 1"):
        rotate(batch=0)
