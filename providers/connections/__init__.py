"""Connections of end users to vendors: from consent to revocation."""
