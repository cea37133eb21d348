"""DailyUsage: how much of something an organization used on a day (UTC)."""

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

    def __str__(self) -> str:
        return f"{self.metric} {self.date}"
