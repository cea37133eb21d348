"""Vendors' notifications: proof, storage, subscriptions."""
