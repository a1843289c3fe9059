"""`/v1/web-forms`: public forms for those who design them. The pages themselves are in `api.public`."""

from __future__ import annotations

from typing import Any

from flask import Response

from chassis.auth.guard import requires
from chassis.http.current import current_service, json_answer
from chassis.http.etag import etag, expected_version
from chassis.http.meeting import meets
from chassis.http.openapi import ServiceBlueprint
from chassis.http.parsing import json_object
from chassis.http.writes import writes
from services.customer.api import reading
from services.customer.api import web_form_schemas as schemas
from services.customer.api.documents import WEB_FORM_PARAMETERS, described
from services.customer.queries.web_forms import get_form, list_forms
from services.customer.usecases.web_forms.define import change_form, create_form, delete_form

web_forms = ServiceBlueprint("web_forms", __name__, url_prefix="/v1/web-forms", description="Public forms")


@web_forms.route("")
@requires("objects.manage")
@web_forms.doc(parameters=WEB_FORM_PARAMETERS)
@web_forms.response(200, schemas.WebFormsSchema)
def list_all() -> Response:
    """List public forms, all on one page, with the messages of the last 30 days."""
    given = reading.parameters_among("object")
    return json_answer({"items": list_forms(current_service(), given.get("object")), "next_cursor": None})


@web_forms.route("", methods=["POST"])
@meets
@writes
@requires("objects.manage")
@web_forms.doc(**described(schemas.NewWebFormSchema))
@web_forms.response(201, schemas.WebFormSchema)
def create(uow: Any) -> Response:
    """Make a public form; it answers at `/f/{slug}` once it is active."""
    made = create_form(current_service(), uow, json_object())
    response = _form(made.to_wire(), 201)
    response.headers["Location"] = f"/api/customer/v1/web-forms/{made.id}"
    return response


@web_forms.route("/<id>")
@requires("objects.manage")
@web_forms.response(200, schemas.WebFormSchema)
def get(id: str) -> Response:
    """Read a public form."""
    return _form(get_form(current_service(), id))


@web_forms.route("/<id>", methods=["PATCH"])
@meets
@writes
@requires("objects.manage")
@web_forms.doc(**described(schemas.WebFormChangeSchema))
@web_forms.response(200, schemas.WebFormSchema)
def change(id: str, uow: Any) -> Response:
    """Change a public form; members that are not given stay."""
    return _form(change_form(current_service(), uow, id, json_object(), expected_version()).to_wire())


@web_forms.route("/<id>", methods=["DELETE"])
@writes
@requires("objects.manage")
@web_forms.response(204)
def delete(id: str, uow: Any) -> Response:
    """Take a public form away; the records that it made stay."""
    delete_form(uow, id, expected_version())
    return Response(status=204)


def _form(form: dict[str, Any], status: int = 200) -> Response:
    response = json_answer(form, status)
    response.headers["ETag"] = etag(form["version"])
    return response
