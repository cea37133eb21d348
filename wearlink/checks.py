"""System checks of the configuration; `manage.py check --deploy` and the web server's start run them.

wearlink.E001  a secret is missing in production
wearlink.E002  FIELD_KEYS are not Fernet keys
wearlink.E003  loopback addresses are allowed as customers' URLs in production
wearlink.E004  a bucket without credentials
wearlink.E007  SNS_TOPIC_ARNS holds what is no topic of SNS
wearlink.W001  secrets are short
wearlink.W002  https by BASE_URL, but no trusted proxies
wearlink.I001  objects are kept on this machine's disk

With --deploy, for installations that are not embedded:

wearlink.E005  DEBUG, any host name, or loopback addresses as customers' URLs
wearlink.E006  mails, with the tokens in them, go to the log
wearlink.W004  BASE_URL is not https
wearlink.W005  the broker or the database is spoken to without password or TLS
wearlink.W006  /metrics is open to everybody
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

from cryptography.fernet import Fernet
from django.conf import settings
from django.core import checks
from django.core.exceptions import ImproperlyConfigured

from wearlink.lib.net import sns

SECRETS = ("SECRET_KEY", "FIELD_KEYS", "API_KEY_PEPPER", "TOKEN_KEYS")
MIN_SECRET_LENGTH = 32
TLS_MODES = ("require", "verify-ca", "verify-full")
HOW = "python -c 'import secrets; print(secrets.token_urlsafe(48))'"
HOW_FERNET = "python -c 'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())'"


def _secret(name: str) -> list[str]:
    """Return the setting's values; reading an empty SECRET_KEY raises, hence the care."""
    try:
        value = getattr(settings, name)
    except ImproperlyConfigured:
        return []
    return [value] if isinstance(value, str) and value else list(value)


def secrets_given() -> Iterator[checks.CheckMessage]:
    """Yield E001 and W001."""
    for name in SECRETS:
        values = _secret(name)
        if not values and not settings.DEBUG:
            hint = f"Set {name}, for instance to the output of: {HOW_FERNET if name == 'FIELD_KEYS' else HOW}"
            yield checks.Error(f"{name} is not set.", hint=hint, id="wearlink.E001")
        elif min((len(value) for value in values), default=MIN_SECRET_LENGTH) < MIN_SECRET_LENGTH:
            yield checks.Warning(
                f"{name} is shorter than {MIN_SECRET_LENGTH} characters.", hint=HOW, id="wearlink.W001"
            )


def field_keys_fit() -> Iterator[checks.CheckMessage]:
    """Yield E002."""
    for key in settings.FIELD_KEYS:
        try:
            Fernet(key)
        except ValueError:
            yield checks.Error("FIELD_KEYS holds something that is no Fernet key.", hint=HOW_FERNET, id="wearlink.E002")


def loopback_closed() -> Iterator[checks.CheckMessage]:
    """Yield E003: only embedded and DEBUG installations may call themselves."""
    if settings.EGRESS_ALLOW_LOOPBACK and not (settings.EMBEDDED or settings.DEBUG):
        hint = "Unset EGRESS_ALLOW_LOOPBACK; it is for development."
        yield checks.Error("Customers' URLs may lead to this machine.", hint=hint, id="wearlink.E003")


def bucket_usable() -> Iterator[checks.CheckMessage]:
    """Yield E004."""
    if settings.S3_BUCKET and bool(settings.S3_ACCESS_KEY) != bool(settings.S3_SECRET_KEY):
        hint = "Set both S3_ACCESS_KEY and S3_SECRET_KEY, or neither to use the machine's own role."
        yield checks.Error("Half of the bucket's credentials is missing.", hint=hint, id="wearlink.E004")


def topics_fit() -> Iterator[checks.CheckMessage]:
    """Yield E007."""
    for topic in settings.SNS_TOPIC_ARNS:
        if not sns.TOPIC.fullmatch(topic):
            hint = "A topic is named as arn:aws:sns:us-east-1:123456789012:name."
            yield checks.Error(f"SNS_TOPIC_ARNS holds {topic!r}.", hint=hint, id="wearlink.E007")


