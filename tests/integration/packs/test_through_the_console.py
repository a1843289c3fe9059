"""Packs over the gateway's API: upload, look, install as a job, be asked about what people changed; on the product."""

from __future__ import annotations

import io
import json
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from freehold.embedded import Embedded
from freehold.first_start import FirstStart
from freehold.packs.client import wsgi_send
from gateway.packs.archive import load_archive

PACKS = "/api/gateway/v1/packs"
MACHINE = {"name": "machine", "label": {"en": "Machine"}, "plural": {"en": "Machines"}, "group": "plant",
           "title_field": "name", "fields": [{"name": "name", "type": "text", "label": {"en": "Name"}}]}


class Product:
    """The product in this process, asked by its administrator."""

    def __init__(self, home: Path) -> None:
        self._embedded = Embedded({"FREEHOLD_HOME": str(home), "FREEHOLD_LOG_LEVEL": "ERROR"})
        self._embedded.prepare()
        app = self._embedded.start()
        first = FirstStart(self._embedded.gateway, app, home)
        first.administrator()
        self.call, self._send = first.request(), wsgi_send(app)

    def raw(self, method: str, path: str, body: bytes = b"") -> tuple[int, bytes]:
        headers = {"Authorization": f"Bearer {self.call.fresh_token()}", "Content-Type": "application/zip"}
        status, _, content = self._send(method, path, headers, body)
        return status, content

    def upload(self, **files: Any) -> tuple[int, Any]:
        status, content = self.raw("POST", f"{PACKS}/uploads", pack(**files))
        return status, json.loads(content)

    def install(self, id: str, **body: Any) -> dict[str, Any]:
        status, run = self.call("POST", f"{PACKS}/runs/{id}/install", body)
        assert status == 202, run
        until = time.monotonic() + 60
        while run["state"] == "installing" and time.monotonic() < until:
            time.sleep(0.1)
            run = self.call("GET", f"{PACKS}/runs/{id}")[1]
        assert run["state"] == "finished", run
        return run

    def stop(self) -> None:
        self._embedded.stop()


def pack(version: str = "1.0.0", requires: dict[str, Any] | None = None, **machine: Any) -> bytes:
    manifest = {"name": "plant", "version": version, "label": {"en": "Plant"},
                "requires": {"freehold": "0.1", **(requires or {})}, "order": ["groups", "objects"]}
    group = {"key": "plant", "label": {"en": "Plant", "zh-CN": "工厂"}, "position": 5}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in (("pack.json", manifest), ("groups.json", {"groups": [group]}),
                              ("objects/machine.json", {**MACHINE, **machine})):
            archive.writestr(name, json.dumps(content))
    return out.getvalue()


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    made = Product(tmp_path_factory.mktemp("home"))
    yield made
    made.stop()


def test_a_pack_is_looked_at_installed_and_asked_about_where_people_changed_it(product: Product) -> None:
    status, shown = product.upload()
    assert (status, [(one["kind"], one["action"]) for one in shown["changes"]]) == (
        201, [("group", "create"), ("object", "create")])
    assert product.call("GET", "/api/customer/v1/objects/machine")[0] == 404, "looking writes nothing"
    run = product.install(shown["id"])
    assert run["progress"] == {"done": 2, "total": 2}
    assert product.call("GET", "/api/customer/v1/objects/machine")[1]["group"] == "plant"
    [installed] = product.call("GET", PACKS)[1]["items"]
    assert (installed["name"], installed["version"]) == ("plant", "1.0.0")

    product.call("PATCH", "/api/customer/v1/objects/machine", {"label": {"en": "Our machine"}})
    _, shown = product.upload(version="1.1.0", label={"en": "Plant machine"}, icon="star")
    [changed] = [one for one in shown["changes"] if one["action"] == "update"]
    assert {one["pointer"]: one["conflict"] for one in changed["differences"]} == {"/label/en": True, "/icon": False}
    product.install(shown["id"], keep=["object/machine#/label/en"])
    definition = product.call("GET", "/api/customer/v1/objects/machine")[1]
    assert (definition["label"]["en"], definition["icon"]) == ("Our machine", "star")

    _, shown = product.upload(version="1.0.0")
    assert shown["downgrade"] is True
    status, refused = product.call("POST", f"{PACKS}/runs/{shown['id']}/install", {})
    assert (status, refused["code"]) == (409, "pack_downgrade")

    status, content = product.raw("GET", f"{PACKS}/export?objects=machine&name=out")
    assert (status, [item.name for item in load_archive(content).items]) == (200, ["group/plant", "object/machine"])


def test_what_is_missing_is_named_and_what_is_broken_is_pointed_at(product: Product) -> None:
    _, shown = product.upload(requires={"packs": ["crm"], "objects": ["warehouse"]})
    assert shown["missing"] == ["crm", "warehouse"]
    status, refused = product.call("POST", f"{PACKS}/runs/{shown['id']}/install", {})
    assert (status, refused["code"]) == (409, "pack_requires")
    status, content = product.raw("POST", f"{PACKS}/uploads", b"no archive")
    assert (status, json.loads(content)["code"]) == (422, "pack_faulty")
    status, faulty = product.upload(title_field="nowhere")
    assert status == 422
    assert faulty["errors"][0]["pointer"] == "objects/machine.json#/title_field"
    assert product.call("GET", f"{PACKS}/runs/no-id")[0] == 404
