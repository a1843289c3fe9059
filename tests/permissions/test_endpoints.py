"""Every endpoint asked as every role, as nobody, and compared with a table written by hand.

The table names who may pass; everybody else gets 403. An endpoint that the OpenAPI document has and the table has not
fails the test, so nothing is published without a decision.
"""

from __future__ import annotations

import re
from typing import Any

import pytest

from chassis.ids import new_id

from .conftest import World
from .notify_endpoints import ADMIN, EVERYBODY, NOBODY, NOTIFY, OPERATORS, ROLES, RULES, WRITERS
from .workflow_endpoints import WORKFLOW

TABLE: dict[str, set[str]] = NOTIFY | WORKFLOW | {
    "POST /api/auth/logout": EVERYBODY,
    "GET /api/auth/me": EVERYBODY,
    "PATCH /api/auth/me": EVERYBODY,
    "POST /api/auth/password": EVERYBODY,
    "GET /api/gateway/v1/users": ADMIN,
    "POST /api/gateway/v1/users": ADMIN,
    "GET /api/gateway/v1/users/{id}": ADMIN,
    "PATCH /api/gateway/v1/users/{id}": ADMIN,
    "DELETE /api/gateway/v1/users/{id}": ADMIN,
    "POST /api/gateway/v1/users/{id}/reset-password": ADMIN,
    "POST /api/gateway/v1/users/{id}/sign-out": ADMIN,
    "GET /api/gateway/v1/calendars": ADMIN,
    "GET /api/gateway/v1/calendars/shipped": ADMIN,
    "POST /api/gateway/v1/calendars": ADMIN,
    "GET /api/gateway/v1/calendars/{id}": ADMIN,
    "PATCH /api/gateway/v1/calendars/{id}": ADMIN,
    "DELETE /api/gateway/v1/calendars/{id}": ADMIN,
    "GET /api/gateway/v1/departments": ADMIN,
    "POST /api/gateway/v1/departments": ADMIN,
    "GET /api/gateway/v1/departments/{id}": ADMIN,
    "PATCH /api/gateway/v1/departments/{id}": ADMIN,
    "DELETE /api/gateway/v1/departments/{id}": ADMIN,
    "GET /api/gateway/v1/roles": ADMIN,
    "POST /api/gateway/v1/roles": ADMIN,
    "GET /api/gateway/v1/roles/{id}": ADMIN,
    "PATCH /api/gateway/v1/roles/{id}": ADMIN,
    "DELETE /api/gateway/v1/roles/{id}": ADMIN,
    "GET /api/gateway/v1/people": EVERYBODY,
    "GET /api/gateway/v1/people/departments": EVERYBODY,
    "GET /api/gateway/v1/packs": ADMIN,
    "GET /api/gateway/v1/packs/export": ADMIN,
    "POST /api/gateway/v1/packs/uploads": ADMIN,
    "GET /api/gateway/v1/packs/runs": ADMIN,
    "GET /api/gateway/v1/packs/shipped": ADMIN,
    "POST /api/gateway/v1/packs/shipped/{name}": ADMIN,
    "GET /api/gateway/v1/packs/runs/{id}": ADMIN,
    "POST /api/gateway/v1/packs/runs/{id}/install": ADMIN,
    "GET /api/gateway/v1/packs/{name}/installed": ADMIN,
    "POST /api/gateway/v1/packs/{name}/removal": ADMIN,
    "POST /api/gateway/v1/packs/{name}/removal/preview": ADMIN,
    "PUT /api/gateway/v1/packs/{name}/installed": ADMIN,
    "GET /api/gateway/v1/keys": ADMIN,
    "POST /api/gateway/v1/keys": ADMIN,
    "DELETE /api/gateway/v1/keys/{id}": ADMIN,
    "POST /api/gateway/v1/keys/exchange": NOBODY,
    "GET /api/gateway/v1/directory": NOBODY,
    "GET /api/gateway/v1/audit": OPERATORS,
    "GET /api/customer/v1/objects": EVERYBODY,
    "POST /api/customer/v1/objects": ADMIN,
    "POST /api/customer/v1/objects/batch": ADMIN,
    "GET /api/customer/v1/objects/{object}": EVERYBODY,
    "PATCH /api/customer/v1/objects/{object}": ADMIN,
    "DELETE /api/customer/v1/objects/{object}": ADMIN,
    "GET /api/customer/v1/objects/{object}/indexes": ADMIN,
    "GET /api/customer/v1/objects/{object}/settling": ADMIN,
    "GET /api/customer/v1/objects/{object}/uses": ADMIN,
    "GET /api/customer/v1/objects/{object}/fields/{field}/uses": ADMIN,
    "POST /api/customer/v1/objects/{object}/fields/{field}/type/preview": ADMIN,
    "POST /api/customer/v1/objects/{object}/fields/{field}/type": ADMIN,
    "DELETE /api/customer/v1/objects/{object}/fields/{field}/type": ADMIN,
    "GET /api/customer/v1/object-bin": ADMIN,
    "POST /api/customer/v1/object-bin": ADMIN,
    "POST /api/customer/v1/object-bin/{object}/restore": ADMIN,
    "DELETE /api/customer/v1/object-bin/{object}": ADMIN,
    "PUT /api/customer/v1/objects/{object}/field-order": ADMIN,
    "PUT /api/customer/v1/objects/{object}/fields/{field}/stages": ADMIN,
    "GET /api/customer/v1/objects/{object}/bin": ADMIN,
    "POST /api/customer/v1/objects/{object}/bin/{id}/restore": ADMIN,
    "DELETE /api/customer/v1/objects/{object}/bin/{id}": ADMIN,
    "POST /api/customer/v1/objects/{object}/fields": ADMIN,
    "PATCH /api/customer/v1/objects/{object}/fields/{field}": ADMIN,
    "DELETE /api/customer/v1/objects/{object}/fields/{field}": ADMIN,
    "GET /api/customer/v1/objects/{object}/layout": EVERYBODY,
    "GET /api/customer/v1/objects/{object}/layouts": ADMIN,
    "POST /api/customer/v1/objects/{object}/layouts": ADMIN,
    "GET /api/customer/v1/objects/{object}/layouts/{key}": ADMIN,
    "PATCH /api/customer/v1/objects/{object}/layouts/{key}": ADMIN,
    "DELETE /api/customer/v1/objects/{object}/layouts/{key}": ADMIN,
    "POST /api/customer/v1/recipients": NOBODY,  # the service that runs campaigns
    "POST /api/customer/v1/survey-invitations": NOBODY,  # the service that sends mail
    "GET /api/customer/v1/web-forms": ADMIN,
    "POST /api/customer/v1/web-forms": ADMIN,
    "GET /api/customer/v1/web-forms/{id}": ADMIN,
    "PATCH /api/customer/v1/web-forms/{id}": ADMIN,
    "DELETE /api/customer/v1/web-forms/{id}": ADMIN,
    "GET /api/customer/v1/views": EVERYBODY,
    "GET /api/customer/v1/objects/{object}/views": EVERYBODY,
    "POST /api/customer/v1/objects/{object}/views": EVERYBODY,  # one's own; shared ones need views.share
    "PUT /api/customer/v1/objects/{object}/views/choice": EVERYBODY,
    "GET /api/customer/v1/objects/{object}/views/{id}": EVERYBODY,
    "PATCH /api/customer/v1/objects/{object}/views/{id}": EVERYBODY,
    "DELETE /api/customer/v1/objects/{object}/views/{id}": EVERYBODY,
    "GET /api/customer/v1/objects/{object}/views/{id}/records": EVERYBODY,
    "GET /api/customer/v1/formulas/functions": EVERYBODY,
    "POST /api/customer/v1/formulas/{object}/check": ADMIN,
    "GET /api/customer/v1/records/{object}": EVERYBODY,
    "POST /api/customer/v1/records/{object}": WRITERS,
    "POST /api/customer/v1/records/{object}/query": EVERYBODY,
    "POST /api/customer/v1/records/{object}/seen": NOBODY,  # services that tell others for a person
    "POST /api/customer/v1/records/{object}/replay": NOBODY,  # services that try rules out
    "POST /api/customer/v1/records/{object}/judge": EVERYBODY,  # with his own eyes
    "GET /api/customer/v1/records/{object}/{id}": EVERYBODY,
    "PATCH /api/customer/v1/records/{object}/{id}": WRITERS,
    "DELETE /api/customer/v1/records/{object}/{id}": RULES,
    "POST /api/customer/v1/records/{object}/batch": EVERYBODY,  # each operation is judged by itself
    "GET /api/customer/v1/records/{object}/{id}/timeline": EVERYBODY,
    "POST /api/customer/v1/records/{object}/{id}/convert": WRITERS,
    "GET /api/customer/v1/records/{object}/{id}/lines": EVERYBODY,
    "POST /api/customer/v1/records/{object}/lines": WRITERS,
    "PATCH /api/customer/v1/records/{object}/{id}/lines": WRITERS,
    "POST /api/customer/v1/records/{object}/fill": EVERYBODY,
    "POST /api/customer/v1/records/{object}/duplicates": EVERYBODY,
    "POST /api/customer/v1/records/{object}/export": EVERYBODY,
    "POST /api/customer/v1/records/{object}/kanban": EVERYBODY,
    "POST /api/customer/v1/records/{object}/calendar": EVERYBODY,
    "POST /api/customer/v1/records/{object}/totals": EVERYBODY,
    "GET /api/customer/v1/search": EVERYBODY,
    "GET /api/customer/v1/files/{id}": EVERYBODY,  # of records in one's scope
    "GET /api/customer/v1/duplicates/{object}": EVERYBODY,
    "POST /api/customer/v1/duplicates/{object}/pairs/{id}": WRITERS,
    "GET /api/customer/v1/duplicates/{object}/scan": EVERYBODY,
    "POST /api/customer/v1/duplicates/{object}/scan": ADMIN,
    "GET /api/customer/v1/duplicates/{object}/setup": EVERYBODY,
    "PUT /api/customer/v1/duplicates/{object}/setup": ADMIN,
    "DELETE /api/customer/v1/duplicates/{object}/setup": ADMIN,
    "POST /api/customer/v1/records/{object}/{id}/merge": RULES,
    "GET /api/customer/v1/records/{object}/{id}/as-of": EVERYBODY,
    "GET /api/customer/v1/records/{object}/{id}/compare": EVERYBODY,
    "POST /api/customer/v1/records/{object}/{id}/restore": WRITERS,
    "GET /api/customer/v1/records/{object}/{id}/stages": EVERYBODY,
    "PUT /api/customer/v1/records/{object}/{id}/stages/{field}/checks/{key}": WRITERS,
    "GET /api/customer/v1/bin/{object}": RULES,
    "POST /api/customer/v1/bin/{object}/{id}/restore": RULES,
    "DELETE /api/customer/v1/bin/{object}/{id}": ADMIN,
    "GET /api/customer/v1/segments": EVERYBODY,
    "POST /api/customer/v1/segments": RULES,
    "GET /api/customer/v1/segments/{id}": EVERYBODY,
    "PATCH /api/customer/v1/segments/{id}": RULES,
    "DELETE /api/customer/v1/segments/{id}": RULES,
    "POST /api/customer/v1/segments/{id}/rebuild": RULES,
    "GET /api/customer/v1/segments/{id}/passages": EVERYBODY,
    "GET /api/customer/v1/records/{object}/{id}/segments": EVERYBODY,
    "GET /api/customer/v1/object-groups": EVERYBODY,
    "POST /api/customer/v1/object-groups": ADMIN,
    "PUT /api/customer/v1/object-groups/{key}": ADMIN,
    "DELETE /api/customer/v1/object-groups/{key}": ADMIN,
    "GET /api/customer/v1/currencies": EVERYBODY,
    "PUT /api/customer/v1/currencies": ADMIN,
    "GET /api/customer/v1/exchange-rates": ADMIN,
    "PUT /api/customer/v1/exchange-rates/{currency}/{valid_from}": ADMIN,
    "DELETE /api/customer/v1/exchange-rates/{currency}/{valid_from}": ADMIN,
    "GET /api/customer/v1/tags": EVERYBODY,
    "POST /api/customer/v1/tags": ADMIN,
    "PATCH /api/customer/v1/tags/{key}": ADMIN,
    "DELETE /api/customer/v1/tags/{key}": ADMIN,
    "POST /api/customer/v1/objects/{object}/tags": ADMIN,
    "POST /api/customer/v1/records/{object}/tags": WRITERS,
    "GET /api/customer/v1/privacy/{object}/{id}/report": ADMIN,
    "GET /api/customer/v1/privacy/{object}/{id}/erasure": ADMIN,
    "POST /api/customer/v1/privacy/{object}/{id}/erase": ADMIN,
    "GET /api/customer/v1/records/{object}/{id}/consents": EVERYBODY,
    "POST /api/customer/v1/records/{object}/{id}/consents": WRITERS,
    "GET /api/customer/v1/retention": ADMIN,
    "POST /api/customer/v1/retention": ADMIN,
    "POST /api/customer/v1/retention/dry-run": ADMIN,
    "PUT /api/customer/v1/retention/{id}": ADMIN,
    "DELETE /api/customer/v1/retention/{id}": ADMIN,
    "POST /api/customer/v1/retention/{id}/dry-run": ADMIN,
    "GET /api/customer/v1/merges": EVERYBODY,
    "POST /api/customer/v1/merges/{id}/undo": EVERYBODY,  # a merge that is not there for the caller is a 404
    "GET /api/customer/v1/records/{object}/{id}/shares": EVERYBODY,
    "POST /api/customer/v1/records/{object}/{id}/shares": WRITERS,
    "DELETE /api/customer/v1/records/{object}/{id}/shares/{share_id}": EVERYBODY,  # a share that is not there: 404
    "POST /api/customer/v1/records/{object}/{id}/unmask": ADMIN,  # a permission of its own
    "GET /api/customer/v1/records/{object}/{id}/access": EVERYBODY,
    "GET /api/customer/v1/records/{object}/{id}/access/people": EVERYBODY,  # of records in one's own scope
    "GET /api/customer/v1/sharing/rules": ADMIN,
    "POST /api/customer/v1/sharing/rules": ADMIN,
    "GET /api/customer/v1/sharing/rules/{id}": ADMIN,
    "PATCH /api/customer/v1/sharing/rules/{id}": ADMIN,
    "DELETE /api/customer/v1/sharing/rules/{id}": ADMIN,
    "GET /api/customer/v1/pools": EVERYBODY,  # those that the caller is in
    "POST /api/customer/v1/pools": ADMIN,
    "GET /api/customer/v1/pools/{id}": EVERYBODY,
    "PATCH /api/customer/v1/pools/{id}": ADMIN,
    "DELETE /api/customer/v1/pools/{id}": ADMIN,
    "GET /api/customer/v1/pools/{id}/passages": EVERYBODY,  # a pool that the caller does not manage is a 404
    "POST /api/customer/v1/pools/{id}/returns/preview": ADMIN,
    "POST /api/customer/v1/pools/{id}/returns/run": ADMIN,
    "GET /api/customer/v1/pools/{id}/returns/run": ADMIN,
    "GET /api/customer/v1/records/{object}/{id}/pool": EVERYBODY,
    "POST /api/customer/v1/records/{object}/{id}/claim": WRITERS,
    "POST /api/customer/v1/records/{object}/claim": WRITERS,
    "POST /api/customer/v1/records/{object}/{id}/return": WRITERS,
    "POST /api/customer/v1/records/{object}/return": WRITERS,
    "POST /api/customer/v1/records/{object}/{id}/assign": WRITERS,
    "POST /api/customer/v1/records/{object}/assign": WRITERS,
    "POST /api/customer/v1/records/{object}/{id}/move": WRITERS,
    "POST /api/customer/v1/records/{object}/move": WRITERS,
    "GET /api/customer/v1/handovers/preview/{person_id}": ADMIN,
    "GET /api/customer/v1/handovers": ADMIN,
    "POST /api/customer/v1/handovers": ADMIN,
    "GET /api/customer/v1/handovers/{id}": ADMIN,
    "POST /api/customer/v1/handovers/{id}/undo": ADMIN,
    "GET /api/customer/v1/handovers/{id}/kept": ADMIN,
    "GET /api/customer/v1/sharing/shares": NOBODY,  # services that keep a copy
    "POST /api/customer/v1/exports": EVERYBODY,
    "GET /api/customer/v1/exports": EVERYBODY,  # one's own
    "GET /api/customer/v1/exports/{id}": EVERYBODY,
    "DELETE /api/customer/v1/exports/{id}": EVERYBODY,
    "GET /api/customer/v1/exports/{id}/file": EVERYBODY,
    "GET /api/customer/v1/bulk-jobs": EVERYBODY,  # one's own
    "POST /api/customer/v1/bulk-jobs": EVERYBODY,  # the object that it names decides
    "GET /api/customer/v1/bulk-jobs/{id}": EVERYBODY,
    "POST /api/customer/v1/bulk-jobs/{id}/cancel": EVERYBODY,
    "POST /api/customer/v1/bulk-jobs/{id}/undo": EVERYBODY,
    "GET /api/customer/v1/bulk-jobs/{id}/refused": EVERYBODY,
    "GET /api/customer/v1/bulk-jobs/{id}/refused.xlsx": EVERYBODY,
    "GET /api/customer/v1/bulk-jobs/{id}/refused.csv": EVERYBODY,
    "GET /api/customer/v1/bulk-jobs/{id}/kept": EVERYBODY,
    "POST /api/customer/v1/imports/uploads": EVERYBODY,
    "GET /api/customer/v1/imports/uploads/{id}": EVERYBODY,  # one's own
    "PUT /api/customer/v1/imports/uploads/{id}": EVERYBODY,
    "DELETE /api/customer/v1/imports/uploads/{id}": EVERYBODY,
    "POST /api/customer/v1/imports/uploads/{id}/finish": EVERYBODY,
    "GET /api/customer/v1/imports": EVERYBODY,  # one's own
    "GET /api/customer/v1/imports/template": RULES,
    "GET /api/customer/v1/imports/{id}": EVERYBODY,
    "PATCH /api/customer/v1/imports/{id}": EVERYBODY,
    "DELETE /api/customer/v1/imports/{id}": EVERYBODY,
    "POST /api/customer/v1/imports/{id}/check": EVERYBODY,
    "POST /api/customer/v1/imports/{id}/start": EVERYBODY,
    "POST /api/customer/v1/imports/{id}/undo": EVERYBODY,
    "GET /api/customer/v1/imports/{id}/kept": EVERYBODY,
    "GET /api/customer/v1/imports/{id}/errors": EVERYBODY,
    "GET /api/customer/v1/imports/{id}/errors.xlsx": EVERYBODY,
    "GET /api/customer/v1/imports/{id}/errors.csv": EVERYBODY,
    "POST /api/report/v1/query": EVERYBODY,
    "POST /api/report/v1/drill": EVERYBODY,
    "POST /api/report/v1/funnel": EVERYBODY,
    "GET /api/report/v1/dashboards": EVERYBODY,
    "POST /api/report/v1/dashboards": EVERYBODY,  # a board of one's own; shared ones need dashboards.manage
    "GET /api/report/v1/dashboards/{id}": EVERYBODY,
    "PATCH /api/report/v1/dashboards/{id}": EVERYBODY,
    "DELETE /api/report/v1/dashboards/{id}": EVERYBODY,
    "GET /api/report/v1/dashboards/{id}/data": EVERYBODY,
    "GET /api/report/v1/dashboards/{id}/file": EVERYBODY,
    "GET /api/report/v1/board-schedules": EVERYBODY,  # those of one's own; sending to others needs dashboards.manage
    "POST /api/report/v1/board-schedules": EVERYBODY,
    "GET /api/report/v1/board-schedules/{id}": EVERYBODY,
    "PATCH /api/report/v1/board-schedules/{id}": EVERYBODY,
    "DELETE /api/report/v1/board-schedules/{id}": EVERYBODY,
    "POST /api/report/v1/board-schedules/{id}/send": EVERYBODY,
    "GET /api/report/v1/board-files/{id}": EVERYBODY,
    "GET /api/report/v1/analyses": EVERYBODY,  # those whose objects and fields the caller may read
    "POST /api/report/v1/analyses": ADMIN,
    "GET /api/report/v1/analyses/{id}": EVERYBODY,
    "PATCH /api/report/v1/analyses/{id}": ADMIN,
    "DELETE /api/report/v1/analyses/{id}": ADMIN,
    "POST /api/report/v1/analyses/{id}/train": ADMIN,
    "GET /api/report/v1/analyses/{id}/scores": EVERYBODY,
    "GET /api/report/v1/analyses/{id}/result": EVERYBODY,
    "GET /api/report/v1/record-scores/{object}/{id}": EVERYBODY,
    "POST /api/report/v1/rebuild": ADMIN,
    "GET /api/report/v1/status": OPERATORS,
}
for _service in ("gateway", "customer", "workflow", "notify", "report"):
    TABLE[f"GET /api/{_service}/v1/admin/dead-letters"] = OPERATORS
    TABLE[f"GET /api/{_service}/v1/admin/dead-letters/{{id}}"] = OPERATORS
    TABLE[f"DELETE /api/{_service}/v1/admin/dead-letters/{{id}}"] = OPERATORS
    TABLE[f"POST /api/{_service}/v1/admin/dead-letters/{{id}}/replay"] = OPERATORS

