"""Calls to partners: one session a thread, with time limits, and no retries of its own.

Retrying is the task's business, whose row knows how often and when. Addresses that customers choose go through egress.
"""

import threading
from collections.abc import Iterator
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
from requests.adapters import HTTPAdapter

from wearlink.lib.errors import Unavailable

CONNECT_TIMEOUT = 5.0
READ_TIMEOUT = 20.0
USER_AGENT = "WearLink/1.0"
Response = requests.Response
_local = threading.local()


class PartnerUnreachable(Unavailable):
    """A partner did not answer in time, or not at all."""

    default_code = "partner_unreachable"


class Interrupted(PartnerUnreachable):
    """An answer broke off before its end."""


def pieces(response: requests.Response, size: int) -> Iterator[bytes]:
    """Yield the body of an answer that was asked for with stream=True, decoded, piece by piece. Raises Interrupted."""
    try:
        yield from response.iter_content(size)
    except requests.RequestException as error:
        raise Interrupted(f"The answer broke off ({type(error).__name__}).") from error


def request(method: str, url: str, *, read_timeout: float = READ_TIMEOUT, **options: Any) -> requests.Response:
    """Return the answer, whatever its status. ``options`` as in requests (params, headers, json, data, auth, stream).

    Redirects are followed only where ``allow_redirects=True`` is given. Raises PartnerUnreachable, whose text names
    the host only.
    """
    options.setdefault("allow_redirects", False)
    try:
        return _session().request(method, url, timeout=(CONNECT_TIMEOUT, read_timeout), **options)
    except requests.RequestException as error:
        host = url.split("//", 1)[-1].split("/", 1)[0].rpartition("@")[2]
        raise PartnerUnreachable(f"{host} could not be reached ({type(error).__name__}).") from error


def _session() -> requests.Session:
    session: requests.Session | None = getattr(_local, "session", None)
    if session is None:
        session = requests.Session()
        session.trust_env = False  # no proxy and no .netrc of the environment
        session.cookies.set_policy(
            DefaultCookiePolicy(allowed_domains=[])
        )  # one end user's must not go with the next's
        session.headers["User-Agent"] = USER_AGENT
        adapter = HTTPAdapter(max_retries=0, pool_connections=8, pool_maxsize=8)
        session.mount("https://", adapter)
        session.mount("http://", adapter)
        _local.session = session
    return session
