"""DailyUsage: how much of something an organization used on a day (UTC). MonthlyUsage: the same of a month."""

from django.db import models

from accounts.models.organization import Organization


class DailyUsage(models.Model):
    """A counter. Written through accounts.usage only; the rows of all slots together are the day's total."""

    id = models.BigAutoField(primary_key=True)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+", db_index=False)
    date = models.DateField()
    metric = models.CharField(max_length=64)
    slot = models.PositiveSmallIntegerField(default=0)
    total = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=("organization", "metric", "date", "slot"),
                name="accounts_dailyusage_day",
            ),
        ]
        # Of everybody in some days: the operator's figures, and rolling up.
        indexes = [models.Index(fields=("metric", "date"), name="accounts_dailyusage_all")]

    def __str__(self) -> str:
        return f"{self.metric} {self.date}"


class MonthlyUsage(models.Model):
    """The sum of a month's days, kept when they are gone. Written by accounts.metering.rollup only."""

    id = models.BigAutoField(primary_key=True)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+", db_index=False)
    month = models.DateField(help_text="its first day")
    metric = models.CharField(max_length=64)
    total = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=("organization", "metric", "month"), name="accounts_monthlyusage_month"),
        ]
        indexes = [models.Index(fields=("metric", "month"), name="accounts_monthlyusage_all")]

    def __str__(self) -> str:
        return f"{self.metric} {self.month:%Y-%m}"
