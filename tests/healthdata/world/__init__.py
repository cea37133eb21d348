"""A simulated end user whose every step is known: what the devices saw of it, and what really was."""
