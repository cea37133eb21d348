"""Exports of end users' data: an archive that a worker makes, a link that opens once, and the way back."""
