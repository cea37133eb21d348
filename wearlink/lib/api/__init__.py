"""The edge of the REST API: the tenant's base view, parsing and rendering, errors, paging, cursors, idempotency, OpenAPI."""
