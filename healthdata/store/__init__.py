"""The only writer of the domain's tables.

`store` takes batches of records of one end user and makes the tables hold them: every effect is an upsert on a
natural key, so a batch may come twice, late or in pieces. A call is one transaction under the end user's lock.
"""

from healthdata.store.edits.cleared import clear
from healthdata.store.edits.documents import retract_rest, versions_of
from healthdata.store.edits.retractions import retract, retract_range
from healthdata.store.result import Changes, StoreResult
from healthdata.store.verbs import store

__all__ = ["Changes", "StoreResult", "clear", "retract", "retract_range", "retract_rest", "store", "versions_of"]
