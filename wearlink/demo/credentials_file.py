"""DATA/demo.json and what the terminal shows: how to reach the demo."""

import os
from datetime import timedelta
from pathlib import Path
from typing import Final

import msgspec

from wearlink.demo.tenant import KnownSecrets
from wearlink.lib import clock

NAME: Final = "demo.json"


class FileLogin(msgspec.Struct, frozen=True):
    """A demo account's e-mail address and password."""

    email: str
    password: str


class DemoCredentials(msgspec.Struct, frozen=True):
    base_url: str
    api_key: str
    developer: FileLogin
    admin: FileLogin
    user_ids: list[str]


def read(data: Path) -> DemoCredentials | None:
    """Read what the last start wrote; None where there is no file or it is not ours."""
    try:
        return msgspec.json.decode((data / NAME).read_bytes(), type=DemoCredentials)
    except (OSError, msgspec.DecodeError):
        return None


def known_secrets(data: Path) -> KnownSecrets:
    """Return what of the last start can be used again."""
    found = read(data)
    if found is None:
        return KnownSecrets()
    return KnownSecrets(found.developer.password, found.admin.password, found.api_key)


def write(data: Path, credentials: DemoCredentials) -> None:
    """Write the file whole or not at all, readable by its owner only."""
    temporary = data / f"{NAME}.new"
    temporary.unlink(missing_ok=True)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(msgspec.json.format(msgspec.json.encode(credentials), indent=2) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    temporary.rename(data / NAME)


def format_text(credentials: DemoCredentials, data: Path) -> str:
    """Return a few lines for the terminal, the last one a command that answers with data."""
    today = clock.now().date()
    days = f"start_date={today - timedelta(days=6)}&end_date={today}"
    url = f"{credentials.base_url}/api/v1/users/{credentials.user_ids[0]}/summaries/activity?{days}"
    lines = {
        "Open": f"{credentials.base_url}/",
        "Portal": f"{credentials.base_url}/dashboard",
        "Developer": f"{credentials.developer.email}  {credentials.developer.password}",
        "Admin": f"{credentials.admin.email}  {credentials.admin.password}",
        "API key": credentials.api_key,
        "In a file": str(data / NAME),
    }
    width = max(map(len, lines)) + 2
    shown = "\n".join(f"  {name:<{width}}{value}" for name, value in lines.items())
    curl = f"curl -s -H 'X-WearLink-API-Key: {credentials.api_key}' \\\n    '{url}'"
    return (
        f"\nWearLink is ready, with {len(credentials.user_ids)} demo users. Ctrl-C stops it.\n\n{shown}\n\n  {curl}\n"
    )
