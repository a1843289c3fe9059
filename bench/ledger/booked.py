"""What has happened, as the databases have it."""

from __future__ import annotations

from collections import Counter
from typing import Any

from bench.chaos import rows_of
from bench.ledger.drawn import OBJECT
from bench.ledger.expected import Effects
from tests.support.product import Product

_RUNS = ("SELECT rule_name->>'en' AS rule, record_id::text AS record, record_version AS version FROM rule_run "
         f"WHERE object = '{OBJECT}' AND outcome = 'done'")
_TASKS = ("SELECT title->>'en' AS rule, link_id::text AS record, link_version AS version FROM task "
          f"WHERE link_object = '{OBJECT}'")
_MESSAGES = ("SELECT params->'message'->>'en' AS rule, link->>'id' AS record FROM inbox_item "
             f"WHERE template = 'message' AND link->>'object' = '{OBJECT}'")
_UNDER_WAY = ("SELECT (SELECT count(*) FROM intent) + (SELECT count(*) FROM rule_run "
              "WHERE outcome = 'pending') AS n")


def booked(product: Product) -> Effects:
    """Read all effects."""
    def keyed(service: str, statement: str) -> Counter[Any]:
        return Counter((row.rule, row.record, *row[2:]) for row in rows_of(product, service, statement))

    marks = rows_of(product, "customer", f"SELECT id::text AS id, mark FROM r_{OBJECT} WHERE mark IS NOT NULL")
    return Effects(keyed("workflow", _RUNS), keyed("workflow", _TASKS), keyed("notify", _MESSAGES),
                   {row.id: row.mark for row in marks})


def under_way(product: Product) -> int:
    """How much the workflow service still has in its hands."""
    return int(rows_of(product, "workflow", _UNDER_WAY)[0].n)


def differences(wanted: Effects, found: Effects) -> dict[str, int]:
    """How many effects of each kind are missing, and how many there are too many; nothing when all is equal."""
    said = {}
    for kind in ("runs", "tasks", "messages"):
        want, have = getattr(wanted, kind), getattr(found, kind)
        said[f"{kind} missing"] = (want - have).total()
        said[f"{kind} too many"] = (have - want).total()
    said["marks wrong"] = sum(wanted.marks.get(id) != found.marks.get(id) for id in {*wanted.marks, *found.marks})
    return {name: number for name, number in said.items() if number}
