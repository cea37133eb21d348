"""The operator's figures: pure queries over subscriptions, invoices and counters. Nothing here scans raw tables."""
