"""The vendors' page that asks an end user: the reader and the data, in words, with a button for either answer."""

from html import escape
from typing import Final
from urllib.parse import urlencode, urlsplit

from providers.simulator.vendor import SimulatedVendor
from providers.simulator.wire import SimulatedRequest

STYLE: Final = """
:root{color-scheme:light dark;--bg:#f6f7f9;--card:#fff;--line:#dde2e9;--edge:#838d9e;--ink:#151a24;--soft:#5c6779;
--fill:#0b7f6f;--on:#fff;--focus:#1a5fd0;--warn:#854700;--warn-bg:#fdf0d8}
@media (prefers-color-scheme:dark){:root{--bg:#0d1219;--card:#141b26;--line:#2a3545;--edge:#6c7b93;--ink:#e8ecf3;
--soft:#939fb4;--fill:#3fc9b1;--on:#04211c;--focus:#7db1ff;--warn:#f2b552;--warn-bg:#37270b}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--ink);font:1rem/1.6 system-ui,sans-serif;overflow-wrap:break-word}
main{max-width:30rem;margin:0 auto;padding:1.5rem 1rem 3rem}
h1{margin:.75rem 0;font-size:1.5rem;line-height:1.25;text-wrap:balance}h2{margin:0 0 .5rem;font-size:1rem}
.card{margin:0 0 1rem;padding:1rem;border:1px solid var(--line);border-radius:8px;background:var(--card)}
.mark{padding:.125rem .625rem;border-radius:10px;background:var(--warn-bg);color:var(--warn);font-size:.875rem}
ul{margin:0;padding-left:1.25rem}.note{color:var(--soft);font-size:.875rem}
fieldset{margin:0 0 1rem;padding:.5rem 1rem;border:1px solid var(--line);border-radius:8px;background:var(--card)}
label{display:flex;gap:.5rem;align-items:center;min-height:44px}
input{width:1.125rem;height:1.125rem;accent-color:var(--fill)}
.row{display:flex;flex-wrap:wrap;gap:.75rem}
button{min-height:44px;padding:.375rem 1.25rem;border:1px solid var(--fill);border-radius:6px;background:var(--fill);
color:var(--on);font:inherit;font-weight:500;cursor:pointer}
button.no{border-color:var(--edge);background:var(--card);color:var(--ink)}
:focus-visible{outline:2px solid var(--focus);outline-offset:2px}
"""
#: Words for what is read, by the last part of a scope's name; several scopes may share words.
WORDS: Final = {
    "accesslink.read_all": "Training, daily activity, sleep and heart rate",
    "activity": "Activity and workouts",
    "activity_and_fitness": "Activity and workouts",
    "body_measurement": "Height and weight",
    "cardio_fitness": "Cardio fitness (VO₂ max)",
    "cycle": "Days: strain, heart rate and energy",
    "daily": "Daily summaries of sleep, activity and readiness",
    "email": "Your e-mail address",
    "health_metrics_and_measurements": "Heart rate, weight and other measurements",
    "heart_health": "Heart health: cardiovascular age and VO₂ max",
    "heartrate": "Heart rate, through day and night",
    "location": "Places of your workouts",
    "nutrition": "Food and water you have logged",
    "offline": "All of it while you are away, until you end it",
    "oxygen_saturation": "Blood oxygen",
    "personal": "Age, sex, height and weight",
    "profile": "Your profile: name, age, sex, height and weight",
    "profile_read_all": "Your whole profile",
    "read": "Your public profile",
    "read_all": "Workouts that only you can see",
    "recovery": "Recovery: resting heart rate and its variability",
    "respiratory_rate": "Breathing rate",
    "ring_configuration": "Which ring you wear",
    "session": "Guided moments and naps",
    "settings": "Units and time zone",
    "sleep": "Sleep and its stages",
    "spo2": "Blood oxygen during sleep",
    "spo2daily": "Blood oxygen during sleep",
    "stress": "Stress and recovery through the day",
    "tag": "Notes and tags you have made",
    "temperature": "Skin temperature",
    "weight": "Weight and body fat",
    "workout": "Workouts",
}
WHOLE: Final = {"activity:read": "activity", "activity:read_all": "read_all", "profile:read_all": "profile_read_all"}


def words_of(scope: str) -> str:
    """Return what a scope means to people; the scope itself where we have no words."""
    last = scope.rpartition("/")[2].removesuffix(".readonly").removeprefix("googlehealth.").removeprefix("read:")
    return WORDS.get(WHOLE.get(scope, last.lower()), scope)


def page(vendor: SimulatedVendor, request: SimulatedRequest, scopes: tuple[str, ...]) -> str:
    """Return the page as HTML; its form is sent to its own address."""
    name, app = escape(vendor.name), escape(urlsplit(request.query.get("redirect_uri", "")).netloc)
    read = dict.fromkeys(words_of(scope) for scope in scopes) or {"All that you share with connected apps": None}
    items = "".join(f"<li>{escape(words)}</li>" for words in read)
    people = "".join(
        f'<label><input type="radio" name="account" value="{escape(account)}" {"checked" if not index else ""}> '
        f"{escape(person)}</label>"
        for index, (account, person) in enumerate(vendor.people.items())
    )
    action = escape(f"?{urlencode(request.query)}", quote=True)
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" '
        f'content="light dark"><title>{name} (simulated)</title><style>{STYLE}</style><main>'
        f'<span class="mark">▲ Simulated: this is not {name}</span>'
        f"<h1>WearLink asks to read your {name} data</h1>"
        f'<p class="note">The app is called WearLink and answers at {app}. At the real {name} its own page stands '
        "here, and a real account signs in.</p>"
        f'<section class="card"><h2>It would read</h2><ul>{items}</ul></section>'
        f'<form method="post" action="{action}"><fieldset><legend>Sign in as</legend>{people}</fieldset>'
        '<p class="row"><button name="decision" value="allow">Allow</button> '
        '<button class="no" name="decision" value="deny">Refuse</button></p></form></main></html>'
    )
