import pytest

from healthdata.catalogue import (
    APPLE_SERIES,
    OTHER,
    SDK_SERIES,
    SERIES,
    WORKOUT_TYPES,
    Aggregation,
    SameStart,
    SeriesKind,
    expand,
    workout_type,
)
from wearlink.lib.errors import InvalidInput

UMBRELLAS = {"heart_rate_variability", "calories", "distance", "blood_pressure", "body_composition"}


def test_the_catalogue_has_every_series_and_workout():
    assert len(SERIES) == 202
    assert len(WORKOUT_TYPES) == 216
    assert {code for code, series in SERIES.items() if series.is_umbrella} == UMBRELLAS


def test_every_documented_type_exists():
    documented = [
        "heart_rate",
        "heart_rate_variability",
        "resting_heart_rate",
        "spo2",
        "respiratory_rate",
        "body_temperature",
        "steps",
        "calories",
        "distance",
        "blood_glucose",
        "blood_pressure",
        "vo2_max",
        "running_power",
        "cycling_power",
        "stress",
        "body_composition",
    ]
    assert set(documented) <= set(SERIES)


def test_every_stored_series_has_one_group_and_a_unit_and_umbrellas_have_members_instead():
    for series in SERIES.values():
        assert series.unit
        assert series.description
        assert bool(series.group) != series.is_umbrella
        assert bool(series.members) == series.is_umbrella
    assert len({series.group for series in SERIES.values() if series.group}) == 18


def test_members_of_umbrellas_are_stored_series():
    for umbrella in UMBRELLAS:
        assert all(SERIES[member].kind is not SeriesKind.UMBRELLA for member in SERIES[umbrella].members)


def test_sound_levels_are_averaged_by_energy_and_steps_are_added():
    assert SERIES["environmental_audio_exposure"].aggregation is Aggregation.ENERGY_MEAN
    assert SERIES["headphone_audio_exposure"].aggregation is Aggregation.ENERGY_MEAN
    assert SERIES["steps"].is_additive
    assert not SERIES["heart_rate"].is_additive


def test_two_things_eaten_at_one_time_are_kept_and_a_second_reading_replaces_the_first():
    kept = {code for code, series in SERIES.items() if series.same_start is SameStart.KEEP}
    others = {"hydration", "inhaler_usage", "insulin_delivery", "number_of_alcoholic_beverages"}
    assert kept == others | {code for code in SERIES if code.startswith("dietary_")}
    assert SERIES["blood_alcohol_content"].same_start is SameStart.REPLACE


def test_reproductive_health_and_alcohol_are_sensitive():
    sensitive = {code for code, series in SERIES.items() if series.sensitive}
    assert {"sexual_activity", "menstrual_flow", "number_of_alcoholic_beverages"} <= sensitive
    assert "heart_rate" not in sensitive


def test_the_tables_cannot_be_changed():
    with pytest.raises(TypeError):
        SERIES["mine"] = SERIES["steps"]
    with pytest.raises(AttributeError):
        SERIES["steps"].unit = "km"


def test_umbrellas_expand_in_order_and_without_doubles():
    assert expand(["blood_pressure", "spo2", "blood_pressure_systolic"]) == (
        "blood_pressure_systolic",
        "blood_pressure_diastolic",
        "spo2",
    )
    assert expand(["calories"]) == ("active_calories", "basal_calories", "total_calories")
    assert set(expand(["distance"])) == {code for code in SERIES if code.startswith("distance_")}
    assert expand([]) == ()


def test_an_unknown_type_is_refused_with_a_hint():
    with pytest.raises(InvalidInput) as refused:
        expand(["heart_rate", "hart_rate"])
    (error,) = refused.value.errors
    assert error.field == "types"
    assert "'hart_rate'" in error.message
    assert "heart_rate" in error.message
    assert "/api/v1/meta/series-types" in error.message


