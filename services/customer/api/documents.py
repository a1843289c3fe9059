"""Pieces of the OpenAPI document for views that read their requests themselves."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema

from chassis.http.paging import DEFAULT_LIMIT, MAX_LIMIT


def described(schema: type[Schema], what: str = "") -> dict[str, Any]:
    """The documentation of a JSON body; a record's `values` are any members."""
    shape: Any = {"type": "object", "additionalProperties": True} if what == "values" else schema
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": shape}}}}


def _parameter(name: str, schema: dict[str, Any], text: str) -> dict[str, Any]:
    return {"in": "query", "name": name, "schema": schema, "description": text}


_LIMIT = _parameter("limit", {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT},
                    "records on a page")
_CURSOR = _parameter("cursor", {"type": "string"}, "`next_cursor` of the page before")

LIST_PARAMETERS = [
    _parameter("q", {"type": "string", "maxLength": 100}, "search in title, phone, e-mail and listed texts"),
    _parameter("sort", {"type": "string"}, "up to three members, `-` for descending: `-created_at,name`"),
    _parameter("fields", {"type": "string"}, "members of the answer, with commas"),
    _parameter("total", {"type": "string", "enum": ["exact", "estimate"]}, "count what the list holds"),
    _parameter("expand", {"type": "string", "enum": ["labels"]}, "names for ids"),
    {"in": "query", "name": "filter", "style": "deepObject", "explode": True,
     "schema": {"type": "object", "additionalProperties": {"type": "string"}},
     "description": "equality: `filter[region]=east`"},
    _LIMIT, _CURSOR,
]
TIMELINE_PARAMETERS = [
    _parameter("kind", {"type": "string"}, "`change`, `run`, `message`, `task`, `share`, `related` with commas; else"
                                           " all but the last: records that refer to this one"),
    _parameter("by", {"type": "string", "format": "uuid"}, "what this person did"),
    _parameter("from", {"type": "string", "format": "date-time"}, "not before this moment"),
    _parameter("to", {"type": "string", "format": "date-time"}, "before this moment"),
    _LIMIT, _CURSOR,
]
REPORT_PARAMETERS = [
    _parameter("format", {"type": "string", "enum": ["json", "html"], "default": "json"}, "`html`: a page"),
]
SEGMENT_PARAMETERS = [
    {"in": "query", "name": "object", "required": True, "schema": {"type": "string"}, "description": "the object"},
]
PAGE_PARAMETERS = [_LIMIT, _CURSOR]
AS_OF_PARAMETERS = [{**_parameter("at", {"type": "string", "format": "date-time"}, "the moment"), "required": True}]
COMPARE_PARAMETERS = [
    {**_parameter("from", {"type": "string", "format": "date-time"}, "the earlier moment"), "required": True},
    _parameter("to", {"type": "string", "format": "date-time"}, "the later moment; else now"),
]
SEARCH_PARAMETERS = [
    _parameter("q", {"type": "string", "maxLength": 100},
               "a piece of a name, its pinyin or initials, a number, telephone or e-mail"),
    _parameter("objects", {"type": "string"}, "names of objects, with commas; else all that the caller may read"),
    _parameter("limit", {"type": "integer", "minimum": 1, "maximum": 20, "default": 5}, "hits of each object"),
]
LAYOUT_PARAMETERS = [
    _parameter("record_id", {"type": "string", "format": "uuid"}, "the record; without it, a new one"),
]
RULE_PARAMETERS = [_parameter("object", {"type": "string"}, "rules of this object only"), _LIMIT, _CURSOR]
WEB_FORM_PARAMETERS = [_parameter("object", {"type": "string"}, "only those of this object")]
PAIR_PARAMETERS = [
    _parameter("state", {"type": "string", "enum": ["open", "same", "different", "later"], "default": "open"},
               "what was decided"),
    _LIMIT, _CURSOR,
]
MERGE_PARAMETERS = [
    {"in": "query", "name": "object", "required": True, "schema": {"type": "string"}, "description": "the object"},
    _parameter("record_id", {"type": "string", "format": "uuid"}, "merges into this record only"),
    _LIMIT, _CURSOR,
]
