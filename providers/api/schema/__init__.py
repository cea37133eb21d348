"""Shapes and examples of the endpoints, for the OpenAPI document."""
