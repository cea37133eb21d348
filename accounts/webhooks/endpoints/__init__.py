"""Endpoints of customers: their life, their health, the mails about them."""
