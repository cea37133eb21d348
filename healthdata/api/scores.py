"""GET /users/{user_id}/health-scores."""

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.views import EndUserView
from healthdata import serializers
from healthdata.api import examples
from healthdata.api.parameters import USER_ID, ScoresQuery
from healthdata.api.shapes import HealthScorePageSerializer
from healthdata.queries import events
from wearlink.lib.api import pagination


class HealthScoresView(EndUserView):
    """Scores of vendors and our own."""

    query_class = ScoresQuery

    @extend_schema(
        operation_id="list_health_scores",
        tags=["Health data"],
        summary="Health scores of a user",
        parameters=[USER_ID],
        description=(
            "Scores by local date, newest first. Vendors' scores keep their own range (`range_min`, `range_max`) and "
            "are never rescaled. Our own have provider `wearlink` and are listed with them: `sleep`, `recovery` "
            "(HRV and resting heart rate against the user's own 60 days before, and sleep), `strain` (what the day "
            "asked of the heart) and `readiness` (recovery, the load of 7 days against 28, rest). They show "
            "`algorithm`, `version`, the `components` they are made of, the `inputs` that went in, what was `missing`, "
            "how much of the score had data (`confidence`), and `citations`. Without its inputs a score is null, and "
            "`reason` says why. `stress` comes from vendors only. Both dates are optional. Wellness figures, not a "
            "diagnosis."
        ),
        responses={
            200: OpenApiResponse(HealthScorePageSerializer, examples=[examples.SCORE_PAGE, examples.OWN_SCORE_PAGE])
        },
    )
    def get(self, request: Request, user_id: str) -> Response:
        query = self.query
        limit, offset = query["limit"], query["offset"]
        rows, total = events.scores(
            self.end_user.key,
            first=query.get("start_date"),
            last=query.get("end_date"),
            category=query.get("category"),
            provider=query.get("provider"),
            limit=limit,
            offset=offset,
        )
        data = [serializers.score(row) for row in rows]
        return Response(pagination.by_offset(data, offset=offset, limit=limit, total=total))
