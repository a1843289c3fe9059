"""`/v1/packs`: configuration that comes and goes as files. Everything happens with the rights of the caller."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any, TypeVar

from flask import Response, request

from chassis.auth.guard import current_principal, requires
from chassis.clock import utcnow
from chassis.http.openapi import ServiceBlueprint
from chassis.http.problem import not_found
from chassis.http.writes import writes
from gateway.api import pack_schemas as schemas
from gateway.api.requests import known_id, require_person, service
from gateway.packs.api import Request
from gateway.packs.archive import MAX_ARCHIVE_BYTES, MAX_UNPACKED_BYTES, load_archive
from gateway.packs.caller import caller
from gateway.packs.errors import PackError
from gateway.packs.export import export_pack, zipped
from gateway.packs.files import load_pack, shipped_manifests, shipped_pack
from gateway.packs.model import Pack
from gateway.queries.packs import find_run, installed_pack, list_packs, recent_runs, shown_run
from gateway.usecases import pack_removal
from gateway.usecases import packs as usecases

pages = ServiceBlueprint("packs", __name__, url_prefix="/v1/packs", description="Configuration as files")

F = TypeVar("F", bound=Callable[..., Any])

_ZIP = {"application/zip": {"schema": {"type": "string", "format": "binary"}}}


def body_up_to(size: int) -> Callable[[F], F]:
    """Let the body be larger than ordinary ones; stands outside of whatever reads it."""

    def decorated(view: F) -> F:
        @wraps(view)
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            current_principal()
            request.max_content_length = size
            return view(*args, **kwargs)

        return wrapped  # type: ignore[return-value]

    return decorated


@pages.route("")
@requires("packs.install")
@pages.response(200, schemas.PacksSchema)
def list_all() -> Any:
    """List the packs that are installed."""
    with service().db.read() as connection:
        return {"items": list_packs(connection), "next_cursor": None}


@pages.route("/export")
@requires("packs.install")
@pages.arguments(schemas.ExportQuery, location="query")
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
@body_up_to(MAX_ARCHIVE_BYTES)
@pages.response(201, schemas.PackPreviewSchema)
def upload() -> Any:
    """Send a pack as a zip; answers what installing it would do."""
    require_person()
    return _looked_at(lambda: load_archive(request.get_data()))


@pages.route("/shipped")
@requires("packs.install")
@pages.response(200, schemas.ShippedPacksSchema)
def list_shipped() -> Any:
    """List the packs that come with the product."""
    items = [{"name": name, "version": one["version"], "label": one["label"], "description": one.get("description", {})}
             for name, one in shipped_manifests().items()]
    return {"items": items, "next_cursor": None}


@pages.route("/shipped/<name>", methods=["POST"])
@requires("packs.install")
@pages.response(201, schemas.PackPreviewSchema)
def look_at_shipped(name: str) -> Any:
    """Take a pack that comes with the product; answers what installing it would do, as for one that was sent."""
    require_person()
    if name not in shipped_manifests():
        raise not_found("pack")
    return _looked_at(lambda: load_pack(shipped_pack(name)))


@pages.route("/runs")
@requires("packs.install")
@pages.response(200, schemas.PackRunsSchema)
def runs() -> Any:
    """List the installations and removals that go on or ended during the last day."""
    with service().db.read() as connection:
        found = recent_runs(connection, utcnow() - timedelta(days=1))
    return {"items": [shown_run(one) for one in found], "next_cursor": None}


@pages.route("/runs/<id>")
@requires("packs.install")
@pages.response(200, schemas.PackRunSchema)
def run(id: str) -> Any:
    """Tell how far an installation is."""
    with service().db.read() as connection:
        found = find_run(connection, known_id(id, "pack"))
    if found is None:
        raise not_found("pack")
    return shown_run(found)


@pages.route("/runs/<id>/install", methods=["POST"])
@requires("packs.install")
@pages.arguments(schemas.InstallBodySchema)
@writes
@pages.response(202, schemas.PackRunSchema)
def install(body: dict[str, Any], id: str, uow: Any) -> Any:
    """Begin to install an uploaded pack, in the caller's name."""
    require_person()
    usecases.start_install(service(), uow, _own(), known_id(id, "pack"), body["keep"], downgrade=body["downgrade"])
    return shown_run(usecases.run_of(uow, id))


@pages.route("/<name>/installed")
@requires("packs.install")
@pages.response(200, schemas.InstalledPackSchema)
def installed(name: str) -> Any:
    """Read a pack as it was installed last."""
    with service().db.read() as connection:
        found = installed_pack(connection, name)
    if found is None:
        raise not_found("pack")
    return found


@pages.route("/<name>/installed", methods=["PUT"])
@requires("packs.install")
@body_up_to(MAX_UNPACKED_BYTES)
@pages.arguments(schemas.InstalledBodySchema)
@writes
@pages.response(204)
def remember(body: dict[str, Any], name: str, uow: Any) -> None:
    """Remember a pack that was installed through the API."""
    usecases.remember_pack(uow, current_principal(), name, body)


@pages.route("/<name>/removal/preview", methods=["POST"])
@requires("packs.install")
@pages.arguments(schemas.RemovalBodySchema)
@pages.response(200, schemas.RemovalSchema)
def look_at_removal(body: dict[str, Any], name: str) -> Any:
    """Show what removing a pack would take away, what would stay and why, and what was changed since it came."""
    require_person()
    return pack_removal.preview_removal(service(), _own(), name, body["also"])


@pages.route("/<name>/removal", methods=["POST"])
@requires("packs.install")
@pages.arguments(schemas.RemovalBodySchema)
@writes
@pages.response(202, schemas.PackRunSchema)
def remove(body: dict[str, Any], name: str, uow: Any) -> Any:
    """Begin to remove a pack, in the caller's name."""
    require_person()
    id = pack_removal.start_removal(service(), uow, current_principal(), name, body["also"])
    return shown_run(usecases.run_of(uow, id))


def _looked_at(read: Callable[[], Pack]) -> dict[str, Any]:
    try:
        pack = read()
        shown = usecases.preview(service(), _own(), pack)
    except PackError as error:
        raise usecases.faulty(error) from error
    with service().db.unit_of_work() as uow:  # not before: comparing asks every service
        return {**shown, "id": usecases.keep_upload(uow, current_principal(), pack)}


def _own() -> Request:
    authorization = request.headers.get("Authorization", "")
    return caller(service(), lambda: authorization, request.headers.get("Accept-Language", "en"))
