"""Colours stand in one file: no sheet has its own, what is named exists, and text can be read on its ground."""

import re
from pathlib import Path

import pytest

STATIC = Path(__file__).parents[3] / "static"
THEME = STATIC / "theme.css"
COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}\b|\b(?:rgba?|hsla?|light-dark|oklch)\(")
DEFINED = re.compile(r"(--[\w-]+):")
USED = re.compile(r"var\((--[\w-]+)")
BOTH = re.compile(r"var\(--in-light, ([^ ;]+)\) var\(--in-dark, ([^ ;]+)\)")
TEXT, LARGE = 4.5, 3.0  # WCAG: text, and what is only seen
READ_ON = [
    *[(ink, ground, TEXT) for ink in ("ink", "ink2", "ink3", "accent") for ground in ("bg", "surface", "sunken")],
    *[(one, f"{one}-bg", TEXT) for one in ("ok", "warn", "bad", "info", "idle")],
    *[(one, "surface", TEXT) for one in ("ok", "warn", "bad", "blue", "plum")],
    *[("ink", f"ramp-{place}", TEXT) for place in range(4)],
    *[(f"on-ramp-{place}", f"ramp-{place}", TEXT) for place in (4, 5, 6)],
    ("on-fill", "fill", TEXT), ("on-bad-fill", "bad-fill", TEXT), ("accent", "soft", TEXT),
    *[(one, "surface", LARGE) for one in ("line-strong", "focus", "series", "reference", "orange")],
    *[(f"stage-{one}", "surface", LARGE) for one in ("awake", "rem", "light", "deep")],
]  # fmt: skip


def sheets() -> list[Path]:
    return [path for path in sorted(STATIC.glob("*.css")) if path != THEME]


def named(theme: int) -> dict[str, str]:
    """Name → colour; 0 for the light theme, 1 for the dark one."""
    found = {}
    for name, value in re.findall(r"--([\w-]+): ([^;]+);", THEME.read_text()):
        both = BOTH.fullmatch(value)
        found[name] = both[theme + 1] if both else value
    return found


def colour(name: str, theme: int) -> str:
    """Return the hexadecimal digits behind a name."""
    value = named(theme)[name]
    inner = USED.fullmatch(value.removesuffix(")"))
    return colour(inner[1][2:], theme) if inner else value


def luminance(digits: str) -> float:
    parts = [int(digits[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_no_sheet_has_colours_of_its_own() -> None:
    own = [(path.name, found) for path in sheets() for found in COLOUR.findall(path.read_text())]
    assert own == []


def test_every_name_that_a_sheet_uses_is_defined() -> None:
    texts = {path.name: path.read_text() for path in STATIC.glob("*.css")}
    defined = {name for text in texts.values() for name in DEFINED.findall(text)}
    assert {(name, one) for name, text in texts.items() for one in USED.findall(text) if one not in defined} == set()


def test_unfold_has_the_scales_of_ours() -> None:
    text = (STATIC / "admin.css").read_text()
    steps = (50, *range(100, 1000, 100), 950)
    for theirs, ours in (("base", "grey"), ("primary", "teal")):
        assert [step for step in steps if f"--color-{theirs}-{step}: var(--{ours}-{step});" not in text] == []


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_text_and_marks_are_seen_on_their_ground(theme: int) -> None:
    faint = []
    for front, ground, least in READ_ON:
        low, high = sorted((luminance(colour(front, theme)), luminance(colour(ground, theme))))
        ratio = (high + 0.05) / (low + 0.05)
        if ratio < least:
            faint.append((front, ground, round(ratio, 2)))
    assert faint == []
