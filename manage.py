#!/usr/bin/env python3
"""Django's command line. `scripts/wearlink` calls it in the project's own virtual environment."""

import os
import sys

try:
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line
    from django.db import OperationalError
except ImportError:
    sys.exit("Django is not installed here. Use scripts/wearlink instead of manage.py; it finds the environment.")

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wearlink.settings")
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(str(error))
    except OperationalError as error:
        if os.environ.get("DATABASE_URL"):
            raise
        sys.exit(f"The embedded database does not answer. Start `make run` first, with the same DATA. ({error})")
