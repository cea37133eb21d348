"""The files in nutrition/data/: complete, plausible, free to use, and what their sources make of them."""

from collections import Counter
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from nutrition.foods import rows
from nutrition.foods.building import checks, curated, usda
from nutrition.foods.macros import Macros
from nutrition.foods.names import normalised
from nutrition.foods.rows import FoodRow, Portion
from nutrition.models.food import Quality, Tier

DISHES = list(rows.read(Tier.CURATED))
FOODS = list(rows.read(Tier.USDA))
HEADER = (
    "foodName,data_type,food_category,portion_unit_name,portion_gram_weight,"
    "Energy,Protein,Carbohydrate,Total fat,Fiber,Total Sugars,Sodium\n"
)


def test_at_least_150_dishes_have_macros_a_source_and_a_quality() -> None:
    known = [dish for dish in DISHES if dish.per_100g is not None]
    assert len(known) >= 150
    assert {dish.quality for dish in known} <= {Quality.AS_EATEN, Quality.ANALYSED, Quality.RECIPE, Quality.ESTIMATE}
    assert all("USDA" in dish.source for dish in known)


def test_every_dish_has_plausible_energy_nutrients_and_portions() -> None:
    assert [fault for dish in DISHES for fault in checks.faults(dish)] == []


def test_each_spelling_means_one_dish_and_is_written_as_names_are_compared() -> None:
    spellings = Counter(spelling for dish in DISHES for spelling in dish.spellings)
    assert [spelling for spelling, times in spellings.items() if times > 1] == []
    assert [spelling for spelling in spellings if normalised(spelling) != spelling] == []
    assert [dish.id for dish in DISHES if dish.spellings[0] != normalised(dish.name)] == []


def test_usda_foods_have_energy_and_one_id_each() -> None:
    assert len(FOODS) >= 7000
    assert len({food.id for food in FOODS}) == len(FOODS)
    assert all(food.per_100g is not None for food in FOODS)
    assert all(food.id.startswith("usda:") for food in FOODS)


def test_usda_energy_is_what_its_nutrients_make_up_but_for_alcohol_spices_and_the_like() -> None:
    fitting = sum(food.per_100g is not None and checks.fits_atwater(food.per_100g) for food in FOODS)
    assert fitting / len(FOODS) >= 0.97


def test_nothing_comes_from_tables_that_may_not_be_passed_on() -> None:
    read = [path.read_text().casefold() for path in rows.DATA.rglob("*") if path.suffix in {".csv", ".txt"}]
    assert len(read) >= 6
    assert not any(word in text for text in read for word in ("indb", "ifct"))


def test_building_again_gives_the_committed_file(tmp_path: Path) -> None:
    call_command("build_foods", to=tmp_path, verbosity=0)
    assert (tmp_path / "curated.csv").read_text() == rows.FILES[Tier.CURATED].read_text()


@pytest.mark.parametrize(
    ("dish", "least", "most"),
    [
        ("steamed_rice", 120, 140),
        ("sambar", 35, 70),
        ("masala_dosa", 150, 220),
        ("butter_chicken", 120, 200),
        ("gulab_jamun", 280, 400),
        ("lassi", 50, 95),
        ("paneer", 280, 330),
        ("rasam", 10, 40),
    ],
)
def test_well_known_dishes_have_the_energy_that_food_tables_give_them(dish: str, least: float, most: float) -> None:
    (found,) = (row.per_100g for row in DISHES if row.id == f"in_curated:{dish}")
    assert found is not None
    assert least <= found.calories_kcal <= most


def test_a_row_survives_writing_and_reading(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    row = FoodRow(
        id="in_curated:tea",
        name="Tea, hot",
        category="Drinks",
        per_100g=Macros(1.5, 0.0, 0.3, 0.0, None, 0.25, 3.0),
        portions=(Portion("cup", 150.0, "assumed"), Portion("large cup", 250.5, "usda")),
        quality="recipe",
        source="own recipe",
        spellings=("tea", "hot tea"),
    )
    monkeypatch.setitem(rows.FILES, Tier.CURATED, tmp_path / "curated.csv")
    rows.write(tmp_path / "curated.csv", [row])
    assert list(rows.read(Tier.CURATED)) == [row]


def test_of_foods_with_one_name_the_fullest_is_taken(tmp_path: Path) -> None:
    table = tmp_path / "fdc.csv"
    table.write_text(
        HEADER
        + '"Okra, raw",foundation_food,Vegetables,cup,100,30,2,7,0.2,,,7\n'
        + '"Okra, Raw",sr_legacy_food,Vegetables,undetermined,8,33,1.93,7.45,0.19,3.2,1.48,7\n'
        + '"Okra, dried",sr_legacy_food,Vegetables,,5000,,1.93,7.45,0.19,3.2,1.48,7\n'
        + '"Okra, frozen",branded_food,Vegetables,,8,33,1.93,7.45,0.19,3.2,1.48,7\n'
    )
    (okra,) = usda.read(table, frozenset({"raw okra"}), {"ladyfinger": "Okra, raw"})
    assert (okra.id, okra.quality, okra.source) == ("usda:okra-raw", Quality.ANALYSED, "SR Legacy")
    assert okra.per_100g == Macros(33, 1.93, 7.45, 0.19, 3.2, 1.48, 7)
    assert okra.portions == (Portion("portion", 8.0, "usda"),)
    assert set(okra.spellings) == {"okra raw", "okra", "okras", "ladyfinger"}


def test_a_dish_that_fails_a_check_stops_the_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for path in curated.SOURCES.iterdir():
        (tmp_path / path.name).write_text(path.read_text())
    dishes = tmp_path / "dishes.csv"
    dishes.write_text(dishes.read_text().replace("glass 250 assumed", "glass 2500 assumed"))
    monkeypatch.setattr(curated.build, "__defaults__", (tmp_path,))
    with pytest.raises(CommandError, match=r"in_curated:lassi: a portion of 3 to 700 g is missing"):
        call_command("build_foods", to=tmp_path, verbosity=0)
    assert not (tmp_path / "curated.csv").exists()
