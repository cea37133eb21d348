"""Views of one end user's meals: the end user is a query parameter, or follows from the log."""

from typing import Any, ClassVar
from uuid import UUID

from accounts.api.views import EndUserView
from accounts.models import EndUser
from nutrition.api.parameters import UserQuery
from nutrition.models import MealLog
from wearlink.lib import tenancy
from wearlink.lib.api.callers import API_KEY, DASHBOARD, SDK
from wearlink.lib.errors import InvalidInput, NotFound


class MealView(EndUserView):
    """Meals of the end user that ?user_id names; an SDK token speaks for its own."""

    callers = frozenset({API_KEY, DASHBOARD, SDK})
    query_class = UserQuery
    query_classes: ClassVar = {"POST": UserQuery, "PATCH": UserQuery, "DELETE": UserQuery}

    def locate(self, **kwargs: Any) -> None:
        """Set self.end_user; raises EndUserNotFound, and InvalidInput where nobody is named."""
        named = self.request.query_params.get("user_id")
        if named is None and self.caller.kind == SDK:
            named = str(self.caller.end_user_id)
        if named is None:
            raise InvalidInput.on("user_id", "this query parameter is required.")
        self.end_user = self._resolve(named)


class LoggedMealView(MealView):
    """One meal. The end user may be left out, since the log belongs to one."""

    log: MealLog

    def locate(self, **kwargs: Any) -> None:
        """Set self.end_user and self.log; raises NotFound."""
        if "user_id" in self.request.query_params or self.caller.kind == SDK:
            super().locate(**kwargs)
        found = self._log(str(kwargs["log_id"]))
        if found is None:
            raise NotFound("Meal not found")
        self.log = found

    def _log(self, text: str) -> MealLog | None:
        try:
            log_id = UUID(text)
        except ValueError:
            return None
        rows = MealLog.objects.with_items().select_related("image").filter(id=log_id)
        end_user = getattr(self, "end_user", None)
        if end_user is not None:
            return rows.for_user(end_user.key).first()
        log = rows.filter(organization_id=self.organization.pk).first()
        if log is not None:
            self.end_user = EndUser.objects.defer("search_text").get(pk=log.user_key)
            tenancy.look_at(log.user_key)
        return log
