"""Functions that find names by trigrams, with the planner's settings that they need.

The planner thinks similarity() as cheap as an addition and so reads the whole table rather than the index, ten times
slower. A managed server lets nobody correct that cost, so the functions rule out every way but the bitmap over an index.
"""

from django.db import migrations

BY_INDEX = "SET enable_seqscan = off SET enable_indexscan = off SET enable_indexonlyscan = off"

NEAREST = """
CREATE FUNCTION nutrition_nearest_{tier}(query text)
RETURNS TABLE (name text, food text, similarity real)
LANGUAGE plpgsql STABLE ROWS 8 SET pg_trgm.similarity_threshold = {threshold} {by_index}
AS $$
BEGIN
    RETURN QUERY
    SELECT alias.norm::text, alias.food_id::text, similarity(alias.norm, query) AS alike
    FROM nutrition_foodalias AS alias
    WHERE alias.tier = '{tier}' AND alias.norm % query
    ORDER BY alike DESC, length(alias.norm), alias.norm
    LIMIT 8;
END
$$;
"""

CONTAINING = """
CREATE FUNCTION nutrition_containing_{tier}(query text)
RETURNS TABLE (name text, food text, similarity real)
LANGUAGE plpgsql STABLE ROWS 200 SET pg_trgm.word_similarity_threshold = 0.6 {by_index}
AS $$
BEGIN
    RETURN QUERY
    SELECT alias.norm::text, alias.food_id::text, word_similarity(query, alias.norm) AS alike
    FROM nutrition_foodalias AS alias
    WHERE alias.tier = '{tier}'
      AND (query <% alias.norm OR (alias.norm ~>=~ query AND alias.norm ~<~ (query || '~')))
    ORDER BY starts_with(alias.norm, query) DESC, alike DESC, length(alias.norm), alias.norm
    LIMIT 200;
END
$$;
"""

THRESHOLDS = {"in_curated": 0.3, "usda": 0.45}


def creations() -> str:
    parts = []
    for tier, threshold in THRESHOLDS.items():
        parts.append(NEAREST.format(tier=tier, threshold=threshold, by_index=BY_INDEX))
        parts.append(CONTAINING.format(tier=tier, by_index=BY_INDEX))
    return "".join(parts)


def removals() -> str:
    return "".join(
        f"DROP FUNCTION nutrition_nearest_{tier}(text); DROP FUNCTION nutrition_containing_{tier}(text);"
        for tier in THRESHOLDS
    )


class Migration(migrations.Migration):
    dependencies = [("nutrition", "0001_foods")]

    operations = [migrations.RunSQL(creations(), removals())]
