"""The end users of the demo: what they wear and how they live. docs/demo.md tells it in words."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Device:
    """One device, in the words of a sync's source object."""

    name: str
    manufacturer: str
    model: str
    kind: str  # watch, phone or ring
    app: str


@dataclass(frozen=True, slots=True)
class Sport:
    """A sport of a demo user: wire type, usual speed in m/s (0: on the spot), MET where not the speed decides
    the energy, usual minutes, on one day out of so many, and which.
    """

    kind: str
    speed: float
    met: float
    minutes: int
    every: int
    shift: int = 0


@dataclass(frozen=True, slots=True)
class Trip:
    """Local days spent elsewhere, by their number in a cycle of CYCLE days."""

    first: int
    last: int
    time_zone: str
    place: tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class CloudAccount:
    """A simulated vendor that the end user is connected to; what it tells has happened."""

    provider: str
    account: str


@dataclass(frozen=True, slots=True)
class Physique:
    """The body of a demo user; heart rates in bpm, uptake of oxygen in mL/kg/min."""

    born: int
    is_male: bool
    weight_kg: float
    height_m: float
    resting_bpm: float
    top_bpm: float
    vo2_max: float
    hrv_ms: float


@dataclass(frozen=True, slots=True)
class Habits:
    """A demo user's way of life. Hours are local and count from the midnight before waking: bed hours are negative.

    irregular: standard deviation of the bed hour. charging_every: nights on which the watch lies on its charger.
    silent: days of the cycle on which no device is with them.
    """

    daily_steps: int
    bed_hour: float
    wake_hour: float
    irregular: float
    charging_every: int
    nap_every: int
    carries_phone: float  # share of the waking day
    silent: frozenset[int] = frozenset()
    trips: tuple[Trip, ...] = ()


@dataclass(frozen=True, slots=True)
class DemoUser:
    external_id: str
    first_name: str
    last_name: str
    provider: str
    time_zone: str
    home: tuple[float, float, float]  # latitude, longitude, altitude in metres
    watch: Device
    phone: Device
    ring: Device | None
    sports: tuple[Sport, ...]
    body: Physique
    habits: Habits
    cloud: CloudAccount | None = None

    @property
    def email(self) -> str:
        """An address of example.com, which nobody has."""
        return f"{self.first_name.lower()}.{self.last_name.lower()}@example.com"

    @property
    def devices(self) -> tuple[Device, ...]:
        return (self.watch, self.phone, self.ring) if self.ring else (self.watch, self.phone)


CYCLE: Final = 60  # days after which trips and silent days come again
ANNA: Final = DemoUser(
    external_id="demo-anna",
    first_name="Anna",
    last_name="Berger",
    provider="apple",
    time_zone="Europe/Berlin",
    home=(52.5145, 13.3501, 35.0),
    watch=Device("Apple Watch", "Apple Inc.", "Watch7,3", "watch", "com.apple.health"),
    phone=Device("iPhone", "Apple Inc.", "iPhone16,1", "phone", "com.apple.health"),
    ring=Device("Oura Ring", "Oura", "Oura Ring Gen4", "ring", "com.ouraring.oura"),
    sports=(Sport("running", 2.75, 0, 38, every=3), Sport("strength_training", 0, 4.5, 40, every=5, shift=1)),
    body=Physique(1991, False, 63.5, 1.70, 54, 188, 46, 58),
    habits=Habits(9_500, -0.7, 6.4, 0.6, charging_every=11, nap_every=17, carries_phone=0.7),
)
ILSE: Final = DemoUser(
    external_id="demo-ilse",
    first_name="Ilse",
    last_name="Peeters",
    provider="samsung",
    time_zone="Europe/Brussels",
    home=(51.0500, 3.7200, 9.0),
    watch=Device("Galaxy Watch7", "Samsung", "SM-L310", "watch", "com.sec.android.app.shealth"),
    phone=Device("Galaxy S25", "Samsung", "SM-S931B", "phone", "com.sec.android.app.shealth"),
    ring=None,
    sports=(Sport("running", 2.9, 0, 60, every=2), Sport("strength_training", 0, 4.0, 30, every=7, shift=4)),
    body=Physique(1986, False, 58.0, 1.68, 47, 182, 54, 66),
    habits=Habits(7_800, -1.4, 6.2, 0.35, charging_every=13, nap_every=9, carries_phone=0.5),
    cloud=CloudAccount("strava", "88213555"),
)
PRIYA: Final = DemoUser(
    external_id="demo-priya",
    first_name="Priya",
    last_name="Nair",
    provider="google",
    time_zone="Asia/Kolkata",
    home=(12.9763, 77.5929, 920.0),
    watch=Device("Pixel Watch 3", "Google", "Pixel Watch 3", "watch", "com.fitbit.FitbitMobile"),
    phone=Device("Pixel 9", "Google", "Pixel 9", "phone", "com.google.android.apps.fitness"),
    ring=None,
    sports=(Sport("walking", 1.55, 0, 45, every=2), Sport("yoga", 0, 2.6, 40, every=6, shift=2)),
    body=Physique(1978, False, 66.0, 1.62, 64, 174, 33, 36),
    habits=Habits(
        7_200, -0.6, 6.4, 1.0, charging_every=5, nap_every=4, carries_phone=0.8,
        silent=frozenset({26, 27, 45}),
        trips=(Trip(11, 18, "Europe/London", (51.5007, -0.1602, 20.0)),
               Trip(37, 41, "Asia/Singapore", (1.2834, 103.8607, 10.0))),
    ),
)  # fmt: skip
DEMO_USERS: Final = (ANNA, ILSE, PRIYA)
