"""The combined document: public paths, names that do not clash, and an honest word about what is missing."""

from __future__ import annotations

from typing import Any

from gateway.openapi import combine


def document(reference: str = "Task") -> dict[str, Any]:
    itself = {"$ref": f"#/components/schemas/{reference}"}
    answer = {"content": {"application/json": {"schema": itself}}}
    operation = {"tags": ["tasks"], "operationId": "get_tasks", "responses": {"200": answer}}
    return {"paths": {"/v1/tasks": {"get": operation, "parameters": []}},
            "tags": [{"name": "tasks", "description": "T"}],
            "components": {"schemas": {reference: {"properties": {"child": itself}}},
                           "securitySchemes": {"bearer": {"type": "http"}}}}


def references(part: Any) -> set[str]:
    if isinstance(part, dict):
        own = {part["$ref"]} if "$ref" in part else set()
        return own.union(*(references(value) for value in part.values()))
    return set().union(*(references(item) for item in part)) if isinstance(part, list) else set()


def resolves(whole: dict[str, Any], reference: str) -> bool:
    place: Any = whole
    for step in reference.removeprefix("#/").split("/"):
        place = place.get(step, {})
    return bool(place)


def test_paths_are_public_ones() -> None:
    whole = combine({"workflow": document(), "gateway": {"paths": {"/api/auth/login": {"servers": [{"url": "/"}]}}}})
    assert set(whole["paths"]) == {"/api/workflow/v1/tasks", "/api/auth/login"}
    assert whole["paths"]["/api/auth/login"] == {}


def test_equal_names_of_two_services_stay_apart_and_every_reference_resolves() -> None:
    whole = combine({"workflow": document(), "notify": document("task")})
    assert set(whole["components"]["schemas"]) == {"WorkflowTask", "NotifyTask"}
    assert all(resolves(whole, reference) for reference in references(whole))
    operation = whole["paths"]["/api/notify/v1/tasks"]["get"]
    assert (operation["operationId"], operation["tags"]) == ("notify_get_tasks", ["notify: tasks"])


def test_a_missing_service_is_named() -> None:
    whole = combine({"workflow": document(), "report": None})
    assert "report" in whole["info"]["description"]
    assert list(whole["paths"]) == ["/api/workflow/v1/tasks"]


def test_operations_without_an_id_get_one_of_their_own() -> None:
    plain = {"paths": {"/v1/tasks/{id}": {"get": {}, "delete": {}}}}
    item = combine({"workflow": plain})["paths"]["/api/workflow/v1/tasks/{id}"]
    ids = {operation["operationId"] for operation in item.values()}
    assert ids == {"workflow_get_v1_tasks_id_", "workflow_delete_v1_tasks_id_"}
