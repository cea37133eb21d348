"""The organization's own matters: keys, vendors' apps, team, name, plan and audit log."""
