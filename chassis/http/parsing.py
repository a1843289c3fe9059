"""Strict reading of requests: JSON only as JSON, broken UTF-8 and deep nesting refused, unknown members refused.

Answers 400 for what is no JSON, 413 for what is too large, 415 for another content type, 422 with pointers for the
rest. Control characters never get past a schema: `Text` fields refuse them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from flask import Request, request
from marshmallow import RAISE, Schema, ValidationError, fields
from marshmallow.validate import Length
from webargs.flaskparser import FlaskParser

from chassis import jsonio
from chassis.http.problem import FieldProblem, Problem, invalid
from chassis.ids import is_id

MAX_DEPTH = 32
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x85\u2028\u2029\ufffe\uffff]|[\ud800-\udfff]")


def has_control_characters(text: str) -> bool:
    """Tell whether text holds what no person typed: control characters (not tab, line ends) or lone surrogates."""
    return _CONTROL.search(text) is not None


def read_json(req: Request) -> Any:
    """Return the body as JSON; raises Problem."""
    if req.mimetype not in ("application/json", "application/merge-patch+json"):
        raise Problem(415, "content_type_unsupported")
    try:
        body = jsonio.loads(req.get_data(cache=True))
    except ValueError as error:
        raise Problem(400, "malformed_json") from error
    if jsonio.depth_exceeds(body, MAX_DEPTH):
        raise Problem(400, "json_too_deep", params={"limit": MAX_DEPTH})
    return body


def json_object() -> dict[str, Any]:
    """Return the present request's body, which must be a JSON object."""
    body = read_json(request)
    if not isinstance(body, dict):
        raise invalid(FieldProblem("", "not_an_object"))
    return body


class StrictParser(FlaskParser):
    """webargs with our JSON reading and our problems."""

    DEFAULT_UNKNOWN_BY_LOCATION: ClassVar = {"json": RAISE, "query": RAISE, "form": RAISE, "files": RAISE,
                                   "headers": None, "cookies": None, "json_or_form": RAISE, "view_args": RAISE,
                                   "path": RAISE, "querystring": RAISE}

    def load_json(self, req: Request, schema: Schema) -> Any:
        return read_json(req)

    def handle_error(self, error: ValidationError, req: Request, schema: Schema, *,
                     error_status_code: int | None, error_headers: Mapping[str, str] | None) -> None:
        messages: Any = error.messages
        location, nested = next(iter(messages.items())) if isinstance(messages, dict) else ("json", messages)
        prefix = "?" if location in ("query", "querystring") else "/"
        raise invalid(*_flatten(nested, "" if prefix == "/" else None)) from error


def faults_of(error: ValidationError, pointer: str) -> list[FieldProblem]:
    """What a schema has said about a part of a body that stands at `pointer`."""
    return list(_flatten(error.messages, pointer))


def _flatten(messages: Any, pointer: str | None) -> Iterator[FieldProblem]:
    if isinstance(messages, dict):
        for name, nested in messages.items():
            own = str(name).replace("~", "~0").replace("/", "~1")
            step = pointer if name == "_schema" else f"?{own}" if pointer is None else f"{pointer}/{own}"
            yield from _flatten(nested, step)
        return
    for message in messages if isinstance(messages, list) else [messages]:
        yield _field_problem(pointer or "", str(message))


_CODES = (
    ("Missing data for required field", "required"), ("Unknown field", "unknown_field"),
    ("Field may not be null", "required"), ("Invalid input type", "not_an_object"), ("Not a valid", "wrong_type"),
    ("Longer than", "too_long"), ("Shorter than", "too_short"), ("Length must be", "wrong_length"),
    ("Must be one of", "not_a_choice"), ("Must be ", "out_of_range"), ("Invalid value", "wrong_type"),
)


def _field_problem(pointer: str, message: str) -> FieldProblem:
    code = next((code for start, code in _CODES if message.startswith(start)), None)
    if code is None:
        name, _, rest = message.partition("|")
        return FieldProblem(pointer, name if re.fullmatch(r"[a-z_]+", name) else "invalid", detail=rest or None)
    return FieldProblem(pointer, code, params={"limit": "".join(re.findall(r"\d+", message)[:1])})


class StrictSchema(Schema):
    """Base of all schemas: unknown members are errors, order is kept."""

    class Meta:
        unknown = RAISE


class Text(fields.String):
    """Text that a person may have typed: bounded, no control characters."""

    def __init__(self, *, max: int = 200, min: int = 0, **kwargs: Any) -> None:
        validators = kwargs.pop("validate", [])
        validators = validators if isinstance(validators, list | tuple) else [validators]
        super().__init__(validate=[Length(min=min or None, max=max), *validators], **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if has_control_characters(text):
            raise ValidationError("control_characters")
        return text


class IdField(fields.String):
    """An id: a UUID in canonical form."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if not is_id(value):
            raise ValidationError("not_an_id")
        return value


class LocalText(fields.Dict):
    """Text in both languages: `{"en": "…", "zh-CN": "…"}`; at least one of them."""

    def __init__(self, *, max: int = 200, **kwargs: Any) -> None:
        super().__init__(keys=fields.String(), values=Text(max=max), **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> dict[str, str]:
        try:
            texts = super()._deserialize(value, attr, data, **kwargs)
        except ValidationError as error:
            raise ValidationError(_without_sides(error.messages)) from error
        if not texts or not set(texts) <= {"en", "zh-CN"}:
            raise ValidationError("not_local_text")
        return texts


def _without_sides(messages: Any) -> Any:
    """marshmallow says for each member whether its key or its value is wrong; a pointer ends at the member."""
    if not isinstance(messages, dict):
        return messages
    return {member: next(iter(sides.values())) for member, sides in messages.items()}
