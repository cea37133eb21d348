"""Plans and their versions, and the only writer of an organization's limits."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, Final

from django.db import transaction

from accounts import audit, authentication
from accounts.limits import HOBBY, NUMBERS, Limits
from accounts.models import Organization
from billing.models import BillingAccount, Plan
from wearlink.lib import clock
from wearlink.lib.errors import InvalidInput

FREE: Final = HOBBY.plan
BEGINNING: Final = datetime(2026, 1, 1, tzinfo=UTC)
#: What a new installation sells: code, name, US cents a month (None: by agreement), then NUMBERS (None: no limit).
FIRST: Final = (
    (FREE, "Hobby", 0, HOBBY.requests_per_minute, HOBBY.photos_per_day, HOBBY.max_end_users,
     HOBBY.max_webhook_endpoints, HOBBY.max_team_seats),
    ("developer", "Developer", 9_900, 30_000, 500, 100_000, 100, 25),
    ("scale", "Scale", 49_900, 120_000, 5_000, 1_000_000, 500, 100),
    ("enterprise", "Enterprise", None, None, None, None, None, None),
)  # fmt: skip
EDITABLE: Final = ("price_usd_cents", *NUMBERS)


def ensure(**_: Any) -> None:
    """Give every plan of FIRST its first version, where it has none. Called after migrations."""
    known = set(Plan.objects.values_list("code", flat=True))
    Plan.objects.bulk_create(
        Plan(
            code=code,
            name=name,
            position=position,
            price_usd_cents=cents,
            valid_from=BEGINNING,
            **dict(zip(NUMBERS, limits, strict=True)),
        )
        for position, (code, name, cents, *limits) in enumerate(FIRST)
        if code not in known
    )


def find(code: str, at: datetime | None = None) -> Plan:
    """Return the version of a plan in force at a moment (default: now). Raises InvalidInput for an unknown plan."""
    found = {plan.code: plan for plan in Plan.objects.in_force(at)}
    if code not in found:
        raise InvalidInput.on("plan", f"{code[:32]!r} is no plan. Accepted: {', '.join(found)}.")
    return found[code]


def apply(organization: Organization, code: str, actor: audit.Actor) -> Organization:
    """Give an organization the limits of a plan; they hold from the next request on.

    Does nothing when it has them already. Raises InvalidInput for an unknown plan.
    """
    return _give(organization, find(code).limits, actor)


@transaction.atomic
def _give(organization: Organization, limits: Limits, actor: audit.Actor) -> Organization:
    locked = Organization.objects.select_for_update(no_key=True).get(pk=organization.pk)
    before = locked.limits
    if before == limits:
        return locked
    for name, value in asdict(limits).items():
        setattr(locked, name, value)
    locked.updated_at = clock.now()
    locked.save(update_fields=["plan", *NUMBERS, "updated_at"])
    authentication.forget_organization(locked.pk)
    action = "billing.plan_changed" if before.plan != limits.plan else "billing.limits_changed"
    data = {"from": before.plan, "to": limits.plan} if before.plan != limits.plan else {"plan": limits.plan}
    audit.record(action, actor=actor, organization=locked, target=locked, data=data)
    return locked


@transaction.atomic
def grant(organization: Organization, code: str, actor: audit.Actor) -> Organization:
    """Put an organization on a plan by an administrator's word, whatever it buys. Raises InvalidInput."""
    plan = find(code)
    account, _ = BillingAccount.objects.select_for_update().get_or_create(organization=organization)
    if account.granted_plan != plan.code:
        account.granted_plan, account.granted_at = plan.code, clock.now()
        account.save(update_fields=["granted_plan", "granted_at"])
        data = {"plan": plan.code}
        audit.record("billing.plan_granted", actor=actor, organization=organization, target=organization, data=data)
    return _give(organization, plan.limits, actor)


@transaction.atomic
def change(
    code: str, changes: Mapping[str, int | None], actor: audit.Actor, valid_from: datetime | None = None
) -> Plan:
    """Return a new version of a plan; changes by the names of EDITABLE, None for no limit (price: by agreement).

    Limits hold for everybody on the plan from valid_from (default: now) on. Subscriptions keep the price they were
    bought at. Raises InvalidInput.
    """
    now = clock.now()
    begins = valid_from or now
    _check(changes, begins, now)
    old = find(code, begins)
    fresh = Plan.objects.get(pk=old.pk)
    fresh.pk, fresh._state.adding, fresh.valid_from, fresh.created_at = None, True, begins, now
    for name, value in changes.items():
        setattr(fresh, name, value)
    fresh.save(force_insert=True)
    data = {"plan": code, "valid_from": begins.isoformat(), "changes": dict(changes)}
    audit.record("billing.plan_version_added", actor=actor, target=f"plan:{code}", data=data)
    if begins <= now:
        bring_up_to_date(actor, [fresh])
    return fresh


def bring_up_to_date(actor: audit.Actor = audit.SYSTEM, plans: list[Plan] | None = None) -> int:
    """Give the limits in force to organizations whose plan got a new version; returns how many changed."""
    changed = 0
    for plan in Plan.objects.in_force() if plans is None else plans:
        wanted = {name: getattr(plan, name) for name in NUMBERS}
        for organization in Organization.objects.filter(plan=plan.code).exclude(**_same(wanted)).iterator():
            _give(organization, plan.limits, actor)
            changed += 1
    return changed


def _same(wanted: Mapping[str, int | None]) -> dict[str, int | bool]:
    """Filters for rows that have exactly these values; NULL is a value."""
    return {
        (f"{name}__isnull" if value is None else name): (True if value is None else value)
        for name, value in wanted.items()
    }


def _check(changes: Mapping[str, int | None], begins: datetime, now: datetime) -> None:
    for name, value in changes.items():
        if name not in EDITABLE:
            raise InvalidInput.on(name, f"cannot be changed. Accepted: {', '.join(EDITABLE)}.")
        if value is not None and not 0 <= value <= 2_000_000_000:
            raise InvalidInput.on(name, "must be a whole number from 0 to 2,000,000,000, or null.")
    if not changes:
        raise InvalidInput(f"Nothing to change. Accepted: {', '.join(EDITABLE)}.")
    if begins < now:
        raise InvalidInput.on("valid_from", "must not be in the past: a version never rewrites history.")
