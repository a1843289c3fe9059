"""A pack is taken away: what nobody touched goes; what was filled, changed or is needed stays unless it is named."""

from __future__ import annotations

from typing import Any

from tests.support.pack_product import PACKS, Product, zipped

CUSTOMER = "/api/customer/v1"


def field(name: str, type: str = "text", **more: Any) -> dict[str, Any]:
    return {"name": name, "type": type, "label": {"en": name.capitalize()}, **more}


def works(**manifest: Any) -> bytes:
    """Machines with their checks, each counting the other; a role, a view, a kind of task, a rule."""
    everything = {"actions": ["read"], "scope": "all"}
    return zipped({
        "pack.json": {"name": "works", "version": "1.0.0", "label": {"en": "Works"}, "requires": {"freehold": "0.1"},
                      "order": ["groups", "objects", "task-kinds", "roles", "rules", "views"], **manifest},
        "groups.json": {"groups": [{"key": "works", "label": {"en": "Works"}, "position": 5}]},
        "objects/machine.json": {
            "name": "machine", "label": {"en": "Machine"}, "plural": {"en": "Machines"}, "group": "works",
            "title_field": "name", "fields": [field("name"), field("last_id", "reference", options={"object": "check"}),
                                              field("checks", "rollup", options={
                                                  "object": "check", "reference": "machine_id", "function": "count",
                                                  "result": "integer"})]},
        "objects/check.json": {
            "name": "check", "label": {"en": "Check"}, "plural": {"en": "Checks"}, "group": "works",
            "title_field": "name", "fields": [field("name"), field("machine_id", "reference",
                                                                   options={"object": "machine"})]},
        "task-kinds.json": {"task_kinds": [{"key": "inspect", "name": {"en": "Inspect"}}]},
        "roles/fitter.json": {"key": "fitter", "name": {"en": "Fitter"}, "permissions": [],
                              "objects": {"machine": everything}},
        "rules/told.json": {"key": "works.told", "name": {"en": "Told"}, "object": "machine", "active": False,
                            "trigger": {"on": "created"}, "criteria": {"field": "name", "op": "is_set"},
                            "actions": [{"type": "set_fields", "values": {"name": "x"}}]},
        "views/all.json": {"key": "machine_all", "object": "machine", "name": {"en": "All"}, "kind": "list",
                           "columns": [{"field": "name", "width": None}], "visibility": "everybody"}})


def look(product: Product, *also: str) -> dict[str, tuple[str, str | None]]:
    plan = product.ok("POST", f"{PACKS}/works/removal/preview", {"also": list(also)})
    return {f"{one['kind']}/{one['key']}": (one["action"], one["reason"]) for one in plan["items"]}


def take_away(product: Product, *also: str) -> dict[str, Any]:
    run = product.finished(product.ok("POST", f"{PACKS}/works/removal", {"also": list(also)}))
    assert run["state"] == "finished", run
    return run


def is_there(product: Product, path: str) -> bool:
    return product.call("GET", path)[0] == 200


def test_what_nobody_touched_goes_and_comes_back_from_the_bin(product: Product) -> None:
    product.bring_in(works())
    assert look(product) == {
        "group/works": ("remove", None), "object/machine": ("remove", None), "object/check": ("remove", None),
        "task_kind/inspect": ("keep", "history"), "role/fitter": ("remove", None), "rule/works.told": ("remove", None),
        "view/machine_all": ("remove", None)}
    assert is_there(product, f"{CUSTOMER}/objects/machine"), "looking takes nothing away"
    run = take_away(product)
    assert [one["key"] for one in run["left"]] == ["inspect"]
    for name in ("machine", "check"):
        assert not is_there(product, f"{CUSTOMER}/objects/{name}")
    assert [one["key"] for one in product.items("/api/gateway/v1/roles") if one["key"] == "fitter"] == []
    assert product.items("/api/workflow/v1/rules") == []
    assert product.ok("GET", PACKS)["items"] == []
    assert product.call("POST", f"{PACKS}/works/removal", {})[0] == 404
    [entry] = product.items("/api/gateway/v1/audit?action=pack.removed")
    assert entry["detail"]["left"] == ["task_kind/inspect"]

    status, refused = product.call("POST", f"{CUSTOMER}/object-bin/machine/restore")
    assert (status, refused["code"]) == (409, "targets_missing"), "each of the two needs the other"
    product.ok("POST", f"{CUSTOMER}/object-bin/machine/restore?needed=true")
    views = product.ok("GET", f"{CUSTOMER}/objects/machine/views")["items"]
    assert "machine_all" in [one["key"] for one in views], "views come back with their object"
    assert is_there(product, f"{CUSTOMER}/objects/check")


