"""Organizations, their developers and keys, and the end users whose data they collect."""
