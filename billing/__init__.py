"""Plans, subscriptions, invoices and what an organization used."""
