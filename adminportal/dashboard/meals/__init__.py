"""Meals of an end user: entered by hand or by photo, corrected, deleted; and the food table to choose from."""
