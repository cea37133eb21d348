"""Plans, limits and, later, subscriptions."""
