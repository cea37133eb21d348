"""Serializer fields that several shapes share."""

import base64
import binascii
import re
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.end_users import zones
from accounts.organization import logos

# The renderer writes moments; format=None hands them through.
Moment = partial(serializers.DateTimeField, format=None, read_only=True)
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
UNSAFE_SCHEMES = frozenset({"javascript", "data", "vbscript", "file", "blob", "about"})


DATA_ADDRESS = re.compile(r"^data:image/[a-z]+;base64,")
LINK = re.compile(r"://|www\.|@|\.[a-z]{2,}/", re.IGNORECASE)


class TimeZoneField(serializers.CharField):
    """An IANA time zone name."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=64, **{"help_text": "IANA name, such as Europe/Paris.", **options})

    def to_internal_value(self, data: Any) -> str:
        """Raise ValidationError for a name the time zone database does not have."""
        name: str = super().to_internal_value(data)
        if name not in zones.names():
            raise serializers.ValidationError(
                f"{name[:64]!r} is no IANA time zone; accepted are names like Europe/Paris."
            )
        return name


class MailedNameField(serializers.CharField):
    """A name that is written in our mails: one line, and nothing that a mail program would make a link of."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=120, **options)

    def to_internal_value(self, data: Any) -> str:
        name = super().to_internal_value(data)
        if not name.isprintable():
            raise serializers.ValidationError("Must be one line of printable characters.")
        if LINK.search(name):
            raise serializers.ValidationError("Must not hold a web or mail address.")
        return name


class OptionalTextField(serializers.CharField):
    """Text that may be missing: null, "" and blanks all mean it is."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"required": False, "allow_null": True, "allow_blank": True, **options})

    def run_validation(self, data: Any = serializers.empty) -> Any:
        return super().run_validation(data) or None


class OptionalEmailField(serializers.EmailField):
    """An address that may be missing."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=254, required=False, allow_null=True, allow_blank=True, **options)

    def run_validation(self, data: Any = serializers.empty) -> Any:
        return super().run_validation(data) or None


_NAMES_SCHEMA = {
    "type": "array",
    "minItems": 1,
    "maxItems": 20,
    "items": {"type": "string", "minLength": 1, "maxLength": 64},
}
PRIORITY_SCHEMA = {
    "type": "object",
    "maxProperties": 64,
    "additionalProperties": {
        "oneOf": [
            _NAMES_SCHEMA,
            {
                "type": "object",
                "required": ["order"],
                "properties": {
                    "order": {**_NAMES_SCHEMA, "description": "The order of sources, as above."},
                    "min_coverage": {
                        "type": "integer",
                        "minimum": 0,
                        "maximum": 1440,
                        "description": "Minutes of a day that must be measured for a figure to be shown.",
                    },
                },
            },
        ]
    },
    "description": (
        "Per metric (or `*`), which source comes first: device types, providers, or single sources as `source:<id>`. A "
        "name with a minus, such as `-manual`, leaves a source out. As an object, `min_coverage` hides figures of "
        "days of which fewer minutes were measured."
    ),
    "examples": [
        {"steps": ["watch", "phone", "-manual"], "heart_rate": {"order": ["oura", "garmin"], "min_coverage": 600}}
    ],
}


class TextOnlyField(serializers.CharField):
    """A string and nothing that could be written as one."""

    def to_internal_value(self, data: Any) -> str:
        """Raise ValidationError for numbers too."""
        if not isinstance(data, str):
            raise serializers.ValidationError("must be a string.")
        return str(super().to_internal_value(data))


class OrderSerializer(serializers.Serializer[Any]):
    """The long form of one metric's order."""

    order = serializers.ListField(child=TextOnlyField(max_length=64), allow_empty=False, min_length=1, max_length=20)
    min_coverage = serializers.IntegerField(required=False, min_value=0, max_value=1440)


