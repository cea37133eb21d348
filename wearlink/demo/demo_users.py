"""Who the end users of the demo are, and what they wear."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Device:
    """One device, in the words of a sync's source object."""

    name: str
    manufacturer: str
    model: str
    kind: str  # watch or phone
    app: str


@dataclass(frozen=True, slots=True)
class Sport:
    """What somebody trains: wire type, usual speed in m/s, energy in kcal a minute, usual minutes."""

    kind: str
    speed: float
    energy: float
    minutes: int


@dataclass(frozen=True, slots=True)
class DemoUser:
    """One end user. Hours are local and count from midnight of the day of waking, so a bed hour is negative."""

    external_id: str
    first_name: str
    last_name: str
    provider: str
    time_zone: str
    home: tuple[float, float, float]  # latitude, longitude, altitude in metres
    watch: Device
    phone: Device
    sport: Sport
    bed_hour: float
    wake_hour: float
    resting_bpm: float
    hrv_ms: float
    weight_kg: float
    height_m: float
    daily_steps: int
    basal_kcal: float

    @property
    def email(self) -> str:
        """An address nobody has."""
        return f"{self.first_name.lower()}.{self.last_name.lower()}@example.com"


ANNA: Final = DemoUser(
    external_id="demo-anna",
    first_name="Anna",
    last_name="Berger",
    provider="apple",
    time_zone="Europe/Berlin",
    home=(52.5145, 13.3501, 35.0),
    watch=Device("Apple Watch", "Apple Inc.", "Watch7,3", "watch", "com.apple.health"),
    phone=Device("iPhone", "Apple Inc.", "iPhone16,1", "phone", "com.apple.health"),
    sport=Sport("running", 2.8, 11.0, 38),
    bed_hour=-1.1,
    wake_hour=6.5,
    resting_bpm=54,
    hrv_ms=58,
    weight_kg=63.5,
    height_m=1.70,
    daily_steps=9_500,
    basal_kcal=1_420,
)
MIGUEL: Final = DemoUser(
    external_id="demo-miguel",
    first_name="Miguel",
    last_name="Torres",
    provider="samsung",
    time_zone="America/Los_Angeles",
    home=(37.7694, -122.4862, 60.0),
    watch=Device("Galaxy Watch7", "Samsung", "SM-L310", "watch", "com.sec.android.app.shealth"),
    phone=Device("Galaxy S25", "Samsung", "SM-S931U", "phone", "com.sec.android.app.shealth"),
    sport=Sport("cycling", 6.4, 9.0, 55),
    bed_hour=-0.3,
    wake_hour=7.2,
    resting_bpm=61,
    hrv_ms=41,
    weight_kg=84.0,
    height_m=1.81,
    daily_steps=7_200,
    basal_kcal=1_810,
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
    sport=Sport("walking", 1.55, 5.0, 45),
    bed_hour=-1.6,
    wake_hour=5.9,
    resting_bpm=65,
    hrv_ms=36,
    weight_kg=58.0,
    height_m=1.62,
    daily_steps=8_300,
    basal_kcal=1_330,
)
DEMO_USERS: Final = (ANNA, MIGUEL, PRIYA)
