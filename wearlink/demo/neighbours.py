"""Other tenants of the demo's platform, so that its administrator finds every section alive.

They have names and a history, and nobody can sign in to them: nobody gets their passwords. Made once.
"""

import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Final

from django.db import transaction

from accounts import usage
from accounts.end_users import users
from accounts.models import DailyUsage, Developer, EndUser, Organization
from accounts.sign_in import sessions
from accounts.sign_in.registration import create_organization
from adminportal import announcements, support
from adminportal.platform import developers
from billing import plans
from billing.models import Invoice, Subscription, VendorPlan
from wearlink.demo import plates
from wearlink.demo.tenant import ACTOR
from wearlink.lib import clock

RATE: Final = Decimal(84)
DAY: Final = timedelta(days=1)
DAYS: Final = 45  # of counters
WRONG_TRIES: Final = 6
BUSY_ADDRESS: Final = "198.51.100.7"  # reserved for documentation


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A tenant: since when (days ago), what it buys and for how many months, what it does on a usual day."""

    name: str
    owner: str
    since: int
    plan: str = plans.FREE
    months: int = 0
    has_left: bool = False
    is_verified: bool = True
    calls: int = 0
    photos: int = 0

    @property
    def email(self) -> str:
        """An address that no mail ever reaches."""
        return f"{self.owner.split()[0].lower()}@{self.name.split()[0].lower()}.example.com"


NEIGHBOURS: Final = (
    Neighbour("Pulse Clinics", "Asha Rao", 130, "developer", months=4, calls=4_200, photos=38),
    Neighbour("Northwind Fitness", "Lars Holm", 75, "scale", months=2, calls=61_000, photos=140),
    Neighbour("Basecamp Health", "Mei Tanaka", 98, "developer", months=3, has_left=True, calls=90),
    Neighbour("Tempo Labs", "Omar Haddad", 23, calls=640, photos=6),
    Neighbour("Quiet Steps", "Nora Lind", 9, calls=55),
    Neighbour("Morning Miles", "Ivo Petrov", 2, is_verified=False),
)
TICKETS: Final = (
    ("Lars Holm", "lars@northwind.example.com", "Rate limit during our launch",
     "We launch in Oslo on Friday and expect five times the usual traffic. Can the limit be raised for the day?"),
    ("Dana Weiss", "dana@example.com", "Price for a hospital group",
     "We run eleven hospitals and would like an offer with a data processing agreement."),
    ("Asha Rao", "asha@pulse.example.com", "Sleep of one patient is missing",
     "Her ring shows a night on the 14th, the API does not. How do I find out why?"),
)  # fmt: skip
BANNER: Final = {
    "severity": "info",
    "title": "Maintenance on Sunday, 02:00 to 02:20 UTC",
    "body": "Deliveries wait meanwhile and are sent afterwards; nothing is lost.",
}


def make(admin: Developer) -> bool:
    """Return all of them; False where they are here already."""
    if Organization.objects.filter(name=NEIGHBOURS[0].name).exists():
        return False
    for neighbour in NEIGHBOURS:
        _settle(neighbour)
    plates.serve(list(EndUser.objects.filter(organization__name=NEIGHBOURS[0].name).order_by("key")))
    _lock_out(NEIGHBOURS[2], admin)
    tickets = [
        support.submit({"name": name, "email": email, "subject": subject, "message": message})
        for name, email, subject, message in TICKETS
    ]
    support.resolve(tickets[-1].pk, admin, resolved=True)
    announcements.publish(BANNER, admin)
    return True


@transaction.atomic
def _settle(neighbour: Neighbour) -> None:
    made = create_organization(
        name=neighbour.name, email=neighbour.email, password=secrets.token_urlsafe(24), owner_name=neighbour.owner,
        verified=True,
    )  # fmt: skip
    organization, began = made.owner.organization, clock.now() - neighbour.since * DAY
    Organization.objects.filter(pk=organization.pk).update(created_at=began)
    verified = began if neighbour.is_verified else None  # set here, since signing up would mail a link
    Developer.objects.filter(pk=made.owner.pk).update(created_at=began, email_verified_at=verified)
    for number in range(1, neighbour.calls // 20_000 + (3 if neighbour.calls else 1)):
        users.create(organization, {"external_id": f"{neighbour.name[:2].lower()}-{number:03}"})
    if neighbour.months:
        _pay(organization, neighbour)
    _count(organization, neighbour)


def _pay(organization: Organization, neighbour: Neighbour) -> None:
    """Make a payment every thirty days up to lately; a neighbour who has left got the last one back."""
    plan = plans.find(neighbour.plan)
    cents = plan.price_usd_cents or 0
    vendor_plan, _ = VendorPlan.objects.get_or_create(
        razorpay_id=f"plan_demo_{plan.code}", defaults={"plan": plan, "amount": int(cents * RATE), "currency": "INR"}
    )
    now, last = clock.now(), clock.now() - 6 * DAY
    slug = organization.name.split()[0].lower()
    subscription = Subscription.objects.create(
        organization=organization, vendor_plan=vendor_plan, razorpay_id=f"sub_demo_{slug}",
        status=Subscription.Status.CANCELLED if neighbour.has_left else Subscription.Status.ACTIVE,
        paid_count=neighbour.months, current_start=last, current_end=last + 30 * DAY,
        ended_at=now - DAY if neighbour.has_left else None,
    )  # fmt: skip
    if not neighbour.has_left:
        plans.grant(organization, neighbour.plan, ACTOR)
    for back in range(neighbour.months):
        paid_at, is_back = last - back * 30 * DAY, neighbour.has_left and back == 0
        Invoice.objects.create(
            number=f"DEMO-{slug.upper()}-{neighbour.months - back:02}", organization=organization,
            subscription=subscription, plan=neighbour.plan, bill_to=organization.name,
            payment_id=f"pay_demo_{slug}_{back}", currency="INR", amount=vendor_plan.amount,
            amount_inr=vendor_plan.amount, amount_usd=cents, usd_inr_rate=RATE, fee=vendor_plan.amount * 236 // 10_000,
            paid_at=paid_at, period_start=paid_at, period_end=paid_at + 30 * DAY,
            status=Invoice.Status.REFUNDED if is_back else Invoice.Status.PAID,
            refunded=vendor_plan.amount if is_back else 0, refunded_at=now - DAY if is_back else None,
        )  # fmt: skip


def _count(organization: Organization, neighbour: Neighbour) -> None:
    """Make the counters of past days: fewer calls at weekends, and none after the neighbour left."""
    today, rows = clock.now().date(), []
    for back in range(20 if neighbour.has_left else 0, min(neighbour.since, DAYS)):
        day = today - back * DAY
        share = (0.6 if day.weekday() > 4 else 1.0) * (0.85 + (back * 37 % 30) / 100)
        counted = {
            usage.API_CALLS: int(neighbour.calls * share),
            usage.SAMPLES_STORED: int(neighbour.calls * share * 12),
            usage.WEBHOOK_DELIVERIES: int(neighbour.calls * share / 3),
            usage.VISION_RECOGNITIONS: int(neighbour.photos * share),
            usage.IMAGE_BYTES: int(neighbour.photos * share * 900_000),
        }
        rows += [
            DailyUsage(organization=organization, date=day, metric=metric, total=total)
            for metric, total in counted.items()
            if total
        ]
    number = EndUser.objects.for_organization(organization).count()
    if number:  # as the night before would have counted them
        rows.append(DailyUsage(organization=organization, date=today - DAY, metric=usage.END_USERS, total=number))
    DailyUsage.objects.bulk_create(rows)


def _lock_out(neighbour: Neighbour, admin: Developer) -> None:
    """Make failed sign-ins of somebody who guesses at the account, and have the administrator lock it."""
    for _ in range(WRONG_TRIES):
        with suppress(sessions.SignInFailed):
            sessions.sign_in(neighbour.email, "wrong", BUSY_ADDRESS)
    owner = Developer.objects.by_email(neighbour.email).get()
    developers.lock(owner.pk, admin)
