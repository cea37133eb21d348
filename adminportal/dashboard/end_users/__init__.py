"""End users: the list of them, and the pages about one."""
