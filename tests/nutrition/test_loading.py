"""Loading the food database."""

from pathlib import Path

import pytest
from django.core.management import call_command

from nutrition import foods
from nutrition.foods import rows
from nutrition.foods.loading import Loaded, load
from nutrition.models import Food, FoodAlias
from nutrition.models.food import Tier


@pytest.mark.django_db
def test_a_second_load_writes_nothing() -> None:
    first = load()
    assert first.foods == Food.objects.count() > 7000
    assert first.aliases == FoodAlias.objects.count()
    assert load() == Loaded(0, 0, 0)
    dish = Food.objects.get(id="in_curated:biryani")
    assert dish.portions[0] == {"label": "plate", "grams": 300.0, "source": "assumed"}


@pytest.mark.django_db
def test_what_changed_is_written_and_what_is_gone_is_no_longer_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dishes = [row for row in rows.read(Tier.CURATED) if row.id in {"in_curated:roti", "in_curated:naan"}]
    for tier in Tier:
        monkeypatch.setitem(rows.FILES, tier, tmp_path / f"{tier}.csv")
    rows.write(rows.FILES[Tier.USDA], [])
    rows.write(rows.FILES[Tier.CURATED], dishes)
    load()
    Food.objects.filter(id="in_curated:roti").update(calories_kcal=1)
    rows.write(rows.FILES[Tier.CURATED], [row for row in dishes if row.id == "in_curated:roti"])
    done = load()
    assert (done.foods, done.aliases) == (1, 0)
    assert done.removed_aliases > 0
    assert foods.match("naan") is None
    assert Food.objects.filter(id="in_curated:naan").exists()  # meals may name it
    assert Food.objects.get(id="in_curated:roti").calories_kcal == 299


@pytest.mark.django_db
def test_the_command_says_what_it_loaded(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("load_foods")
    assert "written" in capsys.readouterr().out
    call_command("load_foods")
    assert capsys.readouterr().out == ""
