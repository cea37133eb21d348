"""Reading samples and daily values. Nothing outside this package and healthdata.store names their tables."""

from healthdata.queries.buckets import aggregate
from healthdata.queries.counts import SeriesCount, count
from healthdata.queries.figures import Figure, day_figures
from healthdata.queries.latest import latest
from healthdata.queries.raw import page
from healthdata.queries.rows import Page, SampleRow

__all__ = ["Figure", "Page", "SampleRow", "SeriesCount", "aggregate", "count", "day_figures", "latest", "page"]