class OrderField(serializers.Field[Any, Any, Any, Any]):
    """A list of names, or an object with one."""

    def to_internal_value(self, data: Any) -> Any:
        """Raise ValidationError for names that occur twice, and for words that are neither."""
        if isinstance(data, dict):
            if unknown := sorted(set(data) - {"order", "min_coverage"}):
                raise serializers.ValidationError(f"unknown: {unknown[0][:64]}. Accepted: order, min_coverage.")
            checked = OrderSerializer(data=data)
            checked.is_valid(raise_exception=True)
            value: Any = dict(checked.validated_data)
            names = value["order"]
        else:
            names = value = OrderSerializer().fields["order"].run_validation(data)
        if len({name.lstrip("-") for name in names}) < len(names):
            raise serializers.ValidationError("names a source twice.")
        return value

    def to_representation(self, value: Any) -> Any:
        return value


@extend_schema_field(PRIORITY_SCHEMA)
class SourcePriorityField(serializers.DictField):
    """An order of sources for each metric, such as {"steps": ["watch", "phone"]}."""

    child = OrderField()

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        """Raise ValidationError for too many metrics, or a source that occurs twice."""
        value: dict[str, Any] = super().to_internal_value(data)
        if len(value) > 64:
            raise serializers.ValidationError("at most 64 metrics.")
        if any(not 0 < len(metric) <= 64 or "\0" in metric for metric in value):
            raise serializers.ValidationError("metric names have 1 to 64 characters.")
        return value


class RedirectAddressField(serializers.CharField):
    """An address that the connect page may send a browser back to: https, an app's own scheme, or http on localhost."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=2048, **options)

    def to_internal_value(self, data: Any) -> str:
        """Raise ValidationError for an address that is not absolute or not safe to redirect to."""
        text: str = super().to_internal_value(data)
        fault = _fault(text)
        if fault:
            raise serializers.ValidationError(fault)
        return text


class PrivacyAddressField(serializers.CharField):
    """A page of the customer's own: https, or empty for none."""

    def __init__(self) -> None:
        super().__init__(
            max_length=500,
            allow_blank=True,
            help_text="Your own words on privacy, https; linked on the connect page. Empty for none.",
        )

    def to_internal_value(self, data: Any) -> str:
        text: str = super().to_internal_value(data)
        fault = _fault(text) if text else ""
        if text and not fault and urlsplit(text).scheme != "https":
            fault = "must begin with https://."
        if fault:
            raise serializers.ValidationError(fault)
        return text


LOGO_SCHEMA = {"type": ["string", "null"], "contentEncoding": "base64", "maxLength": 4 * logos.MAX_BYTES // 3 + 100}


@extend_schema_field(LOGO_SCHEMA)
class LogoField(serializers.Field[bytes | None, str, Any, Any]):
    """A small picture in base64, written only; a data: address is taken, too."""

    def __init__(self) -> None:
        super().__init__(
            write_only=True,
            required=False,
            allow_null=True,
            help_text="A PNG, JPEG or WebP of at most 100,000 bytes in base64; null takes it away. Shown on the "
            "connect page on light and dark ground, at most 160 x 53 points large.",
        )

    def to_internal_value(self, data: Any) -> bytes:
        """Make a PNG of it. Raises ValidationError."""
        if not isinstance(data, str):
            raise serializers.ValidationError("must be text in base64.")
        try:
            return logos.to_png(base64.b64decode(DATA_ADDRESS.sub("", data), validate=True))
        except (binascii.Error, ValueError) as error:
            raise serializers.ValidationError("is no base64.") from error
        except logos.NotALogo as error:
            raise serializers.ValidationError(str(error)) from error


def _fault(text: str) -> str:
    try:
        parts = urlsplit(text)
        host = parts.hostname
    except ValueError:
        return "is no address."
    if not parts.scheme or any(character.isspace() for character in text):
        return "must be an absolute address, such as https://app.example.com/connected."
    if parts.fragment or "@" in parts.netloc:
        return "must have no fragment and no user name."
    if parts.scheme in UNSAFE_SCHEMES or (parts.scheme in {"http", "https"} and not host):
        return "is not an address to redirect to."
    if parts.scheme == "http" and host not in LOOPBACK:
        return "must use https; http is accepted for localhost only."
    return ""
