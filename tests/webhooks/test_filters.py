"""The catalogue of event types, and what a filter makes of it."""

import jsonschema
import pytest

from accounts.webhooks import event_types
from accounts.webhooks.catalogue import filters
from accounts.webhooks.event_types import EventType, Level
from healthdata.catalogue import SERIES
from healthdata.webhooks.event_types import TYPES
from wearlink.lib.errors import InvalidInput

LIFECYCLE = """
    workout.created workout.updated sleep.created sleep.updated connection.created connection.expired
    connection.revoked health_score.created sync.started sync.completed sync.failed import.completed import.failed
    export.ready nutrition.log.created nutrition.log.recognized nutrition.log.corrected endpoint.disabled
    workout.deleted sleep.deleted health_score.updated health_score.deleted daily_summary.updated user.deleted
    source.updated
    endpoint.failing endpoint.recovered message.exhausted
""".split()  # noqa: SIM905 - read as a list of words


def test_every_series_but_the_umbrellas_has_one_group_and_one_granular_event() -> None:
    names = {one.name: one for one in event_types.every()}
    for series in SERIES.values():
        granular = names.get(f"series.{series.code}.created")
        if series.is_umbrella:
            assert granular is None
            continue
        assert granular is not None
        assert granular.level is Level.GRANULAR
        groups = [one for one in names.values() if one.level is Level.GROUP and one.group == series.group]
        assert [one.name for one in groups] == [f"{series.group}.created"]
        assert TYPES[series.code][-1] == granular.name


def test_the_catalogue_has_its_documented_size() -> None:
    levels = [one.level for one in event_types.every()]
    assert levels.count(Level.GROUP) == 18
    assert levels.count(Level.GRANULAR) == 197
    assert {one.name for one in event_types.every() if one.level is Level.SESSION} == set(LIFECYCLE)


@pytest.mark.parametrize("one", event_types.every(), ids=lambda one: one.name)
def test_every_example_fits_its_schema(one: EventType) -> None:
    jsonschema.Draft202012Validator.check_schema(one.schema)
    jsonschema.validate(one.example, one.schema)
    assert one.description


def test_without_a_filter_come_sessions_and_groups_but_nothing_granular_or_sensitive() -> None:
    names = set(filters.expand(None))
    assert {"workout.created", "heart_rate.created", "endpoint.disabled"} <= names
    assert not any(name.startswith("series.") for name in names)
    assert "reproductive.created" not in names


def test_a_wildcard_brings_every_child() -> None:
    assert filters.expand(["workout.*"]) == ["workout.created", "workout.deleted", "workout.updated"]
    assert filters.expand(["nutrition.log.*"]) == [name for name in sorted(LIFECYCLE) if name.startswith("nutrition")]
    steps = filters.expand(["steps.*"])
    assert steps == ["series.steps.created", "steps.created"]


def test_sensitive_series_come_only_when_they_are_named() -> None:
    intake = filters.expand(["nutrition_intake.*"])
    assert "series.number_of_alcoholic_beverages.created" not in intake
    assert "series.hydration.created" in intake
    everything = filters.expand(["series.*"])
    assert not any(SERIES[name.split(".")[1]].sensitive for name in everything)
    assert filters.expand(["series.sexual_activity.created"]) == ["series.sexual_activity.created"]
    assert "series.sexual_activity.created" in filters.expand(["reproductive.*"])
    assert filters.expand(["reproductive.created"]) == ["reproductive.created"]


def test_a_sensitive_series_of_a_mixed_group_raises_no_group_event() -> None:
    assert TYPES["number_of_alcoholic_beverages"] == ("series.number_of_alcoholic_beverages.created",)
    assert TYPES["blood_alcohol_content"] == ("series.blood_alcohol_content.created",)
    assert TYPES["menstrual_flow"] == ("reproductive.created", "series.menstrual_flow.created")


@pytest.mark.parametrize("name", ["workout.creatd", "nothing.*", "*", "series.heart_rate_variability.created"])
def test_an_unknown_entry_is_refused_by_name(name: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        filters.expand(["workout.created", name])
    assert caught.value.errors[0].field == "filter_types.1"


def test_a_name_cannot_be_registered_with_two_meanings() -> None:
    known = event_types.find("workout.created")
    assert known is not None
    event_types.register([known])
    with pytest.raises(ValueError, match="twice"):
        event_types.register([EventType("workout.created", "Other.", Level.SESSION, "workout", {}, {})])
