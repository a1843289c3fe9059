"""Which fields a rule, a question or a layout speaks of, whatever its exact shape.

Other services keep bodies that name fields in a few ways: `field` and `fields`, the keys of `values`, and `{name}` in
texts. A path such as `owner.department` or `site.city` speaks of its first step.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

_IN_TEXT = re.compile(r"\{\{?\s*([a-z][a-z0-9_]*)")


def fields_in(body: Any) -> set[str]:
    """The names of all fields that a body speaks of."""
    return {name.split(".", 1)[0] for name in _names(body)}


def _names(body: Any) -> Iterator[str]:
    if isinstance(body, str):
        yield from _IN_TEXT.findall(body)
    elif isinstance(body, list):
        for one in body:
            yield from _names(one)
    elif isinstance(body, dict):
        for key, value in body.items():
            yield from _said(key, value)
            yield from _names(value)


def _said(key: str, value: Any) -> Iterator[str]:
    if key == "field" and isinstance(value, str):
        yield value
    elif key == "fields" and isinstance(value, list):
        yield from (one for one in value if isinstance(one, str))
    elif key == "values" and isinstance(value, dict):
        yield from value
