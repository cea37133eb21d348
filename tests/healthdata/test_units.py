import math

import pytest

from healthdata.catalogue import SERIES, SeriesKind
from healthdata.units import (
    BOUNDS,
    CATEGORY_SERIES,
    IDENTITY,
    UnknownUnit,
    acceptable,
    category_value,
    convert,
    plan,
    unit_key,
)

STORED = [code for code, series in SERIES.items() if series.kind is not SeriesKind.UMBRELLA]


@pytest.mark.parametrize(
    ("value", "unit", "series", "expected"),
    [
        (72, "count/min", "heart_rate", 72),
        (1.2, "count/s", "heart_rate", 72),
        (14.1, "breaths/min", "respiratory_rate", 14.1),
        (0.25, "count/s", "respiratory_rate", 15),
        (0.0485, "s", "heart_rate_variability_sdnn", 48.5),
        (48.5, "ms", "heart_rate_variability_sdnn", 48.5),
        (1.5, "hr", "exercise_time", 90),
        (1, "d", "time_in_daylight", 1440),
        (0.93, "mi", "distance_walking_running", 1496.68992),
        (50, "yd", "distance_swimming", 45.72),
        (5.2, "km", "distance_cycling", 5200),
        (1.8, "m", "height", 180),
        (71, "in", "height", 180.34),
        (5.9, "ft", "height", 179.832),
        (860, "mm", "waist_circumference", 86),
        (3.6, "km/hr", "walking_speed", 1),
        (3, "mi/hr", "walking_speed", 1.34112),
        (1, "ft/s", "stair_ascent_speed", 0.3048),
        (96.4, "Cal", "active_calories", 96.4),
        (96_400, "cal", "active_calories", 96.4),
        (418.4, "kJ", "active_calories", 100),
        (418_400, "J", "active_calories", 100),
        (1702, "kcal/day", "basal_metabolic_rate", 1702),
        (80, "W", "basal_metabolic_rate", 1652.0076481836),
        (9.1, "kcal/hr·kg", "physical_effort", 9.1),
        (9.1, "kcal/(kg*hr)", "physical_effort", 9.1),
        (9.1, "kcal/kg/hr", "average_met", 9.1),
        (165.3, "lb", "weight", 74.978818761),
        (11, "st", "weight", 69.85322498),
        (75_400, "g", "weight", 75.4),
        (1, "oz", "dietary_sugar", 28.349523125),
        (2, "mg", "dietary_folate", 2000),
        (400, "mcg", "dietary_folate", 400),
        (400, "µg", "dietary_folate", 400),
        (98.4, "degF", "body_temperature", 36.888888889),
        (36.7, "°C", "body_temperature", 36.7),
        (310, "K", "body_temperature", 36.85),
        (1.8, "degF", "skin_temperature_deviation", 1),
        (-0.4, "degC", "skin_temperature_deviation", -0.4),
        (0.5, "K", "skin_temperature_deviation", 0.5),
        (122, "mmHg", "blood_pressure_systolic", 122),
        (16, "kPa", "blood_pressure_systolic", 120.00992),
        (160, "cmAq", "blood_pressure_systolic", 117.6896),
        (95, "mg/dL", "blood_glucose", 95),
        (5.2, "mmol<180.1558800000541>/L", "blood_glucose", 93.6810576),
        (5.2, "mmol/L", "blood_glucose", 93.6810576),
        (2, "mmol<100>/L", "blood_glucose", 20),
        (45.2, "mL/min·kg", "vo2_max", 45.2),
        (45.2, "ml/(kg*min)", "vo2_max", 45.2),
        (85, "dBASPL", "headphone_audio_exposure", 85),
        (0.25, "L", "hydration", 250),
        (8, "fl_oz_us", "hydration", 236.5882365),
        (1, "cup_us", "hydration", 236.5882365),
        (1, "pt_us", "hydration", 473.176473),
        (10, "fl_oz_imp", "hydration", 284.130625),
        (4200, "mL", "forced_vital_capacity", 4.2),
        (8, "L/s", "peak_expiratory_flow_rate", 480),
        (241, "W", "running_power", 241),
        (4.5, "IU", "insulin_delivery", 4.5),
        (0.0000031, "S", "electrodermal_activity", 3.1),
        (3.1, "mcS", "electrodermal_activity", 3.1),
        (3.1, "µS", "electrodermal_activity", 3.1),
        (7, "appleEffortScore", "workout_effort_score", 7),
        (23.8, "kg/m²", "body_mass_index", 23.8),
        (23.8, "count", "body_mass_index", 23.8),
        (1180, "count", "steps", 1180),
        (1180, None, "steps", 1180),
    ],
)
def test_units_become_the_canonical_unit(value, unit, series, expected):
    assert convert(value, unit, series) == pytest.approx(expected, abs=1e-8)


@pytest.mark.parametrize("series", ["spo2", "body_fat_percentage"])
@pytest.mark.parametrize("provider", ["apple", "samsung", "google", "oura"])
def test_a_tiny_saturation_or_body_fat_is_a_fraction_whoever_sends_it(series, provider):
    assert convert(0.57, "%", series, provider) == 57
    assert convert(1.0, "%", series, provider) == 100
    assert convert(97.2, "%", series, provider) == 97.2


