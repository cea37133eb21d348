"""Tags of the installation's own pages."""
