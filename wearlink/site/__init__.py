"""The front page of an installation, and its pages for errors."""
