"""GET /users/{user_id}/events/workouts and /events/sleep, lists and single objects."""

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.views import EndUserView
from healthdata import serializers
from healthdata.api import answers, examples
from healthdata.api.details import sleep_detail, workout_detail
from healthdata.api.parameters import SESSION_ID, USER_ID, WORKOUT_ID, EventsQuery, WorkoutsQuery
from healthdata.api.shapes import (
    SleepSessionDetailSerializer,
    SleepSessionPageSerializer,
    WorkoutDetailSerializer,
    WorkoutPageSerializer,
)
from healthdata.queries import events
from wearlink.lib.api.etags import ETagMixin


class WorkoutsView(EndUserView):
    """Workouts by local day of their start."""

    query_class = WorkoutsQuery

    @extend_schema(
        operation_id="list_workouts",
        tags=["Health data"],
        summary="Workouts of a user",
        parameters=[USER_ID],
        description=(
            "Workouts that start on the end user's local days `start_date` to `end_date`, both included, oldest first. "
            "Figures that the source does not give are null. The single workout has its route, laps and "
            "samples. Several sources may have recorded one workout: `is_primary` marks the one to count, `same_as` of "
            "the others names it, and `primary=true` lists each workout once."
        ),
        responses={200: OpenApiResponse(WorkoutPageSerializer, examples=[examples.WORKOUT_PAGE])},
    )
    def get(self, request: Request, user_id: str) -> Response:
        query, key = self.query, self.end_user.key
        first, last = query["start_date"], query["end_date"]
        types, provider, primary = query.get("types", ()), query.get("provider"), query["primary"]
        bound_to = answers.binding(key, "workouts", first, last, types, provider, primary)
        page = events.workouts(
            key,
            first=first,
            last=last,
            after=answers.after(query.get("cursor"), bound_to),
            limit=query["limit"],
            types=types,
            provider=provider,
            primary=primary,
        )
        return Response(
            answers.by_cursor(page.rows, serializers.workout, place=page.next, total=page.total, bound_to=bound_to)
        )


class WorkoutView(ETagMixin, EndUserView):
    """One workout with its course."""

    @extend_schema(
        operation_id="get_workout",
        tags=["Health data"],
        summary="One workout",
        parameters=[USER_ID, WORKOUT_ID],
        description=(
            "The workout as in the list, with title, notes, further figures, segments, laps, and what the same source "
            "recorded between start and end: the route, and heart rate, cadence, speed and power. Long courses are put "
            "together by some seconds, which `route_resolution_seconds` and `samples_resolution_seconds` name; "
            "/timeseries has every reading."
        ),
        responses={200: OpenApiResponse(WorkoutDetailSerializer, examples=[examples.WORKOUT_DETAIL])},
    )
    def get(self, request: Request, user_id: str, workout_id: str) -> Response:
        return Response(workout_detail(events.workout(self.end_user.key, workout_id)))


class SleepSessionsView(EndUserView):
    """Nights and naps by local day of waking."""

    query_class = EventsQuery

    @extend_schema(
        operation_id="list_sleep_sessions",
        tags=["Health data"],
        summary="Sleep sessions of a user",
        parameters=[USER_ID],
        description=(
            "Nights and naps that end on the end user's local days `start_date` to `end_date`, both included, oldest "
            "first. `sleep_duration_seconds` is light, deep, REM and unstaged sleep, never time awake. SDNN and RMSSD "
            "are two statistics: only the one the source measures is filled. Several sources may have recorded one "
            "night: `is_primary` marks the one to count, as the summaries and scores do, `same_as` of the others names "
            "it, and `primary=true` lists each sleep once. A night that its source cut in parts has several primary "
            "sessions, which add up."
        ),
        responses={200: OpenApiResponse(SleepSessionPageSerializer, examples=[examples.SLEEP_PAGE])},
    )
    def get(self, request: Request, user_id: str) -> Response:
        """List sleep sessions, a page at a time."""
        query, key = self.query, self.end_user.key
        first, last, provider = query["start_date"], query["end_date"], query.get("provider")
        primary = query["primary"]
        bound_to = answers.binding(key, "sleep", first, last, provider, primary)
        page = events.sleep_sessions(
            key,
            first=first,
            last=last,
            after=answers.after(query.get("cursor"), bound_to),
            limit=query["limit"],
            provider=provider,
            primary=primary,
        )
        return Response(
            answers.by_cursor(
                page.rows, serializers.sleep_session, place=page.next, total=page.total, bound_to=bound_to
            )
        )


class SleepSessionView(ETagMixin, EndUserView):
    """One night or nap with its course."""

    @extend_schema(
        operation_id="get_sleep_session",
        tags=["Health data"],
        summary="One sleep session",
        parameters=[USER_ID, SESSION_ID],
        description="The session as in the list, with its stages in order, latency and awakenings.",
        responses={200: OpenApiResponse(SleepSessionDetailSerializer, examples=[examples.SLEEP_DETAIL])},
    )
    def get(self, request: Request, user_id: str, session_id: str) -> Response:
        return Response(sleep_detail(events.sleep_session(self.end_user.key, session_id)))
