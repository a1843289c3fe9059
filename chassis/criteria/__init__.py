"""The criteria language: one JSON grammar for conditions over a record, with three back ends that agree.

`parse` reads JSON into an immutable tree; `to_sql` asks a table (SQLite, PostgreSQL, DuckDB), `to_predicate`
judges the wire form of a record. What is relative (now, me, my department) comes from a `Scope`. The
reference is docs/reference/criteria.md.
"""

from chassis.criteria.address import ADDRESS_PARTS, address_line
from chassis.criteria.duckdb_dialect import DuckDBDialect, render_duckdb
from chassis.criteria.errors import CriteriaError
from chassis.criteria.explain import describe, explain
from chassis.criteria.fields import KINDS, OPERATORS, Field
from chassis.criteria.folding import fold
from chassis.criteria.grammar import parse
from chassis.criteria.messages import MESSAGES
from chassis.criteria.multi_choice import decode_multi, encode_multi
from chassis.criteria.naming import Place, names_of, places_of
from chassis.criteria.nodes import (
    AllOf,
    AnyOf,
    Clause,
    Criterion,
    Has,
    Not,
    Step,
    all_of,
    atoms,
    clauses,
    fields_used,
    selective_equality,
    to_json,
)
from chassis.criteria.predicate import to_predicate
from chassis.criteria.related import (
    ObjectFields,
    RecordsAround,
    RelatedTable,
    Relation,
    asked,
    is_related,
    key_of,
    related_atoms,
    supposing,
)
from chassis.criteria.scope import Change, Scope
from chassis.criteria.sql import LinkColumns, to_sql
from chassis.criteria.sqlite import register_sqlite_functions

__all__ = [
    "ADDRESS_PARTS", "KINDS", "MESSAGES", "OPERATORS",
    "AllOf", "AnyOf", "Change", "Clause", "CriteriaError", "Criterion", "DuckDBDialect", "Field",
    "Has", "LinkColumns", "Not", "ObjectFields", "Place", "RecordsAround", "RelatedTable", "Relation", "Scope", "Step",
    "address_line", "all_of", "asked", "atoms", "clauses", "decode_multi", "describe", "encode_multi", "explain",
    "fields_used", "fold", "is_related", "key_of", "names_of", "parse", "places_of",
    "register_sqlite_functions", "related_atoms", "render_duckdb", "selective_equality", "supposing", "to_json",
    "to_predicate", "to_sql",
]  # fmt: skip
