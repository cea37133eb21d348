"""The embedded installation's secrets: made once, kept in DATA/secrets.json for the owner's eyes only."""

import base64
import json
import os
import secrets
from functools import cache
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

NAME = "secrets.json"


def read(data: Path) -> dict[str, str]:
    """Return the secrets of this data directory, or passing ones before its first start, for commands that need no
    data.

    Raises ImproperlyConfigured where they are there and cannot be read.
    """
    try:
        text = (data / NAME).read_text()
    except (FileNotFoundError, NotADirectoryError):
        return _passing()
    except OSError as error:
        fault = f"DATA={data} cannot be read ({error.strerror}); choose another directory with DATA=."
        raise ImproperlyConfigured(fault) from error
    found: dict[str, str] = json.loads(text)
    return found


def ensure(data: Path) -> None:
    """Make the file if there is none; the caller holds the data directory's lock."""
    path = data / NAME
    if path.exists():
        return
    temporary = path.with_suffix(".new")
    temporary.unlink(missing_ok=True)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(fresh(), file, indent=2)
        file.flush()
        os.fsync(file.fileno())
    temporary.rename(path)


def fresh() -> dict[str, str]:
    """Return new secrets, by the names of their environment variables."""
    return {
        "SECRET_KEY": secrets.token_urlsafe(48),
        "FIELD_KEYS": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "API_KEY_PEPPER": secrets.token_urlsafe(32),
        "TOKEN_KEYS": secrets.token_urlsafe(48),
    }


@cache
def _passing() -> dict[str, str]:
    return fresh()
