"""Background work of the portals."""

import subprocess
import sys
from pathlib import Path

from django.conf import settings

from adminportal.docs import search
from wearlink.lib.valkey import built
from wearlink.lib.work.periodic import periodic


@periodic(name="adminportal.tasks.index_docs", soft_time_limit=55)
def index_docs() -> None:
    """Make the index of the documentation after a release, before somebody waits for it; in a process of its own, since
    it takes the URLs and forms of the whole platform to make.
    """
    if not built.is_kept(search.INDEX):
        subprocess.run([sys.executable, Path(settings.BASE_DIR) / "manage.py", "index_docs"], check=True, timeout=50)
