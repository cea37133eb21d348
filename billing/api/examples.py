"""Examples of what billing takes and answers."""

LIMITS = {
    "requests_per_minute": 30000,
    "photos_per_day": 500,
    "end_users": 100000,
    "webhook_endpoints": 100,
    "team_seats": 25,
}
PLANS = {
    "data": [
        {"code": "developer", "name": "Developer", "price_usd": 99.0, "price_inr": 8316.0, "limits": LIMITS},
    ],
    "pagination": {"total_count": 1, "has_more": False},
    "usd_inr_rate": 84.0,
    "checkout_available": True,
}
SUBSCRIPTION = {
    "id": "5f0d6a52-6f0e-4b57-9a55-0c2d7c9e0001",
    "status": "active",
    "plan": "developer",
    "price_inr": 8316.0,
    "razorpay_subscription_id": "sub_WL00000000001",
    "short_url": "https://rzp.io/i/example",
    "current_start": "2026-04-24T03:07:40Z",
    "current_end": "2026-05-24T03:07:40Z",
    "charge_at": "2026-05-24T03:07:40Z",
    "ended_at": None,
    "next_plan": None,
    "cancel_at_cycle_end": False,
    "failing_since": None,
    "grace_until": None,
    "paid_count": 1,
    "created_at": "2026-04-24T03:06:40Z",
}
BILLING = {"plan": "developer", "limits": LIMITS, "granted": False, "subscription": SUBSCRIPTION, "banner": None}
CHECKOUT = {
    "subscription": SUBSCRIPTION
    | {"status": "created", "paid_count": 0, "current_start": None, "current_end": None, "charge_at": None},
    "checkout": {
        "key_id": "rzp_live_example",
        "subscription_id": "sub_WL00000000001",
        "short_url": "https://rzp.io/i/example",
        "name": "WearLink",
        "description": "Developer plan, monthly",
    },
}
RETURNED = {
    "razorpay_payment_id": "pay_WL00000000001",
    "razorpay_subscription_id": "sub_WL00000000001",
    "razorpay_signature": "7e88c9069ac21478f23b959a5b4d3ea987ce13aa241466608995085eaba85464",
}
INVOICE = {
    "id": "8d3b6a52-6f0e-4b57-9a55-0c2d7c9e0001",
    "number": "WL-2026-000001",
    "status": "paid",
    "plan": "developer",
    "currency": "INR",
    "amount": 831600,
    "amount_inr": 8316.0,
    "amount_usd": 99.0,
    "usd_inr_rate": 84.0,
    "refunded": 0,
    "period_start": "2026-04-24T03:07:40Z",
    "period_end": "2026-05-24T03:07:40Z",
    "paid_at": "2026-04-24T03:07:40Z",
    "refunded_at": None,
    "pdf_url": "/api/v1/billing/invoices/8d3b6a52-6f0e-4b57-9a55-0c2d7c9e0001/pdf",
}