PUBLIC = {"POST /api/auth/login", "POST /api/auth/refresh"}
# asked elsewhere: uploads (tests of the import and of files), a stream without end (tests of notify)
ELSEWHERE = {"POST /api/customer/v1/imports", "POST /api/customer/v1/files", "GET /api/notify/v1/inbox/stream"}
# what is open before somebody has chosen a password of his own
OWN_ACCOUNT = {"GET /api/auth/me", "PATCH /api/auth/me", "POST /api/auth/password", "POST /api/auth/logout"}
_METHODS = ("get", "post", "put", "patch", "delete")
_OF_ONE_OBJECT = re.compile(r"^/api/customer/v1/records/[a-z_]+(/|$)")


def operations(world: World) -> set[str]:
    document = world.house.good(world.house.admin_id, "GET", "/api/openapi.json")
    return {f"{method.upper()} {path}" for path, item in document["paths"].items() if not _OF_ONE_OBJECT.match(path)
            for method in item if method in _METHODS}


def ask(world: World, user: str | None, operation: str, headers: dict[str, str] | None = None) -> tuple[int, Any]:
    method, _, path = operation.partition(" ")
    definition = path.startswith("/api/customer/v1/object") and method in ("PATCH", "DELETE", "POST")
    path = path.replace("{object}", "no_such_object" if definition else "lead")
    path = path.replace("{field}", "no_such_field").replace("{key}", "no_such_key").replace("{id}", new_id())
    path = path.replace("{share_id}", new_id()).replace("{number}", "1").replace("{move}", new_id())
    if path.endswith("/template"):
        path += "?object=lead"
    return world.house.call(user, method, path, None if method in ("GET", "DELETE") else {}, headers)


def test_the_table_names_every_endpoint_and_no_other(world: World) -> None:
    assert operations(world) == set(TABLE) | PUBLIC | ELSEWHERE


@pytest.mark.parametrize("operation", sorted(TABLE))
def test_each_role_passes_or_is_refused_as_the_table_says(world: World, operation: str) -> None:
    for role in ROLES:
        status, answer = ask(world, world.callers[role], operation)
        assert status < 500, (role, operation, answer)
        assert (status == 403) == (role not in TABLE[operation]), (role, operation, status, answer)


@pytest.mark.parametrize("operation", sorted(set(TABLE) | ELSEWHERE))
def test_nobody_passes_without_signing_in(world: World, operation: str) -> None:
    assert ask(world, None, operation)[0] == 401


@pytest.mark.parametrize("operation", sorted(set(TABLE) | ELSEWHERE))
def test_nobody_passes_with_a_password_that_somebody_else_made_up(world: World, operation: str) -> None:
    token = world.house.token(world.callers["administrator"], must_change_password=True)
    status, answer = ask(world, None, operation, {"Authorization": f"Bearer {token}"})
    assert (status == 403 and answer["code"] == "password_must_change") == (operation not in OWN_ACCOUNT)
