"""Time zones of end users: learned from what rows state, and what rests on them rebuilt."""
