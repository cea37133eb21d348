"""An organization's own affairs: its settings, members, roles, logo."""