def proxy_trusted() -> Iterator[checks.CheckMessage]:
    """Yield W002."""
    if settings.BASE_URL.startswith("https://") and not settings.TRUSTED_PROXIES:
        hint = "Set TRUSTED_PROXIES to the address of the proxy that ends TLS, else requests are redirected for ever."
        yield checks.Warning("BASE_URL is https, but no proxy is trusted.", hint=hint, id="wearlink.W002")


def objects_shared() -> Iterator[checks.CheckMessage]:
    """Yield I001."""
    if not settings.EMBEDDED and not settings.S3_BUCKET:
        hint = "Set S3_BUCKET unless web and workers share DATA."
        yield checks.Info("Objects are kept on this machine's disk.", hint=hint, id="wearlink.I001")


def development_off() -> Iterator[checks.CheckMessage]:
    """Yield E005."""
    found = {
        "DEBUG is on.": settings.DEBUG,
        "ALLOWED_HOSTS takes any host name.": "*" in settings.ALLOWED_HOSTS,
        "Customers' URLs may lead to this machine.": settings.EGRESS_ALLOW_LOOPBACK,
    }
    for fault, there in found.items():
        if there and not settings.EMBEDDED:
            yield checks.Error(fault, hint="That is for development; unset the variable.", id="wearlink.E005")


def mail_is_sent() -> Iterator[checks.CheckMessage]:
    """Yield E006."""
    if not settings.EMBEDDED and "console" in settings.EMAIL_BACKEND:
        hint = "Set EMAIL_URL; else reset and invitation tokens stand in the log."
        yield checks.Error("Mails go to the log.", hint=hint, id="wearlink.E006")


def addresses_are_safe() -> Iterator[checks.CheckMessage]:
    """Yield W004, W005 and W006."""
    if settings.EMBEDDED:
        return
    if not settings.BASE_URL.startswith("https://"):
        yield checks.Warning("BASE_URL is not https.", hint="Put a proxy that ends TLS in front.", id="wearlink.W004")
    yield from _broker_is_closed()
    database = settings.DATABASES["default"]
    if database["HOST"] and not database["HOST"].startswith("/"):
        if not database["PASSWORD"]:
            yield _open("DATABASE_URL has no password.", "Give the role one.")
        if database["OPTIONS"].get("sslmode") not in TLS_MODES:
            yield _open("DATABASE_URL asks for no TLS.", "Add ?sslmode=require, or better verify-full.")
    if not settings.METRICS_TOKEN:
        hint = "Set METRICS_TOKEN, and give it to your Prometheus as a bearer token."
        yield checks.Warning("/metrics is open to everybody.", hint=hint, id="wearlink.W006")


def _broker_is_closed() -> Iterator[checks.CheckMessage]:
    parts = urlsplit(settings.REDIS_URL)
    if parts.scheme == "unix":
        return
    if not parts.password:
        yield _open("REDIS_URL has no password.", "Set requirepass or an ACL, and redis://:password@….")
    if parts.scheme != "rediss":
        yield _open("REDIS_URL asks for no TLS.", "Use rediss://.")


def _open(fault: str, hint: str) -> checks.CheckMessage:
    hint = f"{hint} On a private network put wearlink.W005 into SILENCED_CHECKS."
    return checks.Warning(fault, hint=hint, id="wearlink.W005")


Check = Callable[[], Iterator[checks.CheckMessage]]
ALWAYS: Sequence[Check] = (secrets_given, field_keys_fit, loopback_closed, bucket_usable, topics_fit)
DEPLOY: Sequence[Check] = (proxy_trusted, objects_shared, development_off, mail_is_sent, addresses_are_safe)


def always(app_configs: Any, **options: Any) -> list[checks.CheckMessage]:
    """Return the checks of every start."""
    return [message for check in ALWAYS for message in check()]


def deploy(app_configs: Any, **options: Any) -> list[checks.CheckMessage]:
    """Return the checks of `check --deploy`."""
    return [message for check in DEPLOY for message in check()]


def register_all() -> None:
    """Register all checks; called once, when Django is set up."""
    checks.register(always, "wearlink")
    checks.register(deploy, "wearlink", deploy=True)


def require() -> None:
    """Refuse to serve with a configuration that is not safe; the web server runs no system checks by itself."""
    errors = [message for message in always(None) if message.level >= checks.ERROR]
    if errors:
        raise ImproperlyConfigured("\n".join(f"({error.id}) {error.msg} {error.hint}" for error in errors))
