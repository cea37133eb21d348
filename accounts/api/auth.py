"""/auth: registering, signing in and out, passwords, confirming the address."""

from http import HTTPStatus
from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.parsers import FormParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import authentication
from accounts.api import serializers
from accounts.api.throttle import LOGIN, REGISTER, RESET, throttle
from accounts.models import Developer
from accounts.organization import roles
from accounts.sign_in import passwords, registration, second_factor, sessions
from wearlink.lib.api import bodies
from wearlink.lib.api.callers import DASHBOARD
from wearlink.lib.api.openapi import errors
from wearlink.lib.api.parsing import JSONParser
from wearlink.lib.api.views import TenantView
from wearlink.lib.security.tokens import LIFETIME, Purpose
from wearlink.lib.valkey.ratelimit import address_of

TAGS = ["Authentication"]
TOKEN_EXAMPLE = OpenApiExample(
    "Token", value={"access_token": "eyJhbGciOi…", "token_type": "bearer", "expires_in": 3600}, response_only=True
)
DEVELOPER = {
    "id": "4f0c8c1e-6f0e-4a51-9c44-3f3d0c0b7a11",
    "email": "alice@example.com",
    "name": "Alice",
    "role": "owner",
    "is_reviewer": False,
    "is_superuser": False,
    "email_verified": True,
    "created_at": "2026-04-23T10:00:00Z",
    "organization": {"id": "0b5a3f5e-51a5-4b43-8e5f-1d6d2a3b9c10", "name": "Example", "plan": "hobby"},
}


def token_answer(developer: Developer) -> dict[str, Any]:
    """Return the documented body of a sign-in."""
    token = authentication.dashboard_token(developer)
    return {"access_token": token, "token_type": "bearer", "expires_in": LIFETIME[Purpose.DASHBOARD]}


class PublicView(TenantView):
    callers = frozenset()


