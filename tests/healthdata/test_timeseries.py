"""GET /users/{id}/timeseries."""

from itertools import pairwise
from random import Random
from uuid import UUID

import pytest

from accounts.authentication import sdk_token
from healthdata.api.timeseries import last_moment
from healthdata.models import SampleChunk, Stream
from healthdata.records import DailyRecord, Sample
from healthdata.store import retract_range
from tests.healthdata.reading import HOUR, MINUTE, PHONE, RING, WATCH, at, day, end_user, every, put
from wearlink.lib.clock import rfc3339

pytestmark = pytest.mark.django_db

DAY = {"start_time": "2026-04-15T00:00:00Z", "end_time": "2026-04-16T00:00:00Z"}


def values(answer: dict) -> list[tuple[str, float]]:
    return [(row["timestamp"], row["value"]) for row in answer["data"]]


class TestRaw:
    def test_samples_come_in_order_of_time_with_unit_and_source(self, jane):
        put(
            jane,
            *reversed(every(HOUR, "2026-04-15T06:00:00Z", 3, source=WATCH, series="heart_rate", value=60.0, zone=120)),
        )
        rows = jane.get("timeseries", types="heart_rate", **DAY)["data"]
        assert [row["timestamp"] for row in rows] == [f"2026-04-15T0{hour}:00:00Z" for hour in (6, 7, 8)]
        assert {key: value for key, value in rows[0].items() if key != "id"} == {
            "timestamp": "2026-04-15T06:00:00Z",
            "series_type": "heart_rate",
            "value": 60.0,
            "unit": "bpm",
            "zone_offset": "+02:00",
            "duration_seconds": None,
            "grain": "instant",
            "source": {"provider": "apple", "device": "Apple Watch"},
        }

    def test_an_amount_counts_at_its_start(self, jane):
        put(
            jane,
            Sample(source=WATCH, series="steps", start=at("2026-04-15T23:50:00Z"), value=900.0, duration=20 * MINUTE),
        )
        [row] = jane.get("timeseries", types="steps", **DAY)["data"]
        assert (row["timestamp"], row["duration_seconds"]) == ("2026-04-15T23:50:00Z", 1200)
        assert jane.get("timeseries", start_time="2026-04-16T00:00:00Z", end_time="2026-04-17T00:00:00Z")["data"] == []

    def test_the_range_includes_its_start_and_not_its_end(self, jane):
        put(jane, *every(12 * HOUR, "2026-04-14T12:00:00Z", 5, source=WATCH, series="heart_rate", value=60.0))
        answer = jane.get("timeseries", **DAY)
        expected = ["2026-04-15T00:00:00Z", "2026-04-15T12:00:00Z"]
        assert [row["timestamp"] for row in answer["data"]] == expected
        assert answer["pagination"]["total_count"] == 2

    def test_an_end_of_59_seconds_stands_for_all_of_that_second(self, jane):
        last = at("2026-04-15T23:59:59Z") + 999
        put(jane, Sample(source=WATCH, series="heart_rate", start=last, value=60.0))
        day = {"start_time": "2026-04-15T00:00:00Z", "end_time": "2026-04-15T23:59:59Z"}
        assert len(jane.get("timeseries", **day)["data"]) == 1

    def test_without_types_all_series_come(self, jane):
        put(
            jane,
            Sample(source=WATCH, series="heart_rate", start=at("2026-04-15T06:00:00Z"), value=60.0),
            Sample(source=WATCH, series="spo2", start=at("2026-04-15T06:00:00Z"), value=97.0),
        )
        assert [row["series_type"] for row in jane.get("timeseries", **DAY)["data"]] == ["heart_rate", "spo2"]

    def test_an_umbrella_name_gives_its_members_under_their_own_codes(self, jane):
        put(
            jane,
            Sample(source=WATCH, series="heart_rate_variability_sdnn", start=at("2026-04-15T06:00:00Z"), value=60.0),
            Sample(source=RING, series="heart_rate_variability_rmssd", start=at("2026-04-15T07:00:00Z"), value=50.0),
            Sample(source=RING, series="heart_rate", start=at("2026-04-15T07:00:00Z"), value=50.0),
        )
        rows = jane.get("timeseries", types="heart_rate_variability", **DAY)["data"]
        assert [row["series_type"] for row in rows] == ["heart_rate_variability_sdnn", "heart_rate_variability_rmssd"]

    def test_two_foods_of_one_minute_are_two_rows(self, jane):
        put(
            jane,
            Sample(source=PHONE, series="dietary_protein", start=at("2026-04-15T12:00:00Z"), value=17.0),
            Sample(source=PHONE, series="dietary_protein", start=at("2026-04-15T12:00:00Z"), value=4.0),
        )
        rows = jane.get("timeseries", types="dietary_protein", **DAY)["data"]
        assert sorted(row["value"] for row in rows) == [4.0, 17.0]
        assert len({row["id"] for row in rows}) == 2

    def test_an_id_is_the_same_on_every_call(self, jane):
        put(jane, Sample(source=WATCH, series="heart_rate", start=at("2026-04-15T06:00:00Z"), value=60.0))
        first, second = (jane.get("timeseries", **DAY)["data"][0]["id"] for _ in range(2))
        assert first == second

    def test_a_vendors_daily_value_stands_at_local_midnight(self, organization):
        amit = end_user(organization, time_zone="Asia/Kolkata")
        put(amit, DailyRecord(source=RING, series="resting_heart_rate", day=day("2026-04-15"), value=52.0))
        [row] = amit.get("timeseries", start_time="2026-04-14T00:00:00Z", end_time="2026-04-16T00:00:00Z")["data"]
        assert (row["timestamp"], row["value"]) == ("2026-04-14T18:30:00Z", 52.0)

    def test_one_provider_may_be_asked_for(self, jane):
        put(
            jane,
            Sample(source=WATCH, series="heart_rate", start=at("2026-04-15T06:00:00Z"), value=60.0),
            Sample(source=RING, series="heart_rate", start=at("2026-04-15T06:00:00Z"), value=58.0),
        )
        [row] = jane.get("timeseries", provider="oura", **DAY)["data"]
        assert row["source"]["provider"] == "oura"

    def test_times_may_have_any_offset(self, jane):
        put(jane, *every(HOUR, "2026-04-14T18:00:00Z", 3, source=WATCH, series="heart_rate", value=60.0))
        answer = jane.get("timeseries", start_time="2026-04-15T00:00:00+05:30", end_time="2026-04-15T01:00:00+05:30")
        assert [row["timestamp"] for row in answer["data"]] == ["2026-04-14T19:00:00Z"]

    def test_a_plus_that_arrived_as_a_space_is_a_plus(self, jane):
        response = jane.client.get(
            jane.url("timeseries") + "?start_time=2026-04-15T00:00:00+05:30&end_time=2026-04-15T01:00:00+0530",
            headers={"X-WearLink-API-Key": jane.key},
        )
        assert response.status_code == 200

    @pytest.mark.parametrize("resolution", ["raw", "1hour"])
    def test_a_range_of_no_length_has_what_stands_at_that_instant(self, jane, resolution):
        put(jane, *every(HOUR, "2026-04-15T06:00:00Z", 3, source=WATCH, series="heart_rate", value=60.0))
        moment = "2026-04-15T07:00:00Z"
        answer = jane.get("timeseries", start_time=moment, end_time=moment, resolution=resolution)
        assert [row["timestamp"] for row in answer["data"]] == [moment]
        assert answer["pagination"]["total_count"] == 1

    def test_a_type_named_twice_comes_once(self, jane):
        put(jane, Sample(source=WATCH, series="active_calories", start=at("2026-04-15T06:00:00Z"), value=60.0))
        assert len(jane.get("timeseries", types="active_calories,calories,active_calories", **DAY)["data"]) == 1

    def test_a_user_without_data_has_an_empty_page(self, jane):
        assert jane.get("timeseries", **DAY) == {
            "data": [],
            "pagination": {"next_cursor": None, "has_more": False, "total_count": 0},
        }


