"""The result of an act: words for the next page, with the audit entry it left, and the redirect to it."""

from collections.abc import Callable
from typing import TypeVar

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from rest_framework.exceptions import ValidationError

from accounts.models import AuditEntry
from accounts.organization.roles import Forbidden
from adminportal.dashboard.shell import TenantRequest
from wearlink.lib.api.errors import flatten
from wearlink.lib.errors import NotFound, WearLinkError

Made = TypeVar("Made")


def done(request: TenantRequest, words: str, to: str, *, audited: bool = True) -> HttpResponse:
    """Say what was done and lead on; `to` is an address."""
    messages.success(request, f"{words}{_entry(request)}" if audited else words)
    return redirect(to)


def carry_out(
    request: TenantRequest, do: Callable[[], Made], words: Callable[[Made], str], to: str, *, audited: bool = True
) -> HttpResponse:
    """Do what a button asks for, and say that it is done or why not. Raises NotFound, Forbidden."""
    try:
        made = do()
    except (NotFound, Forbidden):
        raise
    except ValidationError as error:
        messages.error(request, flatten(error.detail)[0].message)
        return redirect(to)
    except WearLinkError as error:
        messages.error(request, error.detail)
        return redirect(to)
    return done(request, words(made), to, audited=audited)


def _entry(request: TenantRequest) -> str:
    """Return which entry of the audit log tells of it: the newest of this developer."""
    rows = AuditEntry.objects.filter(organization=request.organization, actor_id=str(request.developer.pk))
    sequence = rows.order_by("-id").values_list("sequence", flat=True).first()
    return f" Audit entry #{sequence}." if sequence else ""