def test_all_healthkit_quantities_are_mapped():
    quantities = [name for name in APPLE_SERIES if name.startswith("HKQuantityTypeIdentifier")]
    assert len(quantities) == 121
    assert APPLE_SERIES["HKQuantityTypeIdentifierOxygenSaturation"] == "spo2"
    assert APPLE_SERIES["HKCategoryTypeIdentifierMindfulSession"] == "mindful_minutes"
    assert set(APPLE_SERIES.values()) <= set(SERIES)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("HEART_RATE", "heart_rate"),
        ("HEART_RATE_VARIABILITY", "heart_rate_variability_rmssd"),
        ("STEP_COUNT", "steps"),
        ("STEPSRECORD", "steps"),
        ("STEPS", "steps"),
        ("COM.GOOGLE.STEP_COUNT.DELTA", "steps"),
        ("HEARTRATE", "heart_rate"),
        ("BASAL_METABOLIC_RATE", "basal_metabolic_rate"),
        ("COM.GOOGLE.CALORIES.BMR", "basal_metabolic_rate"),
        ("TOTAL_CALORIES_BURNED", "total_calories"),
        ("DISTANCE", "distance_unspecified"),
        ("SPEEDRECORD", "speed"),
        ("BMI", "body_mass_index"),
        ("CYCLING_PEDALING_CADENCE", "cycling_cadence"),
    ],
)
def test_phone_vocabulary_maps_to_series(name, code):
    assert SDK_SERIES[name] == code


def test_phones_parts_of_a_day_never_become_the_figure_of_a_whole_day():
    assert {code for code in SDK_SERIES.values() if SERIES[code].kind is SeriesKind.DAILY} == {
        "resting_heart_rate",
        "energy_score",
    }
    assert SDK_SERIES["COM.GOOGLE.ACTIVE_MINUTES"] == "move_time"


def test_phone_vocabulary_is_upper_case_and_never_names_an_umbrella():
    for name, code in SDK_SERIES.items():
        assert name == name.upper()
        assert not SERIES[code].is_umbrella


@pytest.mark.parametrize(
    ("raw", "provider", "code"),
    [
        ("running", "apple", "running"),
        (" RUNNING ", "samsung", "running"),
        ("HKWorkoutActivityTypeTraditionalStrengthTraining", "apple", "strength_training"),
        ("traditionalStrengthTraining", "apple", "strength_training"),
        ("swim_bike_run", "apple", "triathlon"),
        ("37", "apple", "running"),
        ("3000", "apple", "other"),
        ("11007", "samsung", "cycling"),
        ("0", "samsung", "other"),
        ("CYCLING_STATIONARY", "google", "indoor_cycling"),
        ("RUNNING_TREADMILL", "google", "treadmill_running"),
        ("EXERCISE_TYPE_BIKING_STATIONARY", "google", "indoor_cycling"),
        ("exercise_type_rowing_machine", "google", "rowing_machine"),
        ("Table Tennis", "google", "table_tennis"),
        ("hiit", "apple", "hiit"),
        ("STAIR_CLIMBING", "google", "stairs"),
        ("stair_climbing", "apple", "stair_climbing"),
        ("workout", "apple", "other"),
        ("OTHER_WORKOUT", "google", "other"),
    ],
)
def test_workout_names_are_understood(raw, provider, code):
    assert workout_type(raw, provider) == (code, True)


@pytest.mark.parametrize(
    ("raw", "provider"),
    [
        ("61", "google"),
        ("37", "samsung"),
        ("1002", "apple"),
        ("UNKNOWN_84", "google"),
        ("quidditch", "apple"),
        ("", "apple"),
    ],
)
def test_what_cannot_be_understood_is_other(raw, provider):
    assert workout_type(raw, provider) == (OTHER, False)


def test_every_code_and_alias_means_one_type():
    for code, kind in WORKOUT_TYPES.items():
        for name in (code, *kind.aliases):
            assert workout_type(name, "apple") == (code, True)