class TestPages:
    def test_following_the_cursor_gives_every_row_once(self, jane):
        put(
            jane,
            *every(MINUTE, "2026-04-15T06:00:00Z", 100, source=WATCH, series="heart_rate", value=60.0),
            *every(MINUTE, "2026-04-15T06:00:00Z", 100, source=RING, series="heart_rate", value=61.0),
        )
        pages = jane.pages("timeseries", limit=33, **DAY)
        rows = [row for page in pages for row in page["data"]]
        assert len(pages) == 7
        assert {page["pagination"]["total_count"] for page in pages} == {200}
        assert len({row["id"] for row in rows}) == 200
        assert [row["timestamp"] for row in rows] == sorted(row["timestamp"] for row in rows)

    def test_wherever_a_short_range_begins_and_ends_its_pages_are_all_of_it(self, jane):
        """Doubles of an instant, chunks of an hour and of a day, and edges within them."""
        chance = Random(11)
        beats = [
            Sample(WATCH, "heart_rate", at("2026-04-15T00:00:00Z") + 1000 * second, float(second % 90 + 50))
            for second in sorted(chance.sample(range(4 * 3600), 400))
        ]
        cups = [
            Sample(PHONE, "hydration", at("2026-04-15T00:00:00Z") + 600_000 * chance.randrange(24), float(cup), 1000)
            for cup in range(1, 120)
        ]
        put(jane, *beats, *cups)
        whole = sorted(
            [("heart_rate", one.start, one.value) for one in beats]
            + [("hydration", one.start, one.value) for one in cups]
        )
        for _ in range(12):
            begin = at("2026-04-15T00:00:00Z") + chance.randrange(4 * HOUR)
            end = begin + chance.randrange(4 * HOUR)
            query = {"start_time": rfc3339(begin), "end_time": rfc3339(end), "limit": chance.choice((3, 40, 1000))}
            found, answer = [], jane.get("timeseries", **query)
            total = answer["pagination"]["total_count"]
            found += answer["data"]
            while answer["pagination"]["has_more"]:
                answer = jane.get("timeseries", **query, cursor=answer["pagination"]["next_cursor"])
                found += answer["data"]
            rows = [(row["series_type"], at(row["timestamp"]), row["value"]) for row in found]
            assert [row[1] for row in rows] == sorted(row[1] for row in rows)
            assert sorted(rows) == [row for row in whole if begin <= row[1] < last_moment(end) + 1]
            assert total == len(rows)

    @pytest.mark.parametrize("resolution", ["1min", "5min", "15min", "1hour"])
    def test_buckets_are_counted_as_they_come(self, jane, resolution):
        """Days and dense hours, gaps, values that came later or were taken back; cut within hours at both ends."""
        put(jane, *every(7 * MINUTE, "2026-04-13T06:00:00Z", 600, source=RING, series="heart_rate", value=61.0))
        put(jane, *every(37_000, "2026-04-15T06:10:00Z", 900, source=WATCH, series="heart_rate", value=60.0))
        put(jane, *every(11 * MINUTE, "2026-04-15T00:03:00Z", 90, source=WATCH, series="heart_rate", value=62.0))
        stream = Stream.objects.get(
            user_key=jane.end_user.key, source__device_type=WATCH.device_type, series="heart_rate"
        )
        retract_range(jane.end_user.key, stream.pk, at("2026-04-15T07:02:00Z"), at("2026-04-15T07:33:30Z"))
        assert SampleChunk.objects.filter(stream=stream, minutes__isnull=False).exists()
        span = {"start_time": "2026-04-13T06:05:30Z", "end_time": "2026-04-15T15:44:10Z"}
        pages = jane.pages("timeseries", resolution=resolution, limit=50, **span)
        rows = [row["id"] for page in pages for row in page["data"]]
        assert len(pages) > 1
        assert len(set(rows)) == len(rows)
        assert {page["pagination"]["total_count"] for page in pages} == {len(rows)}

    def test_pages_of_buckets_too(self, jane):
        put(jane, *every(MINUTE, "2026-04-15T06:00:00Z", 120, source=WATCH, series="heart_rate", value=60.0))
        pages = jane.pages("timeseries", resolution="5min", limit=7, **DAY)
        rows = [row["timestamp"] for page in pages for row in page["data"]]
        assert len(rows) == 24 == pages[0]["pagination"]["total_count"]
        assert rows == sorted(set(rows))

    def test_a_cursor_belongs_to_its_query(self, jane):
        put(jane, *every(MINUTE, "2026-04-15T06:00:00Z", 9, source=WATCH, series="heart_rate", value=60.0))
        cursor = jane.get("timeseries", limit=3, types="heart_rate", **DAY)["pagination"]["next_cursor"]
        assert "cursor" in jane.refused("timeseries", limit=3, types="spo2", cursor=cursor, **DAY)

    def test_a_cursor_belongs_to_its_user(self, jane, organization):
        put(jane, *every(MINUTE, "2026-04-15T06:00:00Z", 9, source=WATCH, series="heart_rate", value=60.0))
        cursor = jane.get("timeseries", limit=3, **DAY)["pagination"]["next_cursor"]
        assert "cursor" in end_user(organization).refused("timeseries", limit=3, cursor=cursor, **DAY)

    @pytest.mark.parametrize("cursor", ["nonsense", "eyJjIjpbMV19", "%00", "é", "a" * 1000])
    def test_a_made_up_cursor_is_refused(self, jane, cursor):
        assert "cursor" in jane.refused("timeseries", cursor=cursor, **DAY)

    def test_the_page_size_may_change_on_the_way(self, jane):
        put(jane, *every(MINUTE, "2026-04-15T06:00:00Z", 9, source=WATCH, series="heart_rate", value=60.0))
        cursor = jane.get("timeseries", limit=3, **DAY)["pagination"]["next_cursor"]
        assert len(jane.get("timeseries", limit=50, cursor=cursor, **DAY)["data"]) == 6


