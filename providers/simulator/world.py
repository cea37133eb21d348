"""The simulated vendors, their states and the clock."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from pkgutil import iter_modules

from providers import adapters
from providers.simulator import memory
from providers.simulator.pushes import Push, deliver
from providers.simulator.state import VendorState
from providers.simulator.vendor import SimulatedVendor
from wearlink.lib import clock

SECRET = "simulated-client-secret"  # noqa: S105 - of nobody
CLIENT = "simulated-client"


def vendors() -> dict[str, SimulatedVendor]:
    """Return slug → simulated side, of the adapters that have one."""
    found = {}
    for module in iter_modules(adapters.__path__):
        name = f"{adapters.__name__}.{module.name}.simulated"
        if module.ispkg and find_spec(name) is not None:
            vendor: SimulatedVendor = import_module(name).VENDOR
            found[vendor.slug] = vendor
    return found


@dataclass
class SimulatedWorld:
    """The whole state of the simulator. `shift` (ms) is added to the clock; `file` keeps grants over a
    restart.
    """

    vendors: Mapping[str, SimulatedVendor] = field(default_factory=vendors)
    states: dict[str, VendorState] = field(default_factory=dict)
    shift: int = 0
    secret: str = SECRET
    url: str = ""
    file: Path | None = None

    def __post_init__(self) -> None:
        self.reset()
        if self.file is not None:
            memory.load(self.file, self.states)

    def keep(self) -> None:
        """Write down who is connected and who listens."""
        if self.file is not None:
            memory.save(self.file, self.states)

    def reset(self) -> None:
        """Reset to the start: nobody is connected, nothing was called."""
        self.states = {slug: VendorState() for slug in self.vendors}
        self.shift = 0

    def now(self) -> int:
        """Return the simulator's time in ms."""
        return clock.now_ms() + self.shift

    def push(
        self, slug: str, account: str, action: str, kind: str, object_id: str = "", *, spoiled: bool = False,
        later: int = 0,
    ) -> list[int]:  # fmt: skip
        """Push one event, of the newest document of the kind if none is named; the status codes that came back.

        later: ms after now that the event says it happened.
        """
        vendor, now = self.vendors[slug], self.now()
        found = object_id or vendor.newest(account, kind, now)
        return deliver(vendor, self.states[slug], Push(account, action, kind, found, self.secret, spoiled, later), now)

    def tick(self, before: int, now: int) -> int:
        """Push what came or changed between two moments, to everybody who is connected; returns how much."""
        count = self.deliver()
        for slug, vendor in self.vendors.items():
            for account in self.states[slug].connected():
                for action, kind, object_id in vendor.moved(account, before, now):
                    self.push(slug, account, action, kind, object_id)
                    count += 1
        return count

    def deliver(self, *, lose_every: int = 0) -> int:
        """Push what calls have asked for, such as history; returns how much. lose_every: each such push is lost."""
        count = 0
        for slug, state in self.states.items():
            waiting, state.outbox = state.outbox, []
            for account, action, kind, object_id in waiting:
                count += 1
                if not lose_every or count % lose_every:
                    self.push(slug, account, action, kind, object_id)
        return count

    def settings(self, slug: str) -> dict[str, str]:
        """Return the variables that point WearLink at a simulated vendor."""
        prefix, base = slug.upper(), f"{self.url}/{slug}"
        return {
            f"{prefix}_CLIENT_ID": CLIENT,
            f"{prefix}_CLIENT_SECRET": self.secret,
            f"PROVIDER_{prefix}_API_URL": base,
            f"PROVIDER_{prefix}_AUTHORIZE_URL": f"{base}/oauth/authorize",
            f"PROVIDER_{prefix}_TOKEN_URL": f"{base}/oauth/token",
            f"PROVIDER_{prefix}_REVOKE_URL": f"{base}/oauth/revoke",
            **self.vendors[slug].settings(base, self.secret),
        }


def settings_at(url: str) -> dict[str, str]:
    """Return the variables that point WearLink at the simulated vendors of an address."""
    world = SimulatedWorld(url=url)
    return {name: value for slug in world.vendors for name, value in world.settings(slug).items()}
