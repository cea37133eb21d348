"""A demo user's account at a simulated vendor: its data, and connecting it, as an end user's browser would."""

import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from providers.simulator import world
from wearlink.demo.day import DemoDay, ReportedWorkout
from wearlink.demo.demo_users import CloudAccount

TIMEOUT: Final = 30.0
FORM: Final = "application/x-www-form-urlencoded"


class NotConnectable(Exception):
    """The vendor is not simulated here, or the way there ended somewhere else."""


def with_reports(day: DemoDay) -> DemoDay:
    """Return the day with the workouts that the vendor knows of, if the end user has an account at one."""
    cloud = day.demo_user.cloud
    if cloud is None:
        return day
    found = world.vendors()[cloud.provider].workouts(cloud.account, day.start, day.end)
    workouts = (
        ReportedWorkout(one.id, one.sport, one.start, one.end, one.meters, one.kcal, one.pulse) for one in found
    )
    return DemoDay(day.demo_user, day.date, tuple(workouts))


def connect(base_url: str, api_key: str, user_id: str, cloud: CloudAccount) -> bool:
    """Connect the account unless it is; returns whether it had to. Raises NotConnectable."""
    browser = Browser()
    key = {"X-WearLink-API-Key": api_key}
    users = f"{base_url}/api/v1/users/{user_id}"
    connections = browser.call("GET", f"{users}/connections", headers=key).json()
    if any((one["provider"], one["status"]) == (cloud.provider, "active") for one in connections):
        return False
    asked = f"{base_url}/api/v1/providers/{cloud.provider}/authorize?{urlencode({'user_id': user_id})}"
    begun = browser.call("GET", asked, headers=key)
    if begun.status != http.HTTPStatus.OK:
        raise NotConnectable(f"{cloud.provider} is not configured ({begun.status}).")
    away = browser.call("GET", begun.json()["authorization_url"]).location
    if urlsplit(away).hostname not in ("127.0.0.1", "localhost"):
        raise NotConnectable(f"{cloud.provider} is not simulated here.")  # nobody signs in to a real vendor for us
    back = browser.call("POST", away, {"decision": "allow", "account": cloud.account}).location
    given = browser.call("POST", back, {"decision": "give"})
    if given.status >= http.HTTPStatus.BAD_REQUEST:
        raise NotConnectable(f"{cloud.provider} could not be connected ({given.status}).")
    return True


@dataclass(frozen=True, slots=True)
class CloudPage:
    """The answer of the simulated page: where it leads, and its cookies."""

    status: int
    body: bytes
    location: str

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(slots=True)
class Browser:
    """Just enough of one: it keeps cookies, and follows nothing by itself."""

    cookies: "SimpleCookie" = field(default_factory=SimpleCookie)

    def call(
        self, method: str, url: str, form: Mapping[str, str] | None = None, *, headers: Mapping[str, str] | None = None
    ) -> CloudPage:
        """Return one call. Raises NotConnectable where nobody answers."""
        parts = urlsplit(url)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        connection = kind(parts.netloc, timeout=TIMEOUT)
        sent = {"Cookie": "; ".join(f"{name}={one.value}" for name, one in self.cookies.items()), **(headers or {})}
        if form is not None:
            sent["Content-Type"] = FORM
        try:
            connection.request(method, f"{parts.path}?{parts.query}", urlencode(form) if form else None, sent)
            answer = connection.getresponse()
            for line in answer.headers.get_all("Set-Cookie", []):
                self.cookies.load(line)
            return CloudPage(answer.status, answer.read(), answer.headers.get("Location", ""))
        except (OSError, http.client.HTTPException) as error:
            raise NotConnectable(f"{parts.netloc} does not answer ({type(error).__name__}).") from error
        finally:
            connection.close()
