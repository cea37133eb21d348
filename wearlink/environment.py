"""A typed reader of environment variables, and the parsers of the URLs found in them.

Errors are ``ImproperlyConfigured`` and name the variable. An empty variable counts as one that is not set, since
compose files and process managers pass such.
"""

import hashlib
import os
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit, urlunsplit

from django.core.exceptions import ImproperlyConfigured

TRUE = frozenset({"1", "true", "yes", "on"})
FALSE = frozenset({"0", "false", "no", "off"})
# What PostgreSQL ends by itself. A DATABASE_URL with ?options= of its own is left alone.
TIMEOUTS: Mapping[str, Mapping[str, str]] = {
    "web": {"statement_timeout": "30s", "lock_timeout": "15s", "idle_in_transaction_session_timeout": "60s"},
    "worker": {"statement_timeout": "530s", "lock_timeout": "120s", "idle_in_transaction_session_timeout": "600s"},
}
VENDOR_NAMES = ("_CLIENT_ID", "_CLIENT_SECRET", "_SCOPES", "_WEBHOOK_TOKEN")
MAX_SOCKET_DIRECTORY_LENGTH = 93  # a socket's path has at most 107 bytes, of which the server's own name takes 14


@dataclass(frozen=True, slots=True)
class Environment:
    """A reader of ``values`` (usually ``os.environ``)."""

    values: Mapping[str, str]

    def text(self, name: str, default: str = "") -> str:
        """Return the variable as it is, without surrounding blanks."""
        return self.values.get(name, "").strip() or default

    def flag(self, name: str, default: bool = False) -> bool:
        """Return True for 1, true, yes and on, False for their opposites."""
        text = self.text(name).lower()
        if not text:
            return default
        if text not in TRUE | FALSE:
            raise ImproperlyConfigured(f"{name} must be 1 or 0, not {text!r}.")
        return text in TRUE

    def number(self, name: str, default: int) -> int:
        text = self.text(name)
        try:
            return int(text) if text else default
        except ValueError as error:
            raise ImproperlyConfigured(f"{name} must be a whole number, not {text!r}.") from error

    def amount(self, name: str, default: str) -> Decimal:
        """Return a decimal number that is not negative."""
        text = self.text(name, default)
        try:
            found = Decimal(text)
        except InvalidOperation as error:
            raise ImproperlyConfigured(f"{name} must be a number such as 84.0, not {text!r}.") from error
        if not found.is_finite() or found < 0:
            raise ImproperlyConfigured(f"{name} must not be negative.")
        return found

    def words(self, name: str, default: str = "") -> list[str]:
        """Return a list, separated by commas."""
        return [word.strip() for word in self.text(name, default).split(",") if word.strip()]

    def choice(self, name: str, options: frozenset[str], default: str = "") -> str:
        text = self.text(name, default)
        if text != default and text not in options:
            raise ImproperlyConfigured(f"{name} must be one of {', '.join(sorted(options))}, not {text!r}.")
        return text


def vendors(values: Mapping[str, str]) -> dict[str, str]:
    """Return the variables about vendors' clouds: PROVIDER_<SLUG>_<NAME>, and <SLUG>_CLIENT_ID, _CLIENT_SECRET,
    _SCOPES, _WEBHOOK_TOKEN.

    Which slugs there are is the adapters' business, so all that look like it are kept, by their whole names.
    """
    return {
        name: text.strip()
        for name, text in values.items()
        if text.strip() and (name.startswith("PROVIDER_") or name.endswith(VENDOR_NAMES))
    }


def database(url: str) -> dict[str, Any]:
    """Django's database settings of ``postgresql://user:password@host:port/name?sslmode=require``.

    A ``host`` in the query is the directory of a unix socket; other query parameters go to libpq as they are.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured("DATABASE_URL must begin with postgresql://.")
    options = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "wearlink.lib.postgres",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": options.pop("user", unquote(parts.username or "")),
        "PASSWORD": options.pop("password", unquote(parts.password or "")),
        "HOST": options.pop("host", parts.hostname or ""),
        "PORT": options.pop("port", str(parts.port or "")),
        "OPTIONS": options,
    }


def connect_as(settings: dict[str, Any], process: str, threads: int) -> None:
    """Add to Django's settings of a database how this kind of process (web, worker, beat, else any command) connects:
    a pool for the threads of the web server, one lasting connection for a task process.
    """
    if process and process in TIMEOUTS and "options" not in settings["OPTIONS"]:
        settings["OPTIONS"]["options"] = " ".join(f"-c {name}={value}" for name, value in TIMEOUTS[process].items())
    if process == "web":
        settings["OPTIONS"]["pool"] = {"min_size": 1, "max_size": threads, "timeout": 3, "reconnect_timeout": 2}
    elif process:
        settings |= {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}


def broker_url(redis_url: str) -> str:
    """Kombu's spelling of a Redis URL: unix sockets are ``redis+socket`` with a virtual_host."""
    parts = urlsplit(redis_url)
    if parts.scheme != "unix":
        return redis_url
    number = dict(parse_qsl(parts.query)).get("db", "0")
    return f"redis+socket://{parts.path}?virtual_host={number}"


def cache_url(redis_url: str) -> str:
    """Return the database after the broker's on the same server: emptying the cache must not empty the queues."""
    parts = urlsplit(redis_url)
    if parts.scheme == "unix":
        number = int(dict(parse_qsl(parts.query)).get("db", "0"))
        return f"unix://{parts.path}?db={number + 1}"
    number = int(parts.path.strip("/") or 0)
    return urlunsplit(parts._replace(path=f"/{number + 1}"))


def email(url: str) -> dict[str, Any]:
    """Django's EMAIL_ settings of ``smtp://user:password@host:587`` (STARTTLS), ``smtps://…:465`` (TLS), ``smtp+plain://``.

    Without a URL mails are printed to the console.
    """
    if not url:
        return {"EMAIL_BACKEND": "wearlink.lib.net.console_mail.ConsoleBackend"}
    parts = urlsplit(url)
    if parts.scheme not in {"smtp", "smtps", "smtp+plain"}:
        raise ImproperlyConfigured("EMAIL_URL must begin with smtp://, smtps:// or smtp+plain://.")
    secure = parts.scheme == "smtps"
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname or "localhost",
        "EMAIL_PORT": parts.port or (465 if secure else 587),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": secure,
        "EMAIL_USE_TLS": parts.scheme == "smtp",
        "EMAIL_TIMEOUT": 10,
    }


def runtime_directory(data: Path) -> Path:
    """Return where the embedded servers' sockets lie: DATA/run, or a short path of our own where that one is too long
    for a socket, or has characters that mean something in the addresses it becomes part of.
    """
    inside = data / "run"
    if len(str(inside)) <= MAX_SOCKET_DIRECTORY_LENGTH and re.fullmatch(r"[\w./-]+", str(inside), re.ASCII):
        return inside
    digest = hashlib.sha256(str(data).encode()).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"wl-{os.getuid()}-{digest}"
