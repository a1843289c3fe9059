"""Packs over the gateway's API: upload, look, install as a job, be asked about what people changed; on the product."""

from __future__ import annotations

import json
import os
from datetime import timedelta
from typing import Any

from chassis.clock import utcnow
from gateway.packs.archive import load_archive
from gateway.store.tables import pack_run
from gateway.usecases.packs import forget_old_uploads
from tests.support.pack_product import PACKS, Product, zipped

MACHINE = {"name": "machine", "label": {"en": "Machine"}, "plural": {"en": "Machines"}, "group": "plant",
           "title_field": "name", "fields": [{"name": "name", "type": "text", "label": {"en": "Name"}}]}


def pack(version: str = "1.0.0", requires: dict[str, Any] | None = None, **machine: Any) -> bytes:
    manifest = {"name": "plant", "version": version, "label": {"en": "Plant"},
                "requires": {"freehold": "0.1", **(requires or {})}, "order": ["groups", "objects"]}
    group = {"key": "plant", "label": {"en": "Plant", "zh-CN": "工厂"}, "position": 5}
    return zipped({"pack.json": manifest, "groups.json": {"groups": [group]},
                   "objects/machine.json": {**MACHINE, **machine}})


def test_a_pack_is_looked_at_installed_and_asked_about_where_people_changed_it(product: Product) -> None:
    status, shown = product.upload(pack())
    assert (status, [(one["kind"], one["action"]) for one in shown["changes"]]) == (
        201, [("group", "create"), ("object", "create")])
    assert product.call("GET", "/api/customer/v1/objects/machine")[0] == 404, "looking writes nothing"
    run = product.install(shown["id"])
    assert run["progress"] == {"done": 2, "total": 2}
    assert product.call("GET", "/api/customer/v1/objects/machine")[1]["group"] == "plant"
    [installed] = product.call("GET", PACKS)[1]["items"]
    assert (installed["name"], installed["version"]) == ("plant", "1.0.0")

    product.call("PATCH", "/api/customer/v1/objects/machine", {"label": {"en": "Our machine"}})
    _, shown = product.upload(pack(version="1.1.0", label={"en": "Plant machine"}, icon="star"))
    [changed] = [one for one in shown["changes"] if one["action"] == "update"]
    assert {one["pointer"]: one["conflict"] for one in changed["differences"]} == {"/label/en": True, "/icon": False}
    product.install(shown["id"], keep=["object/machine#/label/en"])
    definition = product.call("GET", "/api/customer/v1/objects/machine")[1]
    assert (definition["label"]["en"], definition["icon"]) == ("Our machine", "star")

    _, shown = product.upload(pack(version="1.0.0"))
    assert shown["downgrade"] is True
    status, refused = product.call("POST", f"{PACKS}/runs/{shown['id']}/install", {})
    assert (status, refused["code"]) == (409, "pack_downgrade")

    status, content = product.raw("GET", f"{PACKS}/export?objects=machine&name=out")
    assert (status, [item.name for item in load_archive(content).items]) == (200, ["group/plant", "object/machine"])


def test_what_is_missing_is_named_and_what_is_broken_is_pointed_at(product: Product) -> None:
    _, shown = product.upload(pack(requires={"packs": ["crm"], "objects": ["warehouse"]}))
    assert shown["missing"] == ["crm", "warehouse"]
    status, refused = product.call("POST", f"{PACKS}/runs/{shown['id']}/install", {})
    assert (status, refused["code"]) == (409, "pack_requires")
    _, shown = product.upload(pack(requires={"freehold": "99.1"}))
    assert shown["missing"] == ["Freehold ≥ 99.1"]
    _, base = product.upload(pack(version="1.9.0"))
    product.install(base["id"])
    for least, missing in (("1.9", []), ("1.9.0", []), ("1.8.7", []), ("1.10", ["plant ≥ 1.10"]), ("2", ["plant ≥ 2"])):
        _, shown = product.upload(pack(requires={"packs": [f"plant>={least}"]}))
        assert shown["missing"] == missing
    status, content = product.raw("POST", f"{PACKS}/uploads", b"no archive")
    assert (status, json.loads(content)["code"]) == (422, "pack_faulty")
    status, faulty = product.upload(pack(title_field="nowhere"))
    assert status == 422
    assert faulty["errors"] == [{"pointer": "objects/machine.json#/title_field", "code": "pack_unknown_field",
                                 "detail": "没有字段“nowhere”。"}]
    _, faulty = product.upload(pack(colour="red", position="first"))
    assert {one["detail"] for one in faulty["errors"]} == {"此处不应有：colour。", "“first”不符合要求：integer。"}
    assert product.call("GET", f"{PACKS}/runs/no-id")[0] == 404