def test_what_was_filled_or_changed_is_shown_and_stays_unless_it_is_named(product: Product) -> None:
    product.bring_in(works())
    machine = product.ok("POST", f"{CUSTOMER}/records/machine", {"name": "M1"})["id"]
    product.ok("PATCH", f"{CUSTOMER}/objects/check", {"label": {"en": "Inspection"}})
    product.ok("POST", f"{CUSTOMER}/objects/check/fields", field("depth"))
    plan = product.ok("POST", f"{PACKS}/works/removal/preview", {})
    shown = {f"{one['kind']}/{one['key']}": one for one in plan["items"]}
    assert (shown["object/machine"]["reason"], shown["object/machine"]["records"]) == ("records", 1)
    assert [(one["pointer"], one["before"]) for one in shown["object/check"]["changes"]] == [
        ("/label/en", "Check"), ("/fields/depth", None)]
    assert look(product)["object/check"] == ("keep", "changed")
    assert look(product)["group/works"] == ("keep", "needed")
    assert look(product, "object/machine")["object/machine"] == ("keep", "needed"), "the check that stays points at it"

    take_away(product)
    assert is_there(product, f"{CUSTOMER}/records/machine/{machine}")
    assert product.ok("GET", f"{CUSTOMER}/objects/check")["label"]["en"] == "Inspection"

    product.bring_in(works())
    assert look(product, "object/machine", "object/check")["object/machine"] == ("remove", "records")
    take_away(product, "object/machine", "object/check")
    assert not is_there(product, f"{CUSTOMER}/objects/machine")
    product.ok("POST", f"{CUSTOMER}/object-bin/check/restore?needed=true")
    assert product.ok("GET", f"{CUSTOMER}/records/machine/{machine}")["name"] == "M1", "the records come back, too"
    take_back(product)


def take_back(product: Product) -> None:
    product.ok("POST", f"{CUSTOMER}/object-bin", {"objects": ["machine", "check"]})
    for name in ("machine", "check"):
        product.ok("DELETE", f"{CUSTOMER}/object-bin/{name}")


def test_what_others_have_or_need_stays(product: Product) -> None:
    product.ok("POST", f"{CUSTOMER}/objects", {"name": "hall", "label": {"en": "Hall"}, "fields": [field("name")]})
    product.bring_in(renamed(works(), "machine", "press"))
    extra = {"pack.json": {"name": "extra", "version": "1.0.0", "label": {"en": "Extra"}, "order": ["groups"],
                           "requires": {"freehold": "0.1", "packs": ["works"]}},
             "groups.json": {"groups": [{"key": "works", "label": {"en": "Works"}, "position": 5}]}}
    product.bring_in(zipped(extra))
    product.ok("POST", f"{CUSTOMER}/objects/hall/fields", field("press_id", "reference", options={"object": "press"}))
    plan = product.ok("POST", f"{PACKS}/works/removal/preview", {})
    assert plan["needed_by"] == ["extra"]
    status, refused = product.call("POST", f"{PACKS}/works/removal", {})
    assert (status, refused["code"]) == (409, "pack_needed")
    run = product.finished(product.ok("POST", f"{PACKS}/extra/removal", {}))
    assert [(one["key"], one["reason"]) for one in run["left"]] == [("works", "other_pack")]
    shown = {f"{one['kind']}/{one['key']}": one for one in product.ok(
        "POST", f"{PACKS}/works/removal/preview", {})["items"]}
    assert (shown["object/press"]["reason"], shown["object/press"]["needed_by"]) == ("needed", ["hall"])
    assert shown["object/inspection"]["needed_by"] == ["press"], "what stays needs what it points at"


def renamed(archive: bytes, old: str, new: str) -> bytes:
    """The same pack with other objects, because names in the bin stay taken."""
    import io
    import json
    import zipfile

    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        texts = {name: opened.read(name).decode() for name in opened.namelist()}
    return zipped({name.replace(old, new).replace("check", "inspection"): json.loads(
        text.replace(old, new).replace('"check"', '"inspection"')) for name, text in texts.items()})
