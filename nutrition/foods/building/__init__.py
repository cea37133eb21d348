"""Making nutrition/data/*.csv: USDA's foods as they are, dishes from USDA's figures or from recipes of USDA foods."""
