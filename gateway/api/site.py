"""What is public besides the API proper: the combined OpenAPI document, its browser, and the console."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import Blueprint, Flask, Response, current_app, redirect
from werkzeug.exceptions import NotFound

from chassis.auth.guard import public
from chassis.console_files import built_console
from chassis.http.openapi import ServiceApi
from chassis.jsonio import dump_bytes
from chassis.service import Service
from gateway.console import ConsoleFiles
from gateway.openapi import CombinedDocument

_NOT_THE_CONSOLE = ("api/", "v1/", "healthz/", ".well-known/")


def extend(service: Service, app: Flask, api: ServiceApi) -> None:
    """Add the pages to the gateway's app."""
    api.describe_later(partial(_describe_sign_in, api))
    document = CombinedDocument(service)
    console = ConsoleFiles(built_console(service.settings.console_dir))
    app.register_blueprint(_pages(document, console, api))


def _pages(document: CombinedDocument, console: ConsoleFiles, api: ServiceApi) -> Blueprint:
    pages = Blueprint("site", __name__)

    @pages.get("/api/openapi.json")
    @public
    def openapi() -> Response:
        return current_app.response_class(dump_bytes(document.get(api.described().to_dict())),
                                          content_type="application/json")

    @pages.get("/api/docs")
    @public
    def docs() -> Any:
        return redirect("/docs/", code=302)

    @pages.get("/")
    @pages.get("/<path:path>")
    @public
    def files(path: str = "") -> Response:
        if path.startswith(_NOT_THE_CONSOLE):
            raise NotFound
        return console.page(path)

    return pages


def _describe_sign_in(api: ServiceApi) -> None:
    """The paths of sign-in are public ones already; the document's server would put `/api/gateway` before them."""
    for path, item in api.spec._paths.items():
        if path.startswith("/api/"):
            item.setdefault("servers", [{"url": "/"}])
