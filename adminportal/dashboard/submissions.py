"""Forms that are checked by the API's own shapes: one set of rules, shown at the field instead of in JSON.

form = SubmittedForm.of(request, FIELDS)
with form.judged():
    values = form.read(InviteMemberSerializer, {"email": form.text("email")})
    team.invite(request.developer, **values, actor=request.actor)
if form.is_accepted: ...
"""

import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from django.core.cache import cache
from django.http import HttpRequest, QueryDict
from rest_framework.exceptions import ValidationError
from rest_framework.serializers import Serializer

from accounts.organization.roles import Forbidden
from wearlink.lib.api import bodies
from wearlink.lib.api.errors import flatten
from wearlink.lib.errors import FieldError, InvalidInput, NotFound, WearLinkError

ONCE: Final = "once"  # the hidden field by which a form sent twice is recognized
ONCE_SECONDS: Final = 3600


@dataclass(frozen=True, slots=True)
class FormField:
    """One field. kind: text, url, email, password, number, datetime-local, textarea, select, file or checkbox."""

    name: str
    label: str
    kind: str = "text"
    help: str = ""
    choices: Sequence[tuple[str, str]] = ()
    required: bool = False
    placeholder: str = ""
    autocomplete: str = "off"
    rows: int = 4
    is_extra: bool = False  # is folded away beneath the others
    accept: str = "image/png,image/jpeg,image/webp"  # of a file


@dataclass(frozen=True, slots=True)
class ShownField:
    """A field with its value and the faults of that."""

    field: FormField
    value: str
    error: str


class SubmittedForm:
    """Fields, what was entered, and the faults that were found. Not sent yet: nothing entered, not accepted."""

    def __init__(
        self, fields: Sequence[FormField], entered: QueryDict | None, initial: Mapping[str, str] | None = None
    ):
        self.fields = fields
        self.is_sent = entered is not None
        self._entered: Mapping[str, Any] = entered if entered is not None else (initial or {})
        self._faults: dict[str, str] = {}
        self.problem = ""
        self.once = secrets.token_urlsafe(12)

    @classmethod
    def of(
        cls, request: HttpRequest, fields: Sequence[FormField], initial: Mapping[str, str] | None = None
    ) -> "SubmittedForm":
        """Return the form of a page that shows it by GET and takes it by POST to the same address."""
        return cls(fields, request.POST if request.method == "POST" else None, initial)

    @property
    def status(self) -> HTTPStatus:
        """The status of the page that shows it: one that was sent is shown again only for its faults."""
        return HTTPStatus.BAD_REQUEST if self.is_sent else HTTPStatus.OK

    @property
    def is_accepted(self) -> bool:
        """Return whether the form was sent and nothing was wrong with it."""
        return self.is_sent and not self._faults and not self.problem

    @property
    def is_double(self) -> bool:
        """Return whether the very same form was sent before: a double click, or going back and sending again."""
        token = self.text(ONCE)[:64]
        return bool(token) and not cache.add(f"form:{token}", 1, ONCE_SECONDS)

    @property
    def shown(self) -> list[ShownField]:
        """The fields for the template. Passwords are never sent back."""
        return [
            ShownField(one, "" if one.kind == "password" else self.text(one.name), self._faults.get(one.name, ""))
            for one in self.fields
        ]

    @property
    def usual(self) -> list[ShownField]:
        """Fields that are always seen."""
        return [one for one in self.shown if not one.field.is_extra]

    @property
    def extra(self) -> list[ShownField]:
        """Fields that are folded away unless one has a value."""
        return [one for one in self.shown if one.field.is_extra]

    @property
    def has_extra(self) -> bool:
        """Return whether one of these fields has a value or a fault."""
        return any(one.value or one.error for one in self.extra)

    @property
    def faults(self) -> list[ShownField]:
        """Fields that something is wrong with, for the summary above the form."""
        return [one for one in self.shown if one.error]

    def text(self, name: str) -> str:
        """Return what was entered, without blanks at its ends."""
        return str(self._entered.get(name) or "").strip()

    def lines(self, name: str) -> list[str]:
        """Return the lines that were entered, without empty ones."""
        return [line.strip() for line in self.text(name).splitlines() if line.strip()]

    def chosen(self, name: str) -> list[str]:
        """Return all values of a field that may be chosen several times."""
        entered = self._entered
        return entered.getlist(name) if isinstance(entered, QueryDict) else []

    def read(self, serializer_class: type[Serializer[Any]], data: Mapping[str, Any], *, partial: bool = False) -> Any:
        """Return the values, as the API would take them. Raises as bodies.validate does."""
        return bodies.validate(serializer_class(data=data, partial=partial))

    @contextmanager
    def judged(self) -> Iterator[None]:
        """Take refusals within the block as faults of the form; what is not there or not allowed goes on."""
        try:
            yield
        except (NotFound, Forbidden):
            raise
        except ValidationError as error:
            self._note(flatten(error.detail))
        except InvalidInput as error:
            self._note(error.errors) if error.errors else self._refuse(error.detail)
        except WearLinkError as error:
            self._refuse(error.detail)

    def _refuse(self, words: str) -> None:
        self.problem = words

    def _note(self, errors: Sequence[FieldError]) -> None:
        """Note each error at the field of its name; ``redirects.0`` at ``redirects`` if it has no field of its own."""
        names = {one.name for one in self.fields}
        for error in errors:
            name = error.field if error.field in names else error.field.partition(".")[0]
            if name in names:
                known = self._faults.get(name)
                self._faults[name] = f"{known} {_sentence(error, name)}" if known else _sentence(error, name)
            else:
                self.problem = f"{error.field}: {error.message}" if error.field else error.message


def _sentence(error: FieldError, name: str) -> str:
    """Tell the fault of the field `name`; of a list or of headers, which of them it is about."""
    inner = error.field.partition(".")[2] if name != error.field else ""
    where = f"Line {int(inner) + 1}: " if inner.isdecimal() else f"{inner}: " if inner else ""
    text = f"{where}{error.message}"
    return text[:1].upper() + text[1:]
