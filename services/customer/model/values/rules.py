"""Rules of a field beyond its type: a pattern, and the sentence that people see when a value breaks any rule.

Patterns run on RE2, whose time grows with the length of the text and with nothing else. Characters may be written as
`\\u4e00`, too, as people know it from other programs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import re2

from services.customer.model.faults import BadValueError

Coerce = Callable[[Any], Any]

MAX_PATTERN = 500
_ESCAPED = re.compile(r"\\u([0-9A-Fa-f]{4})")
_OPTIONS = re2.Options()
_OPTIONS.log_errors = False
_OPTIONS.max_mem = 1 << 20


def pattern(value: Any) -> str:
    """A pattern that RE2 can run."""
    if not isinstance(value, str) or not 1 <= len(value) <= MAX_PATTERN:
        raise BadValueError("bad_pattern", max=MAX_PATTERN)
    try:
        _compiled(value)
    except (re2.error, UnicodeEncodeError):
        raise BadValueError("bad_pattern", max=MAX_PATTERN) from None
    return value


def _compiled(value: str) -> Any:
    return re2.compile(_ESCAPED.sub(r"\\x{\1}", value), _OPTIONS)


def matching(coerce: Coerce, wanted: str | None) -> Coerce:
    """The same check, and the whole text must match the pattern."""
    if wanted is None:
        return coerce
    compiled = _compiled(wanted)

    def checked(value: Any) -> Any:
        text = coerce(value)
        if text is not None and compiled.fullmatch(text) is None:
            raise BadValueError("pattern_mismatch")
        return text

    return checked


def within_days(coerce: Coerce, low: str | None, high: str | None) -> Coerce:
    """The same check, and the day or moment must lie within the limits; wire forms are ordered as texts."""
    if low is None and high is None:
        return coerce

    def checked(value: Any) -> Any:
        text = coerce(value)
        if text is not None and low is not None and text < low:
            raise BadValueError("too_early", min=low)
        if text is not None and high is not None and text > high:
            raise BadValueError("too_late", max=high)
        return text

    return checked


def explained(coerce: Coerce, message: Mapping[str, str]) -> Coerce:
    """The same check, whose refusals say the field's own sentence."""

    def checked(value: Any) -> Any:
        try:
            return coerce(value)
        except BadValueError as problem:
            raise BadValueError(problem.code, **problem.params, said=dict(message)) from problem

    return checked
