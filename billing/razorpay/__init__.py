"""Everything that knows Razorpay: its API, its webhooks, the states of its subscriptions."""
