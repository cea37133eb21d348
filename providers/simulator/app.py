"""The WSGI app: which vendor, which part of it, within its limits and with the faults that were ordered."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import replace
from http import HTTPStatus
from typing import Any, Final

from providers.simulator import control, faults, oauth
from providers.simulator.state import VendorState
from providers.simulator.vendor import SimulatedVendor
from providers.simulator.wire import SimulatedAnswer, SimulatedRequest, request_of, send
from providers.simulator.world import SimulatedWorld

OAUTH: Final = {"/oauth/authorize": oauth.authorize, "/oauth/token": oauth.token, "/oauth/revoke": oauth.revoke}


class Application:
    def __init__(self, world: SimulatedWorld) -> None:
        self.world = world

    def __call__(self, environ: Mapping[str, Any], start_response: Any) -> Iterable[bytes]:
        request = request_of(environ, self.world.now())
        answer = self.answer(request)
        if answer.wait:
            time.sleep(answer.wait)
        return send(answer, start_response)

    def answer(self, request: SimulatedRequest) -> SimulatedAnswer:
        """Answer as a vendor, as the simulator itself, or with a list of addresses."""
        first, _, rest = request.path.lstrip("/").partition("/")
        if first == "_simulator":
            return control.answer(self.world, rest, request)
        vendor = self.world.vendors.get(first)
        if vendor is None:
            listed = {slug: self.world.settings(slug) for slug in self.world.vendors}
            return SimulatedAnswer.json(
                {"vendors": listed}, HTTPStatus.OK if request.path == "/" else HTTPStatus.NOT_FOUND
            )
        below = replace(request, path=f"/{rest}")
        answer = _vendor(vendor, self.world.states[first], below)
        if request.method != "GET":  # sign-ins, and subscriptions
            self.world.keep()
        return answer


def _vendor(vendor: SimulatedVendor, state: VendorState, request: SimulatedRequest) -> SimulatedAnswer:
    state.counts["calls"] += 1
    fault = state.due_fault(request.path)
    if request.path in OAUTH:
        if fault is not None and fault.kind in faults.BEFORE:
            return faults.instead(fault, {})
        answer = OAUTH[request.path](vendor, state, request)
    else:
        answer = _rest(vendor, state, request, fault)
    return answer if fault is None or fault.kind in faults.BEFORE else faults.done_to(answer, fault)


def _rest(vendor: SimulatedVendor, state: VendorState, request: SimulatedRequest, fault: Any) -> SimulatedAnswer:
    app = vendor.app_api(request, state)
    if app is not None:
        return app
    state.counts["api_calls"] += 1
    whose = state.holder(request.bearer, request.now) if vendor.limits_each else None
    used = state.used_up(vendor.windows, request.now, "" if whose is None else whose.account)
    over = any(count > limit for limit, count, _ in used.values())
    headers = vendor.limit_headers(used, over=over)
    if over:
        state.counts["limit_violations"] += 1
        return SimulatedAnswer.json(
            {"message": "Rate Limit Exceeded", "errors": []}, HTTPStatus.TOO_MANY_REQUESTS, headers
        )
    if fault is not None and fault.kind in faults.BEFORE:
        limited = vendor.limit_headers(used, over=True) if fault.kind == "rate_limit" else headers
        return faults.instead(fault, limited)
    token = state.holder(request.bearer, request.now)
    if token is None:
        state.counts["unauthorized"] += 1
        refused = vendor.refused()
        return replace(refused, headers={**refused.headers, **headers})
    if fault is not None and fault.kind == "empty_page":
        request = replace(request, query={**request.query, "_empty_page": "1"})
    answer = vendor.api(request, token, state)
    return replace(answer, headers={**answer.headers, **headers})
