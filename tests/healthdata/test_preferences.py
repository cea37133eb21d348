"""The order of sources."""

import pytest

from healthdata.merge.preferences import Priority, SourceCandidate, choose, parse_order

WATCH = SourceCandidate(id=1, provider="apple", device_type="watch", hours=10, values=50)
PHONE = SourceCandidate(id=2, provider="apple", device_type="phone", hours=14, values=400)
RING = SourceCandidate(id=3, provider="oura", device_type="ring", hours=24, values=24)
SCALE = SourceCandidate(id=4, provider="withings", device_type="scale", hours=1, values=1)
UNKNOWN = SourceCandidate(id=5, provider="google", device_type=None, hours=24, values=999)


def test_what_is_worn_goes_before_the_phone():
    assert choose([PHONE, WATCH], "steps", Priority()) is WATCH
    assert choose([PHONE], "steps", Priority()) is PHONE


def test_who_measured_goes_before_an_app_without_a_device_and_that_before_what_was_typed_in():
    typed = SourceCandidate(id=6, provider="apple", device_type="manual", hours=24, values=999)
    assert choose([typed, UNKNOWN, PHONE], "steps", Priority()) is PHONE
    assert choose([typed, UNKNOWN], "steps", Priority()) is UNKNOWN


def test_ring_and_watch_are_equals_at_night_and_coverage_decides():
    assert choose([WATCH, RING], "resting_heart_rate", Priority()) is RING


def test_a_watch_goes_before_a_ring_for_moving_about():
    assert choose([WATCH, RING], "steps", Priority()) is WATCH
    assert choose([WATCH, RING], "active_calories", Priority()) is WATCH


def test_a_scale_goes_first_for_weight_only():
    assert choose([WATCH, SCALE, RING], "weight", Priority()) is SCALE
    assert choose([WATCH, SCALE], "steps", Priority()) is WATCH


def test_ties_are_broken_by_coverage_then_values_then_id():
    def like(number: int, hours: int, values: int) -> SourceCandidate:
        return SourceCandidate(id=number, provider="apple", device_type="watch", hours=hours, values=values)

    assert choose([like(1, 5, 900), like(2, 6, 10)], "steps", Priority()).id == 2
    assert choose([like(1, 6, 10), like(2, 6, 11)], "steps", Priority()).id == 2
    assert choose([like(9, 6, 10), like(2, 6, 10)], "steps", Priority()).id == 2


def test_the_order_of_candidates_does_not_matter():
    everyone = [WATCH, PHONE, RING, SCALE, UNKNOWN]
    assert choose(everyone, "steps", Priority()) is choose(everyone[::-1], "steps", Priority())


def test_nobody_to_choose_from_is_an_error():
    with pytest.raises(ValueError, match="empty"):
        choose([], "steps", Priority())


def test_the_end_user_overrides_the_organization_and_that_the_platform():
    organization = Priority.cascade({"*": ["phone"]})
    assert choose([WATCH, PHONE], "steps", organization) is PHONE
    both = Priority.cascade({"*": ["phone"]}, {"steps": ["oura", "watch"]})
    assert choose([WATCH, PHONE], "steps", both) is WATCH
    assert choose([WATCH, RING], "steps", both) is RING
    assert choose([WATCH, PHONE], "flights_climbed", both) is PHONE


def test_what_an_override_does_not_name_is_left_to_the_next_layer():
    override = Priority.cascade(None, {"steps": ["strava"]})
    assert choose([WATCH, PHONE], "steps", override) is WATCH


def test_a_provider_or_a_device_type_may_be_named():
    assert choose([WATCH, RING], "sleep", Priority.cascade({"sleep": ["apple"]})) is WATCH
    assert choose([WATCH, RING], "sleep", Priority.cascade({"sleep": ["ring"]})) is RING


@pytest.mark.parametrize("broken", [None, 7, "steps", [], {"steps": "watch"}, {"steps": None}, {3: ["watch"]}])
def test_an_override_of_another_shape_changes_nothing(broken):
    assert choose([WATCH, PHONE], "steps", Priority.cascade(broken, broken)) is WATCH


def test_names_in_overrides_are_cleaned():
    assert parse_order({"steps": [" Oura ", "WATCH", 3, "watch"]})["steps"].ranks == {"oura": 0, "watch": 1}


def test_a_minus_leaves_a_source_out_unless_a_stronger_order_names_it():
    organization = {"steps": ["watch", "-phone"]}
    assert Priority.cascade(organization).excludes(PHONE, "steps")
    assert not Priority.cascade(organization).excludes(WATCH, "steps")
    assert not Priority.cascade(organization).excludes(PHONE, "distance")
    assert not Priority.cascade(organization, {"steps": ["phone"]}).excludes(PHONE, "steps")


def test_single_sources_may_be_named():
    mine = SourceCandidate(id=9, provider="apple", device_type="watch", uid="7a1f")
    assert choose([WATCH, mine], "steps", Priority.cascade(None, {"steps": ["source:7a1f"]})) is mine
    assert Priority.cascade(None, {"steps": ["source:7a1f"]}).names(mine, "steps")


def test_the_digest_follows_what_decides_and_nothing_else():
    plain = Priority.cascade(None, {"steps": ["watch"]}).digest
    assert plain == Priority.cascade(None, {"steps": {"order": ["watch"], "min_coverage": 600}}).digest
    assert len({plain, Priority().digest, Priority.cascade(None, {"steps": ["-watch"]}).digest}) == 3
