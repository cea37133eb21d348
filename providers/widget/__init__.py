"""The hosted page where a person connects and disconnects providers: no sign-in, no script, strict policies."""
