"""The read side of the REST API: parameters, shapes, views."""