def test_an_archive_may_be_larger_than_an_ordinary_body_and_is_read_within_its_bounds(product: Product) -> None:
    manifest = {"name": "large", "version": "1.0.0", "label": {"en": "Large"}, "requires": {"freehold": "0.1"},
                "order": ["tags"]}
    junk = {f"pictures/{number}.txt": os.urandom(450_000).hex() for number in range(2)}
    status, shown = product.upload(zipped({"pack.json": manifest, **junk}))
    assert (status, shown.get("changes")) == (201, []), shown
    status, _ = product.raw("POST", f"{PACKS}/uploads", b"x" * 4_194_305)
    assert status == 413


def test_uploads_that_nobody_installed_are_forgotten_after_a_week(product: Product) -> None:
    _, shown = product.upload(pack(version="3.0.0"))
    gateway = product.gateway
    forget_old_uploads(gateway)
    assert product.call("GET", f"{PACKS}/runs/{shown['id']}")[0] == 200
    with gateway.db.unit_of_work() as uow:
        uow.execute(pack_run.update().where(pack_run.c.id == shown["id"]).values(
            created_at=utcnow() - timedelta(days=8)))
    forget_old_uploads(gateway)
    assert product.call("GET", f"{PACKS}/runs/{shown['id']}")[0] == 404


def test_what_stops_an_installation_is_told_in_the_language_of_who_began_it_and_it_goes_on(product: Product) -> None:
    rule = {"key": "plant.idle", "name": {"en": "Idle"}, "object": "machine", "active": False,
            "trigger": {"on": "entered", "segment": "machine.idle"},
            "actions": [{"type": "create_task", "title": {"en": "Look"}, "assignee": "owner"}]}
    manifest = {"name": "idle", "version": "1.0.0", "label": {"en": "Idle"}, "order": ["objects", "rules"],
                "requires": {"freehold": "0.1"}}
    archive = zipped({"pack.json": manifest, "objects/machine.json": MACHINE, "rules/idle.json": rule})
    for locale, told in (("en", "There is no segment “machine.idle” here."), ("zh-CN", "此处没有细分“machine.idle”。")):
        product.ok("PATCH", "/api/auth/me", {"locale": locale})
        _, shown = product.upload(archive)
        run = product.finished(product.ok("POST", f"{PACKS}/runs/{shown['id']}/install", {}))
        assert (run["state"], run["kind"], run["problem"]) == ("failed", "installation", f"rules/idle.json#: {told}")
        assert product.ok("GET", f"{PACKS}/runs")["items"][0] == run, "who comes back finds it"
    product.ok("POST", "/api/customer/v1/segments", {
        "object": "machine", "name": {"en": "Idle"}, "criteria": {"field": "name", "op": "eq", "value": "idle"}})
    run = product.install(shown["id"])
    assert run["problem"] is None
    assert product.ok("GET", f"{PACKS}/runs")["items"][0]["id"] == shown["id"]


def test_a_pack_that_comes_with_the_product_needs_no_file(product: Product) -> None:
    shipped = {one["name"]: one for one in product.ok("GET", f"{PACKS}/shipped")["items"]}
    assert {"crm", "manufacturing", "retail", "business-services"} <= shipped.keys()
    assert shipped["retail"]["description"].keys() == {"en", "zh-CN"}
    shown = product.ok("POST", f"{PACKS}/shipped/retail")
    assert (shown["name"], shown["version"]) == ("retail", shipped["retail"]["version"])
    assert shown["missing"] == ["crm ≥ 1.10"]
    assert product.ok("GET", f"{PACKS}/runs/{shown['id']}")["state"] == "uploaded"
    assert product.call("POST", f"{PACKS}/shipped/none-such")[0] == 404
