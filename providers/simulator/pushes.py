"""Pushes of the simulated vendors to the addresses that subscribed, and the handshake before."""

import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import msgspec

from providers.simulator.state import VendorState
from providers.simulator.vendor import SimulatedVendor
from wearlink.lib.net import http
from wearlink.lib.net.http import PartnerUnreachable

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Push:
    """One event. `secret` signs it; `spoiled`: with a signature that does not fit; `later`: ms to add to its time."""

    account: str
    action: str
    kind: str
    object_id: str
    secret: str
    spoiled: bool = False
    later: int = 0


def shake_hands(vendor: SimulatedVendor, subscription: Mapping[str, Any], callback: str) -> bool:
    """Return whether the address repeats our word, as it must before the subscription is made."""
    word = secrets.token_hex(8)
    query, field = vendor.challenge(subscription, word)
    try:
        answer = http.request("GET", callback, params=query, read_timeout=10.0)
        echoed = msgspec.json.decode(answer.content)
    except (PartnerUnreachable, msgspec.DecodeError):
        return False
    return answer.status_code == HTTPStatus.OK and isinstance(echoed, dict) and echoed.get(field) == word


def knock(
    address: str, body: bytes = b"", headers: Mapping[str, str] | None = None, *, query: Mapping[str, str] | None = None
) -> int:
    """Test an address as vendors do, by GET where there is no body; the status it is answered, 0 for none."""
    sent = {"Content-Type": "application/json", **(headers or {})}
    try:
        answer = http.request(
            "POST" if body else "GET", address, data=body or None, headers=sent, params=query, read_timeout=10.0
        )
        return answer.status_code
    except PartnerUnreachable:
        return 0


def deliver(vendor: SimulatedVendor, state: VendorState, push: Push, now: int) -> list[int]:
    """Tell everybody who listens; the status codes that came back, 0 for no answer."""
    body = vendor.event(push.account, push.action, push.kind, push.object_id, state, now + push.later)
    headers = {"Content-Type": "application/json", **vendor.sign(body, push.secret, now)}
    if push.spoiled:
        headers = {name: _spoiled(name, value) for name, value in headers.items()}
    statuses = []
    for address in vendor.listeners(state, push.action, push.kind):
        try:
            statuses.append(http.request("POST", address, data=body, headers=headers, read_timeout=10.0).status_code)
        except PartnerUnreachable as error:
            logger.info("A simulated push did not arrive: %s", error)
            statuses.append(0)
        state.counts["pushes"] += 1
    return statuses


def _spoiled(name: str, value: str) -> str:
    return value[:-4] + ("0000" if not value.endswith("0000") else "1111") if "signature" in name.lower() else value
