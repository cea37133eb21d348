"""Calls that leave the house: HTTP clients, which addresses may be called, names, Amazon SNS."""
