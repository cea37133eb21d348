"""The wake-up of the workers that deliver. One that is lost costs a few seconds: the sweep looks for due rows."""

from typing import Final

from wearlink.lib.task_queue import WakeUp

DELIVER: Final = WakeUp("accounts.webhooks.tasks.deliver", queue="webhooks", lost_after=3)
