"""Energy balance: two sides a local day, either may be missing, and nothing is claimed that nobody measured."""

from datetime import UTC, datetime
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import EndUser
from healthdata.store import store
from nutrition.meals.energy import Body
from tests import factories
from tests.healthdata.reading import HOUR, WATCH, at, every, total
from tests.nutrition.calls import enter, send_photo
from tests.nutrition.test_recognition import work
from tests.nutrition.vendor import VisionVendor
from wearlink.lib import clock

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("table")]
DAY = {"date_from": "2026-04-15", "date_to": "2026-04-15"}


def days(client: APIClient, jane: EndUser, **query: Any) -> list[dict[str, Any]]:
    answer = client.get(f"/api/v1/users/{jane.id}/energy_balance", {**DAY, **query})
    assert answer.status_code == 200, answer.content
    assert answer.json()["user_id"] == str(jane.id)
    found: list[dict[str, Any]] = answer.json()["days"]
    return found


def put(jane: EndUser, *records: Any) -> None:
    store(jane.key, [list(records)])


def eat(client: APIClient, jane: EndUser, kcal: float = 2150) -> None:
    dish = {"dish_name": "thali", "quantity_grams": 1500, "calories_kcal": kcal}
    assert enter(client, jane, dish, detected_at="2026-04-15T08:00:00Z").status_code == 201


def test_a_day_has_the_documented_figures(client: APIClient, jane: EndUser) -> None:
    put(jane, total("active_calories", 480.5), total("basal_calories", 1900.0))
    eat(client, jane)
    assert days(client, jane) == [
        {
            "date": "2026-04-15",
            "calories_consumed_kcal": 2150.0,
            "calories_consumed_low_kcal": 2150.0,
            "calories_consumed_high_kcal": 2150.0,
            "calories_burned_kcal": 2380.5,
            "active_calories_kcal": 480.5,
            "basal_calories_kcal": 1900.0,
            "basal_is_estimated": False,
            "net_energy_balance_kcal": -230.5,
            "is_partial": False,
            "data_completeness": "wearable_and_nutrition",
        }
    ]


def test_either_side_may_be_missing(client: APIClient, jane: EndUser) -> None:
    (nothing,) = days(client, jane)
    assert (nothing["data_completeness"], nothing["is_partial"]) == ("none", None)
    assert nothing["calories_consumed_kcal"] is None
    eat(client, jane)
    (eaten,) = days(client, jane)
    assert (eaten["data_completeness"], eaten["calories_consumed_kcal"]) == ("nutrition_only", 2150)
    assert eaten["net_energy_balance_kcal"] is None
    june = factories.end_user(jane.organization, email="june@example.com")
    put(june, total("active_calories", 480.5), total("basal_calories", 1900.0))
    (spent,) = days(client, june)
    assert (spent["data_completeness"], spent["calories_burned_kcal"]) == ("wearable_only", 2380.5)
    assert spent["net_energy_balance_kcal"] is None


def test_active_energy_alone_claims_no_surplus(client: APIClient, jane: EndUser) -> None:
    put(jane, total("active_calories", 480.5))
    eat(client, jane)
    (day,) = days(client, jane)
    assert (day["active_calories_kcal"], day["calories_burned_kcal"], day["net_energy_balance_kcal"]) == (
        480.5,
        None,
        None,
    )


def test_a_total_of_the_vendors_gives_the_basal_part(client: APIClient, jane: EndUser) -> None:
    put(jane, total("active_calories", 500.0), total("total_calories", 2300.0))
    (day,) = days(client, jane)
    assert (day["basal_calories_kcal"], day["calories_burned_kcal"]) == (1800, 2300)


def test_a_watch_worn_in_part_says_so(client: APIClient, jane: EndUser) -> None:
    hourly = {"source": WATCH, "duration": HOUR}
    morning = every(HOUR, "2026-04-15T00:30:00Z", 6, series="basal_calories", value=80.0, **hourly)
    put(jane, *morning, *every(HOUR, "2026-04-15T00:30:00Z", 6, series="active_calories", value=20.0, **hourly))
    (day,) = days(client, jane)
    assert (day["calories_burned_kcal"], day["is_partial"]) == (600, True)
    put(jane, *every(HOUR, "2026-04-14T18:30:00Z", 24, series="basal_calories", value=80.0, **hourly))
    (day,) = days(client, jane)
    assert day["is_partial"] is False


