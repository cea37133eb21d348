"""Dishes from recipes: what is in the pot, what is left of it, what it soaks up."""

from pathlib import Path

import pytest

from nutrition.foods.building import checks, inversion
from nutrition.foods.building.recipes import Kitchen, RecipeError, amounts
from nutrition.foods.macros import Macros
from nutrition.foods.rows import FoodRow

POTATO = Macros(80, 2, 18, 0, 2, 1, 5)
OIL = Macros(900, 0, 0, 100, 0, 0, 0)
GRAIN = Macros(360, 7, 80, 1, None, None, 1)


def kitchen(directory: Path, templates: str, recipes: str, served: dict[str, Macros] | None = None) -> Kitchen:
    """Potatoes lose a tenth of their weight, grain none; what USDA does not know of grain's fibre is 3 g."""
    (directory / "ingredients.csv").write_text(
        "ingredient,usda_name,cooked_share,fiber_if_unknown,sugar_if_unknown,sodium_instead\n"
        "potato,Potato,0.9,,,\noil,Oil,1,,,\ngrain,Grain,1,3,,2\n"
    )
    (directory / "templates.txt").write_text(templates)
    (directory / "recipes.txt").write_text(recipes)
    foods = {}
    for name, macros in {"potato": POTATO, "oil": OIL, "grain": GRAIN}.items():
        foods[name] = FoodRow(name, name, "", macros, (), "analysed", "", ())
    return Kitchen(directory, foods, served or {})


def test_a_dish_holds_what_went_in_divided_by_what_came_out(tmp_path: Path) -> None:
    dish = kitchen(tmp_path, "", "mash | - | potato 200, oil 10, water 10\n").cook("mash")
    assert dish.finished_grams == pytest.approx(200)
    assert dish.per_100g.calories_kcal == pytest.approx((2 * 80 + 0.1 * 900) / 2)
    assert dish.per_100g.fat_g == pytest.approx(5)
    assert dish.per_100g.fiber_g == pytest.approx(2)


def test_frying_oil_is_a_share_of_the_finished_weight(tmp_path: Path) -> None:
    dish = kitchen(tmp_path, "", "chips | - | potato 100, uptake 10\n").cook("chips")
    assert dish.finished_grams == pytest.approx(100)
    assert dish.oil_uptake_grams == pytest.approx(10)
    assert dish.per_100g.fat_g == pytest.approx(10)


def test_a_recipe_adds_to_its_template_and_takes_away(tmp_path: Path) -> None:
    one = kitchen(tmp_path, "fried | potato 100, oil 10 | a kind\n", "lean fry | fried | oil -4, grain 6\n")
    assert one.recipes["lean_fry"].grams == {"potato": 100, "oil": 6, "grain": 6}
    assert not one.recipes["lean_fry"].is_own


def test_a_dish_can_be_part_of_another(tmp_path: Path) -> None:
    one = kitchen(tmp_path, "", "plate | - | mash 100, bread 100\nmash | - | potato 100, water 10\n", {"bread": GRAIN})
    assert one.cook("plate").per_100g.calories_kcal == pytest.approx((80 + 360) / 2)


def test_what_is_unknown_stays_unknown_unless_its_kin_or_its_smallness_tells(tmp_path: Path) -> None:
    one = kitchen(tmp_path, "", "gruel | - | grain 100, water 100\nsoup | - | potato 97, grain 3\n")
    assert one.cook("gruel").per_100g.sugar_g is None
    assert one.cook("gruel").per_100g.fiber_g == pytest.approx(1.5)
    assert one.cook("gruel").per_100g.sodium_mg == pytest.approx(1)
    assert one.cook("soup").per_100g.sugar_g is not None


def test_recipes_that_contradict_themselves_are_refused(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="takes away more"):
        kitchen(tmp_path, "a | oil 3 | x\n", "b | a | oil -4\n").cook("b")
    with pytest.raises(RecipeError, match="pumpkin is neither"):
        kitchen(tmp_path, "", "b | - | pumpkin 4\n").cook("b")
    with pytest.raises(RecipeError, match="stands twice"):
        amounts("oil 3, oil 4")


@pytest.mark.parametrize(("kcal", "fits"), [(400, True), (460, True), (355, True), (480, False), (300, False)], ids=str)
def test_energy_must_be_what_the_nutrients_make_up(kcal: float, fits: bool) -> None:
    assert checks.fits_atwater(Macros(kcal, 10, 40, 200 / 9, 0, 0, 0)) is fits


@pytest.mark.parametrize(
    ("name", "spelling"),
    [
        ("Bread, white", "white bread"),
        ("Apple, raw", "apple"),
        ("Apple, raw", "apples"),
        ("Tomatoes, raw", "tomato"),
        ("Cherries, raw", "cherry"),
        ("Quinoa, NS as to fat", "quinoa"),
        ("Hummus, plain", "hummus"),
        ("Rice, cooked, NFS", "rice"),
    ],
)
def test_names_turn_into_what_people_write(name: str, spelling: str) -> None:
    assert spelling in {found for _, found in inversion.shorter(name)}


def test_the_food_that_needs_least_dropped_has_the_short_name() -> None:
    found = inversion.spellings({"Corn, raw": 1, "Corn, NFS": 0, "Corn, dried": 0}, frozenset({"corn nfs"}))
    assert "corn" in found["Corn, NFS"]
    assert "corn" not in found["Corn, raw"]
    assert "corn nfs" not in found["Corn, NFS"]
