"""Reading the audit trail, and what proves that nobody rewrote it. accounts.audit writes it."""
