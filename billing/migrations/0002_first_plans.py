"""The four plans as they were at the beginning, and their limits for the organizations that are on them."""

from datetime import UTC, datetime

from django.db import migrations

LIMITS = ("requests_per_minute", "photos_per_day", "max_end_users", "max_webhook_endpoints", "max_team_seats")
PLANS = (
    ("hobby", "Hobby", 0, 6_000, 20, 10_000, 50, 10),
    ("developer", "Developer", 9_900, 30_000, 500, 100_000, 100, 25),
    ("scale", "Scale", 49_900, 120_000, 5_000, 1_000_000, 500, 100),
    ("enterprise", "Enterprise", None, None, None, None, None, None),
)


def insert(apps, schema_editor):
    plan = apps.get_model("billing", "Plan")
    organization = apps.get_model("accounts", "Organization")
    account = apps.get_model("billing", "BillingAccount")
    for position, (code, name, cents, *limits) in enumerate(PLANS):
        values = dict(zip(LIMITS, limits, strict=True))
        plan.objects.create(
            code=code,
            name=name,
            position=position,
            price_usd_cents=cents,
            valid_from=datetime(2026, 1, 1, tzinfo=UTC),
            **values,
        )
        organization.objects.filter(plan=code).update(**values)
    # Until now every plan but the free one was given by an administrator.
    given = organization.objects.exclude(plan="hobby")
    account.objects.bulk_create(
        account(organization_id=row.pk, granted_plan=row.plan, granted_at=row.updated_at) for row in given
    )


def remove(apps, schema_editor):
    apps.get_model("billing", "BillingAccount").objects.all().delete()
    apps.get_model("billing", "Plan").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("billing", "0001_plans_subscriptions_invoices")]

    operations = [migrations.RunPython(insert, remove)]
