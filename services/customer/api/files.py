"""`/v1/files`: bytes of attached files, streamed in and out under the rights of their records.

What a browser might run never comes back as part of the product's own pages: everything but plain pictures is a
download, with a policy that lets nothing in it act.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from flask import Response, request
from werkzeug.exceptions import RequestEntityTooLarge

from chassis.auth.guard import current_principal
from chassis.http.current import current_service, json_answer
from chassis.http.openapi import ServiceBlueprint
from chassis.http.writes import answer_once
from services.customer.api import schemas
from services.customer.model.files.kinds import SHOWN
from services.customer.queries.open_file import find_file, open_file
from services.customer.usecases.files.upload import Upload, drop_file, keep_file, take_in, too_large
from services.customer.usecases.tell_audit import tell_sensitive_file

files = ServiceBlueprint("files", __name__, url_prefix="/v1/files", description="Attached files")

_BYTES = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
_SAFE = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox; default-src 'none'",
         "Cache-Control": "private, no-cache", "Cross-Origin-Resource-Policy": "same-origin"}


@files.route("", methods=["POST"])
@files.arguments(schemas.UploadQuery, location="query")
@files.doc(requestBody={"required": True, "content": _BYTES})
@files.response(201, schemas.FileSchema)
def upload(query: dict[str, str]) -> Response:
    """Send the bytes of a file for a field; a record takes it by its id within a day."""
    service, principal = current_service(), current_principal()
    request.max_content_length = service.settings.file_max_bytes
    record_type = service.parts["types"].get(query["object"])
    try:
        made = take_in(service, principal, record_type, query["field"], query["name"], request.stream)
    except RequestEntityTooLarge as error:
        raise too_large(service) from error
    response = _kept(service, made, f"file {query['object']} {query['field']} {made.shown['name']} {made.sha256}")
    if "Idempotency-Replayed" in response.headers:
        drop_file(service, made)
    return response


@files.route("/<id>")
@files.arguments(schemas.FileQuery, location="query")
@files.response(200, content_type="application/octet-stream")
def download(query: dict[str, bool], id: str) -> Response:
    """Read a file: as a download, or with `inline` as a picture."""
    service = current_service()
    row = find_file(service, current_principal(), id)
    response = Response(content_type=row.media_type)
    response.set_etag(row.sha256)
    if response.make_conditional(request).status_code != 304:
        tell_sensitive_file(service, current_principal(), row)
        response.response = open_file(service, id)
        response.headers["Content-Length"] = str(row.size)
    response.headers.update(_SAFE)
    way = "inline" if query["inline"] and row.media_type in SHOWN else "attachment"
    response.headers["Content-Disposition"] = f"{way}; filename*=UTF-8''{quote(row.name, safe='')}"
    return response


def _kept(service: Any, made: Upload, digest: str) -> Response:
    def answer() -> Response:
        keep_file(uow, made)
        response = json_answer(made.shown, 201)
        response.headers["Location"] = f"/api/customer/v1/files/{made.id}"
        return response

    try:
        with service.db.unit_of_work() as uow:
            return answer_once(uow, digest, answer)
    except BaseException:
        drop_file(service, made)
        raise
