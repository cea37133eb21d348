"""The audit actions of this app."""

from accounts import audit

ACTIONS = {
    "developer.locked": "An administrator locked an account for seven days.",
    "developer.unlocked": "An administrator unlocked an account.",
    "developer.superuser_granted": "The root administrator made a developer a superuser.",
    "developer.superuser_withdrawn": "The root administrator took a superuser's rights away.",
    "contact.submit": "Somebody sent the contact form.",
    "support.resolved": "A support ticket was resolved.",
    "support.reopened": "A support ticket was opened again.",
    "announcement.published": "A banner was published; the one before it ended.",
    "announcement.dismissed": "A banner was taken down.",
    "dead_row.retried": "An administrator gave rows that were given up new attempts.",
    "audit.checked": "An administrator had the chains of the audit trail checked.",
    "job.run": "An administrator had a scheduled task run at once.",
}

for _action, _description in ACTIONS.items():
    audit.register(_action, _description)
