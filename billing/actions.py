"""The audit actions of this app."""

from accounts import audit

ACTIONS = {
    "billing.plan_changed": "The organization moved to another plan.",
    "billing.limits_changed": "The organization's plan has other limits than before.",
    "billing.plan_granted": "An administrator put the organization on a plan.",
    "billing.grant_withdrawn": "An administrator's plan was taken back; what is bought counts again.",
    "billing.plan_version_added": "A plan got a new price or new limits.",
    "billing.checkout_started": "A subscription was asked for.",
    "billing.checkout_verified": "A signed return from checkout was checked.",
    "billing.plan_change_requested": "Another plan was asked for, now or at the end of the cycle.",
    "billing.cancel_requested": "The subscription was cancelled, now or at the end of the cycle.",
    "billing.pause_requested": "The subscription was paused.",
    "billing.resume_requested": "A paused subscription or a scheduled change was taken back.",
    "billing.subscription_updated": "Razorpay reported a new state of the subscription.",
    "billing.grace_ended": "Charging failed for the whole grace period; the organization is on the free plan.",
    "billing.invoice_recorded": "A payment was captured.",
    "billing.refund_recorded": "Money went back.",
    "billing.invoice_marked_refunded": "An administrator marked an invoice as refunded; this moves no money.",
}

for _action, _description in ACTIONS.items():
    audit.register(_action, _description)
