"""Webhook events about health data."""
