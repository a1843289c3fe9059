"""`/v1/formulas`: the language of formulas, and a formula checked while it is written."""

from __future__ import annotations

from typing import Any

from flask import Response

from chassis.auth.guard import current_principal, requires
from chassis.formulas import GROUPS
from chassis.http.current import current_service, json_answer
from chassis.http.openapi import ServiceBlueprint
from chassis.http.parsing import json_object
from services.customer.api import schemas
from services.customer.api.documents import described
from services.customer.api.reading import only
from services.customer.model.calculated.options import BadFormulaError, expression
from services.customer.model.faults import BadValueError, Fault, InvalidError
from services.customer.model.fields import read_field
from services.customer.queries.check_formula import DRAFT, Draft, check_formula, syntax_errors
from services.customer.usecases.refusals import invalid_problem, refusal

formulas = ServiceBlueprint("formulas", __name__, url_prefix="/v1/formulas", description="Formulas")
_SIZES = frozenset({"max_length", "precision", "scale", "currency", "keep_currency", "choices"})


@formulas.route("/functions")
@formulas.response(200, schemas.FunctionsSchema)
def functions() -> Response:
    """List the functions that formulas can call."""
    return json_answer({"items": [
        {"name": one.name, "group": group, "signature": one.signature, "about": dict(one.about),
         "example": one.example, "gives": one.gives} for group, table in GROUPS.items() for one in table],
        "next_cursor": None})


@formulas.route("/<object>/check", methods=["POST"])
@requires("objects.manage")
@formulas.doc(**described(schemas.FormulaDraftSchema))
@formulas.response(200, schemas.FormulaCheckSchema)
def check(object: str) -> Response:
    """Check a formula that is being written, and work it out for a record."""
    given = only(json_object(), "expression", "result", "options", "field", "record_id")
    service, principal = current_service(), current_principal()
    service.parts["types"].get(object)
    try:
        source = expression(given.get("expression"))
    except BadFormulaError as error:
        return json_answer(syntax_errors(error.params["formula"], error.params["source"], principal.locale))
    return json_answer(check_formula(service, principal, object, _draft(given, source)))


def _draft(given: dict[str, Any], source: str) -> Draft:
    options, name, record_id = given.get("options") or {}, given.get("field") or DRAFT, given.get("record_id")
    faults = [Fault(f"/{member}", "not_an_object") for member, value in (("options", options),)
              if not isinstance(value, dict)]
    faults += [Fault(f"/{member}", "not_text") for member, value in (("field", name), ("record_id", record_id or ""))
               if not isinstance(value, str)]
    if faults:
        raise refusal(faults)
    sized = {key: value for key, value in options.items() if key in _SIZES}
    body = {"name": name, "type": "formula",
            "options": {**sized, "expression": source, "result": given.get("result", "text")}}
    try:
        return Draft(read_field(body, 0), record_id)
    except InvalidError as error:
        raise invalid_problem(error) from error
    except BadValueError as error:
        raise refusal([Fault("/options", error.code, error.params)]) from error