class TestBuckets:
    def test_readings_are_averaged_and_amounts_added_up(self, jane):
        put(
            jane,
            Sample(source=WATCH, series="heart_rate", start=at("2026-04-15T06:05:00Z"), value=60.0),
            Sample(source=WATCH, series="heart_rate", start=at("2026-04-15T06:09:59Z"), value=81.0),
            Sample(source=WATCH, series="steps", start=at("2026-04-15T06:05:00Z"), value=100.0, duration=MINUTE),
            Sample(source=WATCH, series="steps", start=at("2026-04-15T06:07:00Z"), value=50.0, duration=MINUTE),
        )
        rows = jane.get("timeseries", resolution="5min", **DAY)["data"]
        assert [(row["series_type"], row["timestamp"], row["value"]) for row in rows] == [
            ("heart_rate", "2026-04-15T06:05:00Z", 70.5),
            ("steps", "2026-04-15T06:05:00Z", 150.0),
        ]

    def test_sound_is_averaged_by_energy(self, jane):
        put(
            jane,
            Sample(source=WATCH, series="environmental_audio_exposure", start=at("2026-04-15T06:00:00Z"), value=60.0),
            Sample(source=WATCH, series="environmental_audio_exposure", start=at("2026-04-15T06:10:00Z"), value=80.0),
        )
        [row] = jane.get("timeseries", resolution="1hour", **DAY)["data"]
        assert row["value"] == pytest.approx(77.033, abs=0.001)

    def test_sound_weighs_by_its_time(self, jane):
        sound = {"source": WATCH, "series": "environmental_audio_exposure"}
        levels = [("06:00", 50.0, 30 * MINUTE), ("06:30", 50.0, 29 * MINUTE), ("06:59", 95.0, MINUTE)]
        for start, level, length in levels:
            put(jane, Sample(start=at(f"2026-04-15T{start}:00Z"), value=level, duration=length, **sound))
        [row] = jane.get("timeseries", resolution="1hour", **DAY)["data"]
        assert row["value"] == pytest.approx(77.2, abs=0.05)

    def test_a_mean_is_of_time_not_of_readings(self, jane):
        put(
            jane,
            *every(10 * MINUTE, "2026-04-15T06:00:00Z", 5, source=WATCH, series="heart_rate", value=60.0),
            *every(5_000, "2026-04-15T06:50:00Z", 120, source=WATCH, series="heart_rate", value=150.0),
        )
        [row] = jane.get("timeseries", resolution="1hour", **DAY)["data"]
        assert row["value"] == pytest.approx((50 * 60 + 10 * 150) / 60, abs=0.1)

    def test_an_amount_is_shared_out_over_the_time_it_covers(self, jane):
        half_past = at("2026-04-15T22:30:00Z")
        put(jane, Sample(source=WATCH, series="steps", start=half_past, value=6000.0, duration=HOUR))
        hours = jane.get("timeseries", resolution="1hour", types="steps", **DAY)
        assert [(row["timestamp"][11:16], row["value"]) for row in hours["data"]] == [("22:00", 3000), ("23:00", 3000)]
        pages = jane.pages("timeseries", resolution="1min", types="steps", limit=25, **DAY)
        minutes = [row for page in pages for row in page["data"]]
        assert len(minutes) == pages[0]["pagination"]["total_count"] == 60
        assert {row["value"] for row in minutes} == {100}

    def test_adjoining_ranges_add_up_to_the_whole(self, jane):
        put(
            jane,
            *every(HOUR, "2026-04-14T18:00:00Z", 29, source=PHONE, series="steps", value=100.0, duration=HOUR),
            Sample(source=PHONE, series="steps", start=at("2026-04-15T23:40:00Z"), value=60.0, duration=HOUR),
        )

        def total(start, end, resolution):
            span = {"start_time": start, "end_time": end, "types": "steps", "limit": 1440}
            return sum(row["value"] for row in jane.get("timeseries", resolution=resolution, **span)["data"])

        edges = ["2026-04-15T00:00:00Z", "2026-04-15T07:20:00Z", "2026-04-15T12:00:00Z", "2026-04-16T00:00:00Z"]
        for resolution in ("1hour", "15min"):
            parts = [total(first, last, resolution) for first, last in pairwise(edges)]
            assert sum(parts) == pytest.approx(total(edges[0], edges[-1], resolution)) == pytest.approx(2320)
        assert total(edges[0], "2026-04-15T23:59:59Z", "1hour") == pytest.approx(2320, abs=0.001)

    @pytest.mark.parametrize(("zone", "minute"), [("Asia/Kolkata", 30), ("Asia/Kathmandu", 15), ("Asia/Dubai", 0)])
    def test_hours_are_the_users_own_where_clocks_differ_by_parts_of_one(self, organization, zone, minute):
        sam = end_user(organization, time_zone=zone)
        put(sam, *every(MINUTE, "2026-04-15T06:00:00Z", 120, source=WATCH, series="heart_rate", value=60.0))
        put(sam, Sample(WATCH, "heart_rate", at("2026-04-15T07:40:30Z"), 120.0))
        put(sam, Sample(WATCH, "steps", at("2026-04-15T06:00:00Z"), 240.0, 2 * HOUR))
        pages = sam.pages("timeseries", types="heart_rate,steps", resolution="1hour", limit=2, **DAY)
        rows = [row for page in pages for row in page["data"]]
        assert {row["timestamp"][14:16] for row in rows} == {f"{minute:02}"}
        steps = [row["value"] for row in rows if row["series_type"] == "steps"]
        first = minute or 60
        assert steps == [2 * first, 120, 240 - 120 - 2 * first][: len(steps)]
        assert sum(steps) == 240
        beats = [row["value"] for row in rows if row["series_type"] == "heart_rate"]
        assert (len(beats), min(beats)) == (len(steps), 60)
        assert pages[0]["pagination"]["total_count"] == len(rows) == 2 * len(steps)
        [whole] = sam.pages("timeseries", types="heart_rate,steps", resolution="1hour", **DAY)
        assert whole["data"] == rows

    def test_a_phone_and_a_watch_are_never_added_up(self, jane):
        put(
            jane,
            Sample(source=WATCH, series="steps", start=at("2026-04-15T06:00:00Z"), value=100.0, duration=MINUTE),
            Sample(source=PHONE, series="steps", start=at("2026-04-15T06:00:00Z"), value=90.0, duration=MINUTE),
        )
        rows = jane.get("timeseries", resolution="1hour", **DAY)["data"]
        assert {(row["source"]["device"], row["value"]) for row in rows} == {("Apple Watch", 100.0), ("iPhone", 90.0)}

    def test_a_day_by_the_minute_is_one_call(self, jane):
        put(jane, *every(MINUTE, "2026-04-15T00:00:00Z", 1440, source=WATCH, series="heart_rate", value=60.0))
        answer = jane.get("timeseries", types="heart_rate", resolution="1min", limit=1440, **DAY)
        assert len(answer["data"]) == 1440
        assert answer["pagination"] == {"next_cursor": None, "has_more": False, "total_count": 1440}

    @pytest.mark.parametrize(("resolution", "count"), [("1min", 120), ("5min", 24), ("15min", 8), ("1hour", 2)])
    def test_each_resolution_says_how_many_rows_there_are(self, jane, resolution, count):
        put(jane, *every(MINUTE, "2026-04-15T06:00:00Z", 120, source=WATCH, series="heart_rate", value=60.0))
        answer = jane.get("timeseries", resolution=resolution, limit=1, **DAY)
        assert answer["pagination"]["total_count"] == count


