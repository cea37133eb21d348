"""All that knows Razorpay: its API, its webhooks, what its subscriptions say."""
