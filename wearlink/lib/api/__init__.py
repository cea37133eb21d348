"""The edge of the REST API: base view, parsing and rendering, errors, paging, cursors, idempotency, OpenAPI."""
