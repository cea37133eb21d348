"""Energy and nutrients of an amount of food."""

from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class Macros:
    """Macros of 100 g of a food, or of a portion. carbs_g includes fibre; fibre, sugar and sodium may be unknown."""

    calories_kcal: float
    protein_g: float
    carbs_g: float
    fat_g: float
    fiber_g: float | None
    sugar_g: float | None
    sodium_mg: float | None

    def of(self, grams: float) -> "Macros":
        """Return what so many grams hold, where self is per 100 g."""
        share = grams / 100
        return Macros(
            self.calories_kcal * share,
            self.protein_g * share,
            self.carbs_g * share,
            self.fat_g * share,
            None if self.fiber_g is None else self.fiber_g * share,
            None if self.sugar_g is None else self.sugar_g * share,
            None if self.sodium_mg is None else self.sodium_mg * share,
        )


MACROS = tuple(field.name for field in fields(Macros))
