"""Outgoing webhooks: what may be subscribed to, who subscribed, and delivery that loses nothing."""
