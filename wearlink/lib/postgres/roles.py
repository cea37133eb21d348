"""Names of the roles of a database. Roles belong to a whole server, so each database's carry its name."""


def tenant_role(database: str) -> str:
    """Return the role that requests of one organization become: behind the walls, and without a login of its own."""
    return f"{database}_tenant"
