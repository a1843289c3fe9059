"""Objects that speak of each other are made in one call: all of them, or none."""

from __future__ import annotations

from typing import Any


def text(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "type": "text", "label": {"en": name.capitalize()}, **more}


def link(name: str, to: str) -> dict[str, Any]:
    return {"name": name, "type": "reference", "label": {"en": name}, "options": {"object": to}}


def circle() -> list[dict[str, Any]]:
    """A plant has machines, a machine has a plant and a first check, a check has its machine."""
    return [
        {"name": "plant", "label": {"en": "Plant"}, "fields": [text("name"), link("best_id", "machine"), {
            "name": "machines", "type": "rollup", "label": {"en": "Machines"}, "options": {
                "object": "machine", "reference": "plant_id", "function": "sum", "field": "worth",
                "result": "integer"}}]},
        {"name": "machine", "label": {"en": "Machine"}, "list_fields": ["name", "worth"], "fields": [
            text("name", unique=True), link("plant_id", "plant"), link("check_id", "check"),
            {"name": "price", "type": "integer", "label": {"en": "Price"}},
            {"name": "worth", "type": "formula", "label": {"en": "Worth"}, "options": {
                "expression": "price + LEN(plant_id.name)", "result": "integer"}}]},
        {"name": "check", "label": {"en": "Check"}, "line_of": {"reference": "machine_id"},
         "fields": [text("name"), link("machine_id", "machine"),
                    {"name": "others", "type": "reference_list", "label": {"en": "Others"},
                     "options": {"object": "plant"}}]}]


def together(company: Any, objects: Any) -> Any:
    return company.call(company.admin, "POST", "/objects/batch", {"objects": objects})


def test_objects_that_point_at_each_other_in_a_circle_are_made_at_once_and_work(company: Any) -> None:
    made = together(company, circle())
    assert made.status_code == 201, made.json["errors"]
    assert [one["name"] for one in made.json["items"]] == ["plant", "machine", "check"]
    plant = company.call(company.admin, "POST", "/records/plant", {"name": "East"}).json["id"]
    machine = company.call(company.admin, "POST", "/records/machine",
                           {"name": "M1", "plant_id": plant, "price": 5})
    assert (machine.status_code, machine.json["worth"]) == (201, 9), machine.json
    best = company.call(company.admin, "PATCH", f"/records/plant/{plant}", {"best_id": machine.json["id"]})
    assert best.json["best_id"] == machine.json["id"]
    refused = company.call(company.admin, "PATCH", f"/records/plant/{plant}", {"best_id": plant})
    assert refused.status_code == 422, "a link leads to a machine or nowhere"
    again = company.call(company.admin, "POST", "/records/machine", {"name": "M1", "plant_id": plant})
    assert again.status_code == 409, "the unique index is there"


def test_one_that_is_wrong_leaves_none_of_them_and_is_pointed_at(company: Any) -> None:
    cases = [
        (lambda objects: objects[1]["fields"][1]["options"].update(object="nowhere"),
         "/objects/1/fields/1/options/object", 422),
        (lambda objects: objects[0]["fields"][2]["options"].update(field="weight"),
         "/objects/0/fields/2/options/field", 422),
        (lambda objects: objects[2].update(title_field="machine_id"), "/objects/2/title_field", 422),
        (lambda objects: objects[2].update(group="nowhere"), "/objects/2/group", 422),
        (lambda objects: objects[2].update(line_of={"reference": "others"}), "/objects/2/line_of/reference", 422),
        (lambda objects: objects[2].update(name="plant"), "/objects/2/name", 409),
        (lambda objects: objects[0].update(name="lead"), "/objects/0/name", 409)]
    for spoil, pointer, status in cases:
        objects = circle()
        spoil(objects)
        answer = together(company, objects)
        assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (status, pointer), answer.json
    for name in ("plant", "machine", "check"):
        assert company.call(company.admin, "GET", f"/objects/{name}").status_code == 404
    assert together(company, circle()).status_code == 201, "nothing is in the way of the next try"


def test_what_is_no_list_of_objects_is_refused(company: Any) -> None:
    for objects, pointer in ((None, "/objects"), ([], "/objects"), ({}, "/objects"), ([7], "/objects/0"),
                             (circle()[:1] * 101, "/objects")):
        answer = together(company, objects)
        assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, pointer)
    assert company.call(company.wang, "POST", "/objects/batch", {"objects": circle()}).status_code == 403
