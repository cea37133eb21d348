"""Pages that our mails lead to, for people who do not call an API."""
