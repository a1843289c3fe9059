"""`/v1/packs`: configuration that comes and goes as files. Everything happens with the rights of the caller."""

from __future__ import annotations

from typing import Any

from flask import Response, request
from marshmallow import Schema, fields
from marshmallow.validate import Length, Regexp

from chassis.auth.guard import current_principal, requires
from chassis.http.openapi import ServiceBlueprint
from chassis.http.parsing import LocalText, StrictSchema, Text
from chassis.http.problem import not_found
from chassis.http.writes import writes
from gateway.api.requests import known_id, require_person, service
from gateway.packs.api import Request
from gateway.packs.archive import MAX_ARCHIVE_BYTES, load_archive
from gateway.packs.caller import caller
from gateway.packs.errors import PackError
from gateway.packs.export import export_pack, zipped
from gateway.queries.packs import find_run, installed_pack, list_packs, shown_run
from gateway.usecases import packs as usecases

pages = ServiceBlueprint("packs", __name__, url_prefix="/v1/packs", description="Configuration as files")

_KEY, _VERSION = Regexp(r"[a-z][a-z0-9_.-]{0,79}\Z"), Regexp(r"\d{1,6}\.\d{1,6}\.\d{1,6}\Z")
_ZIP = {"application/zip": {"schema": {"type": "string", "format": "binary"}}}


class PackSchema(Schema):
    """A pack that is installed."""

    name = fields.String(required=True)
    version = fields.String(required=True)
    label = fields.Dict(required=True)
    installed_at = fields.AwareDateTime(required=True)


class PacksSchema(Schema):
    """All packs that are installed, on one page."""

    items = fields.List(fields.Nested(PackSchema), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class InstalledPackSchema(PackSchema):
    """A pack with its items as they were installed last: kind and key → item."""

    items = fields.Dict(required=True)


class InstalledBodySchema(StrictSchema):
    """A pack that was just installed by other means."""

    version = fields.String(required=True, validate=_VERSION)
    label = LocalText(required=True)
    items = fields.Dict(keys=Text(max=200), values=fields.Dict(), required=True, validate=Length(max=5000))


class PackDifferenceSchema(Schema):
    """A place that would change; in a `conflict` people have changed it themselves."""

    pointer = fields.String(required=True)
    before = fields.Raw(required=True, allow_none=True)
    after = fields.Raw(required=True, allow_none=True)
    conflict = fields.Boolean(required=True)


class PackChangeSchema(Schema):
    """What would happen to an item: create, update, unchanged, or kept away as people removed it."""

    kind = fields.String(required=True)
    key = fields.String(required=True)
    label = fields.Dict(required=True)
    action = fields.String(required=True)
    differences = fields.List(fields.Nested(PackDifferenceSchema), required=True)


class PackPreviewSchema(Schema):
    """What installing an uploaded pack would do."""

    id = fields.String(required=True)
    name = fields.String(required=True)
    version = fields.String(required=True)
    label = fields.Dict(required=True)
    installed_version = fields.String(required=True, allow_none=True)
    missing = fields.List(fields.String(), required=True)
    downgrade = fields.Boolean(required=True)
    changes = fields.List(fields.Nested(PackChangeSchema), required=True)


class PackProgressSchema(Schema):
    """How far it is, in items."""

    done = fields.Integer(required=True)
    total = fields.Integer(required=True)


class PackRunSchema(Schema):
    """An installation: uploaded, installing, finished or failed."""

    id = fields.String(required=True)
    pack = fields.String(required=True)
    version = fields.String(required=True)
    label = fields.Dict(required=True)
    state = fields.String(required=True)
    progress = fields.Nested(PackProgressSchema, required=True)
    problem = fields.String(required=True, allow_none=True)


class InstallBodySchema(StrictSchema):
    """Places (`object/lead#/label`) that stay as people made them; whether an older version may replace a newer one."""

    keep = fields.List(Text(max=500), load_default=list, validate=Length(max=5000))
    downgrade = fields.Boolean(load_default=False)


class ExportQuery(StrictSchema):
    """What the pack shall be called, and which objects to export; all unless said."""

    name = fields.String(load_default="configuration", validate=_KEY)
    version = fields.String(load_default="1.0.0", validate=_VERSION)
    objects = Text(max=4000, load_default="")


@pages.route("")
@requires("packs.install")
@pages.response(200, PacksSchema)
def list_all() -> Any:
    """List the packs that are installed."""
    with service().db.read() as connection:
        return {"items": list_packs(connection), "next_cursor": None}


@pages.route("/export")
@requires("packs.install")
@pages.arguments(ExportQuery, location="query")
@pages.response(200, content_type="application/zip")
def export(ask: dict[str, Any]) -> Response:
    """Export the configuration, or some objects with what belongs to them, as a zip of readable files."""
    made = export_pack(_own(), name=ask["name"], version=ask["version"],
                       label={"en": ask["name"].replace("-", " ").capitalize()},
                       objects=[one for one in ask["objects"].split(",") if one])
    response = Response(zipped(made.files), content_type="application/zip")
    response.headers["Content-Disposition"] = f'attachment; filename="{ask["name"]}-{ask["version"]}.zip"'
    response.headers["X-Freehold-Left-Out"] = str(len(made.left_out))
    return response


@pages.route("/uploads", methods=["POST"])
@requires("packs.install")
@pages.doc(requestBody={"required": True, "content": _ZIP})
@writes
@pages.response(201, PackPreviewSchema)
def upload(uow: Any) -> Any:
    """Send a pack as a zip; answers what installing it would do."""
    require_person()
    request.max_content_length = MAX_ARCHIVE_BYTES
    try:
        pack = load_archive(request.get_data())
        shown = usecases.preview(service(), _own(), pack)
    except PackError as error:
        raise usecases.faulty(error) from error
    return {**shown, "id": usecases.keep_upload(uow, current_principal(), pack)}


@pages.route("/runs/<id>")
@requires("packs.install")
@pages.response(200, PackRunSchema)
def run(id: str) -> Any:
    """Tell how far an installation is."""
    with service().db.read() as connection:
        found = find_run(connection, known_id(id, "pack"))
    if found is None:
        raise not_found("pack")
    return shown_run(found)


@pages.route("/runs/<id>/install", methods=["POST"])
@requires("packs.install")
@pages.arguments(InstallBodySchema)
@writes
@pages.response(202, PackRunSchema)
def install(body: dict[str, Any], id: str, uow: Any) -> Any:
    """Begin to install an uploaded pack, in the caller's name."""
    require_person()
    usecases.start_install(service(), uow, _own(), known_id(id, "pack"), body["keep"], downgrade=body["downgrade"])
    return shown_run(usecases.run_of(uow, id))


@pages.route("/<name>/installed")
@requires("packs.install")
@pages.response(200, InstalledPackSchema)
def installed(name: str) -> Any:
    """Read a pack as it was installed last."""
    with service().db.read() as connection:
        found = installed_pack(connection, name)
    if found is None:
        raise not_found("pack")
    return found


@pages.route("/<name>/installed", methods=["PUT"])
@requires("packs.install")
@pages.arguments(InstalledBodySchema)
@writes
@pages.response(204)
def remember(body: dict[str, Any], name: str, uow: Any) -> None:
    """Remember a pack that was installed through the API."""
    usecases.remember_pack(uow, current_principal(), name, body)


def _own() -> Request:
    authorization = request.headers.get("Authorization", "")
    return caller(service(), lambda: authorization, request.headers.get("Accept-Language", "en"))
