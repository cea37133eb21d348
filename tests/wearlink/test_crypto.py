"""Encryption of stored secrets and the change of keys."""

import pytest
from cryptography.fernet import Fernet
from pytest_django import Settings

from wearlink.lib.security import crypto


def test_what_is_encrypted_is_unreadable_and_comes_back() -> None:
    token = crypto.encrypt(b"refresh-token")
    assert b"refresh" not in token
    assert crypto.decrypt(token) == b"refresh-token"


def test_an_old_key_still_decrypts_and_rotation_moves_to_the_new_one(settings: Settings) -> None:
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    settings.FIELD_KEYS = [old]
    token = crypto.encrypt(b"secret")
    settings.FIELD_KEYS = [new, old]
    assert crypto.decrypt(token) == b"secret"
    rotated = crypto.rotate(token)
    settings.FIELD_KEYS = [new]
    assert crypto.decrypt(rotated) == b"secret"
    for read in (crypto.decrypt, crypto.rotate):
        with pytest.raises(crypto.Undecipherable):
            read(token)
