"""Work for one end user, behind the wall of the organization."""

from collections.abc import Iterator
from contextlib import contextmanager

from accounts.models import EndUser
from wearlink.lib import tenancy


@contextmanager
def working_for(user_key: int) -> Iterator[None]:
    """Show only rows of the end user's organization. Of somebody erased meanwhile there is nothing left to show."""
    owner = EndUser.objects.filter(pk=user_key).values_list("organization_id", flat=True).first()
    if owner is None:
        yield
        return
    with tenancy.organization(owner, user_key=user_key):
        yield
