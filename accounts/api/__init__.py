"""The REST views of accounts."""