class TestRefusedQueriesOfSamples:
    @pytest.mark.parametrize("missing", ["start_time", "end_time"])
    def test_both_ends_are_required(self, jane, missing):
        assert missing in jane.refused("timeseries", **{name: text for name, text in DAY.items() if name != missing})

    @pytest.mark.parametrize(
        "text",
        [
            "2026-04-15T00:00:00",
            "2026-04-15 00:00:00",
            "2026-04-15",
            "yesterday",
            "1776211200",
            "2026-02-30T00:00:00Z",
            "",
        ],
    )
    def test_a_time_without_a_zone_or_that_is_none_is_refused(self, jane, text):
        assert "start_time" in jane.refused("timeseries", start_time=text, end_time=DAY["end_time"])

    def test_the_end_may_not_be_before_the_start(self, jane):
        assert "end_time" in jane.refused("timeseries", start_time=DAY["end_time"], end_time=DAY["start_time"])

    def test_an_unknown_type_is_named(self, jane):
        assert "heart_rat" in jane.refused("timeseries", types="spo2,heart_rat", **DAY)["types"]

    @pytest.mark.parametrize("types", ["", ",", "heart_rate,", "heart_rate;spo2"])
    def test_types_must_be_a_list_of_names(self, jane, types):
        assert "types" in jane.refused("timeseries", types=types, **DAY)

    @pytest.mark.parametrize("limit", [0, -1, 1441, "ten", "1e3"])
    def test_a_page_size_out_of_bounds_is_refused(self, jane, limit):
        assert "limit" in jane.refused("timeseries", limit=limit, resolution="1min", **DAY)

    def test_raw_pages_have_at_most_1000_rows(self, jane):
        assert "limit" in jane.refused("timeseries", limit=1001, **DAY)

    def test_an_unknown_resolution_is_refused(self, jane):
        assert "resolution" in jane.refused("timeseries", resolution="2min", **DAY)

    def test_an_unknown_parameter_is_named(self, jane):
        assert "type" in jane.refused("timeseries", type="heart_rate", **DAY)

    def test_charlie_does_not_see_the_user(self, seen_by_charlie):
        assert seen_by_charlie.ask("timeseries", **DAY).status_code == 404

    @pytest.mark.parametrize(
        "path",
        [
            "timeseries", "events/workouts", "events/sleep", "summaries/activity", "summaries/sleep", "summaries/body",
            "summaries/data", "health-scores", f"events/workouts/{UUID(int=1)}", f"events/sleep/{UUID(int=1)}",
        ],
    )  # fmt: skip
    def test_neither_a_stranger_nor_a_phone_may_read(self, jane, organization, path):
        phone = f"Bearer {sdk_token(jane.end_user)}"
        calls = ({}, {"X-WearLink-API-Key": "sk-made-up"}, {"Authorization": phone})
        assert [jane.client.get(jane.url(path), headers=headers).status_code for headers in calls] == [401, 401, 401]

    def test_the_ends_of_time_are_no_fault_of_ours(self, jane):
        put(
            jane,
            Sample(source=WATCH, series="heart_rate", start=at("2026-04-15T06:00:00Z"), value=60.0),
            DailyRecord(source=RING, series="resting_heart_rate", day=day("2026-04-15"), value=52.0),
        )
        forever = {"start_time": "0001-01-01T00:00:00+14:00", "end_time": "9999-12-31T23:59:59-12:00"}
        assert jane.get("timeseries", **forever)["pagination"]["total_count"] == 2
        assert len(jane.get("timeseries", resolution="1min", limit=1, **forever)["data"]) == 1


@pytest.mark.parametrize("resolution", ["raw", "1min", "1hour"])
def test_a_page_takes_the_same_few_queries_however_much_there_is(jane, django_assert_max_num_queries, resolution):
    put(jane, *every(MINUTE, "2026-04-14T00:00:00Z", 3000, source=WATCH, series="heart_rate", value=60.0))
    jane.get("timeseries", resolution=resolution, **DAY)  # the key is remembered from here on
    with django_assert_max_num_queries(8):
        page = jane.get("timeseries", resolution=resolution, limit=500, **DAY)
    assert len(page["data"]) == {"raw": 500, "1min": 500, "1hour": 24}[resolution]
