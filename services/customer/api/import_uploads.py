"""`/v1/imports/uploads`: sheets that come in pieces, over connections that may be lost."""

from __future__ import annotations

from typing import Any

from flask import Response, request
from werkzeug.exceptions import RequestEntityTooLarge

from chassis.auth.guard import current_principal
from chassis.clock import to_wire
from chassis.http.current import current_service, json_answer
from chassis.http.openapi import ServiceBlueprint
from chassis.http.parsing import has_control_characters, json_object
from chassis.http.problem import Problem
from chassis.http.writes import writes
from services.customer.api import import_schemas as schemas
from services.customer.api import reading
from services.customer.api.documents import described
from services.customer.model.faults import Fault
from services.customer.queries.imports.show import get_import, show_import
from services.customer.usecases.imports.large import (
    PIECE,
    add_piece,
    begin_upload,
    drop_large_upload,
    finish_upload,
    own_upload,
)
from services.customer.usecases.refusals import refusal

import_uploads = ServiceBlueprint("import_uploads", __name__, url_prefix="/v1/imports/uploads",
                                  description="Uploads of large sheets, in pieces")

_BYTES = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
_MAX_FILENAME = 200


@import_uploads.route("", methods=["POST"])
@import_uploads.doc(**described(schemas.UploadWishSchema))
@writes
@import_uploads.response(201, schemas.LargeUploadSchema)
def begin(uow: Any) -> Response:
    """Begin to upload a sheet in pieces of at most `piece` bytes."""
    given = reading.only(json_object(), "object", "filename", "size")
    id = begin_upload(current_service(), uow, current_principal(), *_wish(given))
    return _upload(uow, id, 201)


@import_uploads.route("/<id>")
@writes
@import_uploads.response(200, schemas.LargeUploadSchema)
def get(id: str, uow: Any) -> Response:
    """How far an upload has come: the next piece begins there."""
    return _upload(uow, id)


@import_uploads.route("/<id>", methods=["PUT"])
@import_uploads.arguments(schemas.PieceQuery, location="query")
@import_uploads.doc(requestBody={"required": True, "content": _BYTES})
@import_uploads.response(200, schemas.LargeUploadSchema)
def put(query: dict[str, int], id: str) -> Response:
    """Send the piece that begins at `offset`; it is on the disk when the answer comes."""
    request.max_content_length = PIECE
    try:
        piece = request.get_data(cache=False)
    except RequestEntityTooLarge as error:
        raise Problem(413, "piece_too_large", params={"most": PIECE}) from error
    with current_service().db.unit_of_work() as uow:
        add_piece(current_service(), uow, current_principal(), id, query["offset"], piece)
        return _upload(uow, id)


@import_uploads.route("/<id>", methods=["DELETE"])
@writes
@import_uploads.response(204)
def drop(id: str, uow: Any) -> Response:
    """Give an upload up."""
    drop_large_upload(current_service(), uow, current_principal(), id)
    return Response(status=204)


@import_uploads.route("/<id>/finish", methods=["POST"])
@import_uploads.response(201, schemas.ImportSchema)
def finish(id: str) -> Response:
    """Read the sheet of a whole upload; the answer holds its columns and what they probably mean."""
    service, principal = current_service(), current_principal()
    import_id = finish_upload(service, principal, id)
    with service.db.read() as connection:
        run = get_import(connection, principal, import_id)
        return json_answer(show_import(service, connection, run, principal), 201)


def _wish(given: Any) -> tuple[str, str, int]:
    object_name, filename, size = given.get("object"), given.get("filename"), given.get("size")
    faults = [Fault(f"/{name}", "required") for name, value in (("object", object_name), ("filename", filename))
              if not isinstance(value, str) or not value.strip()]
    if not faults and (len(filename) > _MAX_FILENAME or has_control_characters(filename)):
        faults.append(Fault("/filename", "too_long" if len(filename) > _MAX_FILENAME else "control_characters",
                            {"limit": _MAX_FILENAME}))
    if type(size) is not int or size < 1:
        faults.append(Fault("/size", "not_integer"))
    if faults:
        raise refusal(faults)
    return object_name, filename.replace("\\", "/").rsplit("/", 1)[-1].strip() or filename, size


def _upload(uow: Any, id: str, status: int = 200) -> Response:
    upload = own_upload(uow, current_principal(), id)
    return json_answer({"id": upload.id, "object": upload.object, "filename": upload.filename, "size": upload.size,
                  "received": upload.received, "piece": PIECE, "import_id": upload.import_id,
                  "expires_at": to_wire(upload.expires_at)}, status)
