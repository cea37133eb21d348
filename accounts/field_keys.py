"""Changing FIELD_KEYS: every EncryptedField of the project gets the new first key.

A row that has the first key already is left alone, so a rotation that was interrupted goes on where it was. Nothing is
locked: a row that somebody else writes meanwhile keeps what they wrote, and is looked at again.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.apps import apps
from django.db import transaction
from django.db.models import Model

from wearlink.lib.security import crypto
from wearlink.lib.security.crypto import Undecipherable
from wearlink.lib.security.fields import Ciphertext, encrypted_fields

BATCH: Final = 500
ROUNDS: Final = 3  # for rows that others write at the same time


@dataclass(frozen=True, slots=True)
class EncryptedColumns:
    """Encrypted columns of one table; an empty value is nothing to encrypt."""

    name: str
    model: type[Model]
    columns: tuple[str, ...]


@dataclass(slots=True)
class Rotation:
    """The result of one table's rotation. `unreadable`: rows that no key decrypts; `raced`: rows that kept changing."""

    name: str
    rotated: int = 0
    current: int = 0
    unreadable: list[Any] = field(default_factory=list)
    raced: list[Any] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        """True when this table no longer needs the older keys."""
        return not self.unreadable and not self.raced


def registered() -> list[EncryptedColumns]:
    """Return every model with an EncryptedField, by table."""
    found = ((model, encrypted_fields(model)) for model in apps.get_models())
    columns = [EncryptedColumns(model._meta.label_lower, model, names) for model, names in found if names]
    return sorted(columns, key=lambda one: one.name)


def rotate(*, batch: int = BATCH) -> Iterator[Rotation]:
    """Encrypt everything that is stored with the first key of FIELD_KEYS, table by table."""
    return (_rotate_table(columns, batch) for columns in registered())


def _rotate_table(columns: EncryptedColumns, batch: int) -> Rotation:
    found, last = Rotation(columns.name), None
    rows = columns.model._base_manager.order_by("pk").values_list("pk", *columns.columns)
    while chunk := list((rows if last is None else rows.filter(pk__gt=last))[:batch]):
        with transaction.atomic():
            for row in chunk:
                _rotate_row(columns, row, found)
        last = chunk[-1][0]
    return found


def _rotate_row(columns: EncryptedColumns, row: Sequence[Any], found: Rotation) -> None:
    key = row[0]
    for _ in range(ROUNDS):
        old = {name: value for name, value in zip(columns.columns, row[1:], strict=True) if value}
        try:
            new = {
                name: Ciphertext(crypto.rotate(value)) for name, value in old.items() if not crypto.is_current(value)
            }
        except Undecipherable:
            found.unreadable.append(key)
            return
        if not new:
            found.current += bool(old)
            return
        unchanged = columns.model._base_manager.filter(pk=key, **old)
        if unchanged.update(**new):
            found.rotated += 1
            return
        again = columns.model._base_manager.filter(pk=key).values_list("pk", *columns.columns).first()
        if again is None:
            return
        row = again
    found.raced.append(key)
