"""End users: creating and changing them, their time zones, their order of sources."""
