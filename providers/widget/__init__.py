"""The hosted page where an end user connects and disconnects providers: no sign-in, no script, strict policies."""
