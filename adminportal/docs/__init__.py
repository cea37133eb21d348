"""The documentation site at /docs: Markdown pages of this repository, rendered on the server."""