class DashboardView(TenantView):
    """Base view for signed-in developers. ``managing``: the methods that only owners and admins may call."""

    callers = frozenset({DASHBOARD})
    managing: ClassVar[frozenset[str]] = frozenset()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Check the role, too, before any answer is replayed, so that roles hold for replays. Raises Forbidden."""
        super().initial(request, *args, **kwargs)
        if request.method in self.managing:
            roles.require_manager(self.caller.developer)


class Register(PublicView):
    """POST /auth/register."""

    @extend_schema(
        operation_id="auth_register",
        summary="Create an account",
        description="Creates an organization on the hobby plan, its owner and a default API key, shown this once. "
        "At most 5 calls in 60 seconds from one address.",
        tags=TAGS,
        request=serializers.RegisterDeveloperSerializer,
        responses={201: serializers.RegisteredDeveloperSerializer, **errors(409, 503)},
        examples=[
            OpenApiExample(
                "Request", value={"email": "alice@example.com", "password": "a long passphrase"}, request_only=True
            ),
            OpenApiExample("Created", value={**DEVELOPER, "api_key": "sk-a1b2c3d4…"}, response_only=True),
        ],
    )
    def post(self, request: Request) -> Response:
        throttle(request, "register", REGISTER)
        values = bodies.read(serializers.RegisterDeveloperSerializer, request)
        made = registration.create_organization(
            name=values.get("organization_name") or values["email"].partition("@")[0],
            email=values["email"],
            password=values["password"],
            owner_name=values["name"],
        )
        answer = serializers.DeveloperSerializer(made.owner).data
        return Response({**answer, "api_key": made.api_key.secret}, status=HTTPStatus.CREATED)


class Login(PublicView):
    """POST /auth/login."""

    parser_classes = (JSONParser, MultiPartParser, FormParser)

    @extend_schema(
        operation_id="auth_login",
        summary="Sign in",
        description="Takes JSON, or the same fields as a form (`-F username=… -F password=…`). Wrong password, unknown "
        "address and locked account answer the same. Ten failures lock an account for 15 minutes; sessions go on, and "
        "a new password by mail lifts the lock. At most 10 calls in 60 seconds from one address. Where the account has "
        "a second factor, its code goes along as `code`: without one the right password is answered by a 401 of code "
        "`second_factor_required`, with one that does not fit by `second_factor_wrong`; wrong codes make the next "
        "attempt wait, twice as long each time.",
        tags=TAGS,
        # The form is described in words only: openapi-python-client makes a module of both that cannot be imported.
        request={"application/json": serializers.LoginSerializer},
        responses={200: serializers.AccessTokenSerializer, **errors(401, 503)},
        examples=[
            OpenApiExample(
                "Credentials",
                value={"username": "alice@example.com", "password": "a long passphrase"},
                request_only=True,
            ),
            TOKEN_EXAMPLE,
        ],
    )
    def post(self, request: Request) -> Response:
        throttle(request, "login", LOGIN)
        values = bodies.read(serializers.LoginSerializer, request)
        email, address = values.get("username") or values["email"], address_of(request._request)
        developer = sessions.sign_in(email, values["password"], address)
        second_factor.require(developer, values["code"])
        return Response(token_answer(developer))


class Me(DashboardView):
    """GET /auth/me."""

    @extend_schema(
        operation_id="auth_me",
        summary="Who is signed in",
        tags=TAGS,
        responses=serializers.DeveloperSerializer,
        examples=[OpenApiExample("Developer", value=DEVELOPER, response_only=True)],
    )
    def get(self, request: Request) -> Response:
        """Return the signed-in developer."""
        return Response(serializers.DeveloperSerializer(self.caller.developer).data)


class Logout(DashboardView):
    """POST /auth/logout."""

    @extend_schema(
        operation_id="auth_logout",
        summary="End all sessions",
        description="Every dashboard token of this developer stops working at once.",
        tags=TAGS,
        request=None,
        responses={204: None},
    )
    def post(self, request: Request) -> Response:
        bodies.read(bodies.NoFields, request)
        sessions.sign_out(self.caller.developer, self.actor)
        return Response(status=HTTPStatus.NO_CONTENT)


class Password(DashboardView):
    """POST /auth/password."""

    @extend_schema(
        operation_id="auth_password_change",
        summary="Change the password",
        description="Ends all dashboard sessions, this one too, and answers a new token.",
        tags=TAGS,
        request=serializers.ChangePasswordSerializer,
        responses=serializers.AccessTokenSerializer,
        examples=[
            OpenApiExample(
                "Change",
                value={"current_password": "a long passphrase", "new_password": "another long passphrase"},
                request_only=True,
            ),
            TOKEN_EXAMPLE,
        ],
    )
    def post(self, request: Request) -> Response:
        throttle(request, "password", LOGIN)
        values = bodies.read(serializers.ChangePasswordSerializer, request)
        developer: Developer = self.caller.developer
        passwords.change(developer, current=values["current_password"], new=values["new_password"], actor=self.actor)
        developer.refresh_from_db(fields=["token_version"])
        return Response(token_answer(developer))


class ForgotPassword(PublicView):
    """POST /auth/password/forgot."""

    @extend_schema(
        operation_id="auth_password_forgot",
        summary="Ask for a new password",
        description="Sends a mail if there is such an account; the answer does not tell. At most 5 calls a minute.",
        tags=TAGS,
        request=serializers.ForgotPasswordSerializer,
        responses={202: serializers.AcknowledgementSerializer, **errors(503)},
        examples=[
            OpenApiExample("Address", value={"email": "alice@example.com"}, request_only=True),
            OpenApiExample(
                "Accepted",
                value={"detail": "If there is such an account, a mail is on its way."},
                response_only=True,
                status_codes=["202"],
            ),
        ],
    )
    def post(self, request: Request) -> Response:
        throttle(request, "reset", RESET)
        passwords.forgot(bodies.read(serializers.ForgotPasswordSerializer, request)["email"])
        return Response({"detail": "If there is such an account, a mail is on its way."}, status=HTTPStatus.ACCEPTED)


class ResetPassword(PublicView):
    """POST /auth/password/reset."""

    @extend_schema(
        operation_id="auth_password_reset",
        summary="Set a new password",
        description="With the token of the mail, which works once. Ends all sessions. At most 5 calls in 60 seconds.",
        tags=TAGS,
        request=serializers.ResetPasswordSerializer,
        responses={200: serializers.AcknowledgementSerializer, **errors(503)},
        examples=[
            OpenApiExample(
                "Reset", value={"token": "eyJhbGciOi…", "password": "another long passphrase"}, request_only=True
            ),
            OpenApiExample("Done", value={"detail": "The password is set. Please sign in."}, response_only=True),
        ],
    )
    def post(self, request: Request) -> Response:
        throttle(request, "reset", RESET)
        values = bodies.read(serializers.ResetPasswordSerializer, request)
        passwords.reset(values["token"], values["password"])
        return Response({"detail": "The password is set. Please sign in."})


class VerifyEmail(PublicView):
    """POST /auth/verify-email."""

    example = OpenApiExample("Confirmed", value={"detail": "Your e-mail address is confirmed."}, response_only=True)

    @extend_schema(
        operation_id="auth_verify_email",
        summary="Confirm an e-mail address",
        description="With the token of the mailed link, which opens a page with a button that does the same.",
        tags=TAGS,
        request=serializers.MailedTokenSerializer,
        responses={200: serializers.AcknowledgementSerializer, **errors(503)},
        examples=[OpenApiExample("Token", value={"token": "eyJhbGciOi…"}, request_only=True), example],
    )
    def post(self, request: Request) -> Response:
        throttle(request, "verify", LOGIN)
        passwords.verify_email(bodies.read(serializers.MailedTokenSerializer, request)["token"])
        return Response({"detail": "Your e-mail address is confirmed."})
