"""PlatformView: the base of every endpoint that only the platform's own people may know of."""

from typing import Any
from uuid import UUID

from rest_framework.request import Request

from accounts.models import Developer
from accounts.sign_in import second_factor
from wearlink.lib import tenancy
from wearlink.lib.api.callers import DASHBOARD
from wearlink.lib.api.views import TenantView
from wearlink.lib.errors import NotFound, Unauthorized


def nothing_here() -> NotFound:
    """Return the same words as for a path that is no route."""
    return NotFound("Not found.")


class PlatformView(TenantView):
    """Answers everybody it does not admit, with or without credentials, as if there were no such route."""

    callers = frozenset({DASHBOARD})
    is_hidden = True
    admin: Developer
    ids: dict[str, UUID]

    def admits(self, developer: Developer) -> bool:
        """Return whether this developer may know of the endpoint."""
        return developer.is_superuser

    def perform_authentication(self, request: Request) -> None:
        """Raise NotFound for credentials that are wrong, too."""
        try:
            super().perform_authentication(request)
        except Unauthorized as error:
            raise nothing_here() from error

    def _admit(self, request: Request) -> None:
        developer = getattr(request.auth, "developer", None)
        if developer is None or not self.admits(developer) or not second_factor.suffices(developer):
            raise nothing_here()
        self.admin = developer
        super()._admit(request)
        tenancy.leave()  # the database shows them all organizations

    def locate(self, **kwargs: Any) -> None:
        """Set self.ids: the path's, by name. Raises NotFound for what is no id."""
        try:
            self.ids = {name: UUID(str(text)) for name, text in kwargs.items()}
        except ValueError as error:
            raise nothing_here() from error

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Answer without the header that tells strangers which methods there are."""
        answer = super().finalize_response(request, response, *args, **kwargs)
        if not hasattr(self, "admin"):
            del answer.headers["Allow"]
        return answer
