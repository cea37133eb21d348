"""Model fields of our own: EncryptedField.

Plain text exists in memory only. A row keeps what the database gave, a Ciphertext, and decrypts when the attribute is
read, so that one row which no key opens spoils no query and a list that shows no secret decrypts none.
"""

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.db import models
from django.db.models.query_utils import DeferredAttribute

from wearlink.lib.security import crypto

if TYPE_CHECKING:
    _TextField = models.Field[str | bytes, str]
else:
    _TextField = models.Field

REMEMBERED_LENGTH: Final = 2048


class Ciphertext(bytes):
    """An encrypted value as it is stored; a field that is given one writes it unchanged. Empty: nothing was stored."""

    __slots__ = ()


class _Decrypting(DeferredAttribute):
    def __get__(self, instance: models.Model | None, owner: Any = None) -> Any:
        value = super().__get__(instance, owner)
        if not isinstance(value, Ciphertext):
            return value
        decrypted = _decrypted_once if len(value) <= REMEMBERED_LENGTH else _decrypted
        return decrypted(value, tuple(settings.FIELD_KEYS))

    def __set__(self, instance: models.Model, value: Any) -> None:
        instance.__dict__[self.field.attname] = value


class EncryptedField(_TextField):
    """Text that is encrypted with the first key of FIELD_KEYS. Reading it raises Undecipherable if no key opens it.

    ``values_list`` and friends give the Ciphertext. It cannot be searched: encrypting twice gives two results.
    """

    descriptor_class = _Decrypting

    def get_internal_type(self) -> str:
        return "BinaryField"

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Ciphertext | None:
        return None if value is None else Ciphertext(value)

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        return model_instance.__dict__[self.attname]

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        if isinstance(value, str):
            value = crypto.encrypt(value.encode()) if value else b""
        return None if value is None else connection.Database.Binary(value)

    def value_to_string(self, obj: models.Model) -> str:
        raise TypeError("Encrypted columns are not serialized.")


def encrypted_fields(model: type[models.Model]) -> tuple[str, ...]:
    return tuple(field.attname for field in model._meta.local_concrete_fields if isinstance(field, EncryptedField))


def _decrypted(value: Ciphertext, keys: tuple[str, ...]) -> str:
    return crypto.decrypt(value).decode() if value else ""


_decrypted_once = lru_cache(maxsize=1024)(_decrypted)  # busy rows are asked for with every webhook or call to a vendor
