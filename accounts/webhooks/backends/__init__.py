"""The two ways to deliver messages: our own dispatcher, or Svix."""

from typing import TYPE_CHECKING

from wearlink.lib.lazy import LazyModule

if TYPE_CHECKING:
    from accounts.webhooks.backends import svix_api as svix_api
else:
    # Svix's client weighs 16 MB a process, and few installations use it.
    svix_api = LazyModule("accounts.webhooks.backends.svix_api")