def test_other_shares_are_fractions_only_from_healthkit():
    for series in ("walking_asymmetry_percentage", "walking_steadiness", "atrial_fibrillation_burden"):
        assert convert(0.28, "%", series, "apple") == 28
        assert convert(0.28, "%", series, "garmin") == 0.28
    assert convert(0.0008, "%", "blood_alcohol_content", "apple") == 0.08


@pytest.mark.parametrize(("sent", "stored"), [(0.66, 66), (66, 66), (100, 100), (6900, 69), (10_000, 100)])
def test_humidity_is_percent_however_it_was_written(sent, stored):
    assert convert(sent, "%", "weather_humidity", "apple") == stored


def test_a_capital_calorie_is_a_thousand_small_ones():
    assert convert(1, "Cal", "dietary_energy_consumed") == 1
    assert convert(1, "cal", "dietary_energy_consumed") == 0.001


def test_spelling_of_units_is_forgiven():
    assert unit_key(" mL/(min·kg) ") == "ml/min*kg"
    assert unit_key("\N{MICRO SIGN}g") == unit_key("\N{GREEK SMALL LETTER MU}g") == "ug"
    assert unit_key("Cal") == "kcal"
    assert convert(1, " KM ", "distance_cycling") == 1000


@pytest.mark.parametrize(
    ("unit", "series"),
    [
        ("furlong", "distance_cycling"),
        ("kg", "heart_rate"),
        ("mmol<>/L", "blood_glucose"),
        ("mmol<1e9>/L", "blood_glucose"),
        ("mmol/L", "weight"),
        ("degC", "weight"),
        ("count", "spo2"),
        (None, "weight"),
        ("", "distance_cycling"),
    ],
)
def test_an_unknown_unit_is_refused_and_never_guessed(unit, series):
    with pytest.raises(UnknownUnit) as refused:
        convert(1, unit, series)
    assert refused.value.reason == f"unknown_unit:{unit or ''}"


def test_the_reason_of_a_refusal_is_short_and_printable():
    with pytest.raises(UnknownUnit) as refused:
        convert(1, "x\n\x00" * 100, "steps")
    assert refused.value.reason == "unknown_unit:" + "x" * 24


def test_a_missing_unit_is_what_the_wire_format_says():
    assert convert(72, None, "heart_rate", "apple") == 72
    assert convert(1.78, None, "height", "samsung") == pytest.approx(178)
    assert convert(5, "", "blood_glucose", "google") == pytest.approx(90.07794)
    assert convert(0.97, None, "spo2", "apple") == 97
    with pytest.raises(UnknownUnit):
        convert(1.78, None, "height", "apple")


@pytest.mark.parametrize("series", STORED)
def test_the_canonical_unit_itself_changes_nothing(series):
    assert convert(37.25, SERIES[series].unit, series) == 37.25


def test_plans_are_looked_up_once_and_identities_are_shared():
    assert plan("count/min", "heart_rate", "apple") is IDENTITY
    assert plan("mi", "distance_cycling", "apple") is plan("mi", "distance_cycling", "apple")
    scale, offset, _, _ = plan("degF", "body_temperature")
    assert 98.6 * scale + offset == pytest.approx(37)


def test_category_samples_take_their_value_from_length_occurrence_or_code():
    assert category_value("mindful_minutes", 0, 600_000) == 10
    assert category_value("handwashing_seconds", None, 21_500) == 21.5
    assert category_value("high_heart_rate_event", 0, 0) == 1
    assert category_value("sexual_activity", None, 0) == 1
    assert category_value("stand_hours", 0, 3_600_000) == 1
    assert category_value("stand_hours", 1, 3_600_000) == 0
    assert category_value("menstrual_flow", 3, 0) == 3
    assert category_value("menstrual_flow", None, 0) is None


def test_every_category_identifier_has_a_value():
    from_labels = {code for code in STORED if SERIES[code].unit == "enum" or code.endswith("_event")}
    assert from_labels <= set(CATEGORY_SERIES)
    assert set(CATEGORY_SERIES) <= set(STORED)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("series", ["heart_rate", "altitude", "skin_temperature_deviation"])
def test_what_is_not_finite_is_never_stored(series, value):
    assert acceptable(series, value) == "not_finite"


@pytest.mark.parametrize(
    ("series", "value", "reason"),
    [
        ("heart_rate", 72, None),
        ("heart_rate", 0, "out_of_range"),
        ("heart_rate", 900, "out_of_range"),
        ("steps", 0, None),
        ("steps", -1, "negative"),
        ("skin_temperature_deviation", -0.7, None),
        ("altitude", -420, None),
        ("longitude", -179.9, None),
        ("latitude", 91, "out_of_range"),
        ("ans_charge", -9, None),
        ("stress", -1, "negative"),
        ("spo2", 100, None),
        ("spo2", 9700, "out_of_range"),
        ("height", 17_800, "out_of_range"),
    ],
)
def test_bounds_stop_broken_sensors_and_not_people(series, value, reason):
    assert acceptable(series, value) == reason


def test_every_stored_series_has_bounds():
    assert set(BOUNDS) == set(STORED)
    assert all(low < high for low, high in BOUNDS.values())