def test_a_day_that_is_not_over_is_partial(client: APIClient, jane: EndUser, monkeypatch: Any) -> None:
    put(jane, total("active_calories", 480.5), total("basal_calories", 1900.0))
    noon = datetime(2026, 4, 15, 6, 30, tzinfo=UTC)
    monkeypatch.setattr(clock, "now_ms", lambda: clock.to_ms(noon))
    (day,) = days(client, jane)
    assert day["is_partial"] is True


def test_basal_energy_is_estimated_only_when_asked_and_known(client: APIClient, jane: EndUser) -> None:
    put(jane, total("active_calories", 480.0))
    parameters = {"estimate_basal": "mifflin", "sex": "female", "birth_date": "1990-04-16"}
    (day,) = days(client, jane, **parameters)
    assert (day["basal_calories_kcal"], day["basal_is_estimated"]) == (None, False)  # no weight, no height
    put(
        jane,
        *every(HOUR, "2026-04-10T06:00:00Z", 1, source=WATCH, series="weight", value=60.0),
        *every(HOUR, "2026-04-10T06:00:00Z", 1, source=WATCH, series="height", value=165.0),
    )
    (day,) = days(client, jane, **parameters)
    assert (day["basal_calories_kcal"], day["basal_is_estimated"]) == (1295.2, True)  # 35 until the next day
    assert day["calories_burned_kcal"] == 1775.2
    assert days(client, jane)[0]["basal_calories_kcal"] is None
    put(jane, total("basal_calories", 1400.0))
    (day,) = days(client, jane, **parameters)
    assert (day["basal_calories_kcal"], day["basal_is_estimated"]) == (1400, False)


def test_the_formula_is_that_of_mifflin_and_st_jeor() -> None:
    born, on = datetime(1996, 1, 1, tzinfo=UTC).date(), datetime(2026, 1, 1, tzinfo=UTC).date()
    assert Body("male", born, 80.0, 180.0).basal_kcal(on) == 10 * 80 + 6.25 * 180 - 5 * 30 + 5
    assert Body("female", born, 80.0, 180.0).basal_kcal(on) == 10 * 80 + 6.25 * 180 - 5 * 30 - 161
    assert Body(None, born, 80.0, 180.0).basal_kcal(on) is None


def test_what_a_photo_shows_carries_its_range(client: APIClient, jane: EndUser, model: VisionVendor) -> None:
    send_photo(client, jane, detected_at="2026-04-15T08:00:00Z")
    work()
    (day,) = days(client, jane)
    assert (day["calories_consumed_low_kcal"], day["calories_consumed_high_kcal"]) == (392, 728)
    assert model.faults == []


def test_what_is_pending_does_not_count(client: APIClient, jane: EndUser) -> None:
    send_photo(client, jane, detected_at="2026-04-15T08:00:00Z")
    (day,) = days(client, jane)
    assert day["data_completeness"] == "none"


def test_92_days_and_not_one_more(client: APIClient, jane: EndUser) -> None:
    most = {"date_from": "2026-01-01", "date_to": "2026-04-02"}
    assert len(days(client, jane, **most)) == 92
    url = f"/api/v1/users/{jane.id}/energy_balance"
    assert client.get(url, {**most, "date_to": "2026-04-03"}).status_code == 400
    assert client.get(url).status_code == 400
    assert client.get(url, {**most, "sex": "unknown"}).status_code == 400
    assert factories.key_client(factories.charlie()).get(url, most).status_code == 404


def test_days_are_local(client: APIClient, jane: EndUser) -> None:
    dish = {"dish_name": "biryani", "quantity_grams": 100}
    enter(client, jane, dish, detected_at=clock.rfc3339(at("2026-04-14T19:00:00Z")))  # half past midnight in Kolkata
    assert days(client, jane)[0]["calories_consumed_kcal"] == 200
