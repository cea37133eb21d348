"""Changing an organization's own settings."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from accounts import audit, authentication
from accounts.end_users import source_preferences
from accounts.models import Developer, Organization
from accounts.organization import logos, roles
from wearlink.lib import clock


@transaction.atomic
def update(by: Developer, values: Mapping[str, Any], *, actor: audit.Actor) -> Organization:
    """Change name, time_zone, logo (a PNG), privacy_url, redirect_addresses or settings (merged by name).

    Raises Forbidden.
    """
    roles.require_manager(by)
    # no_key: the writer of an audit entry holds the chain's lock and then looks at this row's key
    row = Organization.objects.select_for_update(no_key=True).get(pk=by.organization_id)
    wanted = dict(values)
    if "settings" in wanted:
        wanted["settings"] = {**row.settings, **wanted["settings"]}
        order = values["settings"].get("source_priority", {})
        source_preferences.require_valid(None, order, field="settings.source_priority")
    logo_changed = "logo" in wanted and logos.put(row, wanted.pop("logo"))
    changed = sorted(name for name, value in wanted.items() if getattr(row, name) != value)
    if not changed and not logo_changed:
        return row
    former = row.source_priority
    for name in changed:
        setattr(row, name, wanted[name])
    save(row, changed, actor=actor, logo_changed=logo_changed)
    if row.source_priority != former:
        source_preferences.changed(row.pk)
    return row


def save(row: Organization, changed: list[str], *, actor: audit.Actor, logo_changed: bool = False) -> None:
    """Write what was changed on a locked row."""
    row.updated_at = clock.now()
    row.save(update_fields=[*changed, "updated_at"])
    authentication.forget_organization(row.pk)
    fields = [*changed, "logo"] if logo_changed else changed
    audit.record("organization.updated", actor=actor, organization=row, target=row, data={"changed": fields})
