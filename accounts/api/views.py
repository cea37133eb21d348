"""EndUserView: the base of every endpoint about one end user."""

from typing import Any
from uuid import UUID

from accounts.authentication import TokenWithdrawn
from accounts.end_users import users
from accounts.end_users.users import EndUserNotFound
from accounts.models import EndUser
from wearlink.lib import tenancy
from wearlink.lib.api.callers import SDK
from wearlink.lib.api.views import TenantView


class EndUserView(TenantView):
    """Resolves the URL's user_id inside the caller's organization.

    Somebody else's user, and any user but their own for a phone's token, looks like one that does not exist.
    """

    end_user: EndUser

    def locate(self, **kwargs: Any) -> None:
        """Set self.end_user. Raises EndUserNotFound."""
        self.end_user = self._resolve(str(kwargs["user_id"]))

    def _resolve(self, text: str) -> EndUser:
        try:
            user_id = UUID(text)
        except ValueError as error:
            raise EndUserNotFound("User not found") from error
        foreign = self.caller.kind == SDK and self.caller.end_user_id != user_id
        found = None if foreign else users.find(self.organization, user_id)
        if found is None:
            raise EndUserNotFound("User not found")
        if self.caller.kind == SDK and self.caller.sdk_token_version != found.sdk_token_version:
            raise TokenWithdrawn
        tenancy.look_at(found.key)
        return found
