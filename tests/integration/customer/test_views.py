"""Saved views: kept for oneself, shared with roles and departments, and never a way around somebody's rights."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.customer.conftest import Company, grant

EAST = {"field": "region", "op": "eq", "value": "east"}
VIEWS = "/objects/lead/views"


def saved(company: Company, who: str, **members: Any) -> Any:
    """The answer of saving a view."""
    return company.call(who, "POST", VIEWS, {"name": {"en": "East"}, "kind": "list", **members})


def view(company: Company, who: str, **members: Any) -> dict[str, Any]:
    """A view that was saved."""
    answer = saved(company, who, **members)
    assert answer.status_code == 201, answer.json
    return answer.json


def seen(company: Company, who: str) -> dict[str, dict[str, Any]]:
    """Id → view of what somebody sees."""
    return {one["id"]: one for one in company.call(who, "GET", VIEWS).json["items"]}


@pytest.fixture
def sharer(company: Company) -> str:
    """Somebody of the eastern department who may share views."""
    role = company.harness.role({"lead": grant("department_and_below")}, ("views.share",))
    return company.harness.user("Sharer", company.east, (role,))


def test_a_view_keeps_what_a_list_shows_and_comes_back_with_its_version(company: Company) -> None:
    body = {"criteria": EAST, "sort": ["-expected_amount"], "columns": [{"field": "name", "width": 240},
            {"field": "region", "width": None}], "frozen": 1,
            "totals": [{"field": "expected_amount", "function": "sum"}]}
    made = view(company, company.wang, **body)
    answer = company.call(company.wang, "GET", f"{VIEWS}/{made['id']}")
    assert answer.headers["ETag"] == '"1"'
    assert {name: answer.json[name] for name in body} == body
    assert answer.json["visibility"] == "private"
    assert answer.json["editable"]
    assert answer.json["usable"]


def test_a_private_view_is_there_for_its_owner_alone(company: Company) -> None:
    made = view(company, company.wang)
    for other in (company.li, company.boss, company.admin):
        assert made["id"] not in seen(company, other)
        assert company.call(other, "GET", f"{VIEWS}/{made['id']}").status_code == 404
        assert company.call(other, "DELETE", f"{VIEWS}/{made['id']}").status_code == 404


def test_sharing_needs_the_right_for_it(company: Company) -> None:
    answer = saved(company, company.wang, visibility="everybody")
    assert (answer.status_code, answer.json["code"]) == (403, "permission_missing")
    own = view(company, company.wang)
    answer = company.call(company.wang, "PATCH", f"{VIEWS}/{own['id']}", {"visibility": "everybody"})
    assert answer.status_code == 403


def test_a_department_and_all_below_it_see_what_is_shared_with_it(company: Company, sharer: str) -> None:
    made = view(company, sharer, visibility="shared", department_ids=[company.east])
    assert made["id"] in seen(company, company.wang)
    assert made["id"] in seen(company, company.boss)
    assert made["id"] not in seen(company, company.li)


def test_a_role_sees_what_is_shared_with_it(company: Company, sharer: str) -> None:
    role = company.harness.role({"lead": grant("own")})
    key = company.harness.service.directory.snapshot(fresh=True).roles[role]["key"]
    member = company.harness.user("Member", company.north, (role,))
    made = view(company, sharer, visibility="shared", role_keys=[key])
    assert made["id"] in seen(company, member)
    assert made["id"] not in seen(company, company.li)


def test_others_use_a_shared_view_that_its_owner_and_administrators_change(company: Company, sharer: str) -> None:
    made = view(company, sharer, visibility="everybody")
    assert not seen(company, company.li)[made["id"]]["editable"]
    path = f"{VIEWS}/{made['id']}"
    assert company.call(company.li, "PATCH", path, {"position": 3}).status_code == 403
    assert company.call(company.li, "DELETE", path).status_code == 403
    assert company.call(company.admin, "PATCH", path, {"position": 3}).json["position"] == 3
    assert company.call(sharer, "DELETE", path).status_code == 204
    assert company.call(company.li, "GET", path).status_code == 404


def test_a_change_on_top_of_a_version_that_stands_no_more_is_refused(company: Company) -> None:
    made = view(company, company.wang)
    path = f"{VIEWS}/{made['id']}"
    assert company.call(company.wang, "PATCH", path, {"position": 5}, headers={"If-Match": '"1"'}).status_code == 200
    answer = company.call(company.wang, "PATCH", path, {"position": 7}, headers={"If-Match": '"1"'})
    assert (answer.status_code, answer.json["code"]) == (412, "version_conflict")


def test_a_hidden_field_is_no_leak_through_a_shared_view(company: Company, sharer: str) -> None:
    rich = {"field": "expected_amount", "op": "gte", "value": "100000"}
    blind = company.seller(company.east_team, grant("all", expected_amount="none"))
    telling = view(company, sharer, visibility="everybody", criteria=rich,
                   columns=[{"field": "expected_amount", "width": None}])
    harmless = view(company, sharer, visibility="everybody", criteria=EAST, sort=["expected_amount"],
                    columns=[{"field": "name", "width": None}, {"field": "expected_amount", "width": None}],
                    sum_field="expected_amount", totals=[{"field": "expected_amount", "function": "sum"}])
    shown = seen(company, blind)
    assert not shown[telling["id"]]["usable"]
    assert "100000" not in str(shown[telling["id"]])
    assert "expected_amount" not in str(shown[telling["id"]])
    assert shown[harmless["id"]]["usable"]
    assert "expected_amount" not in str(shown[harmless["id"]])
    answer = company.call(blind, "GET", f"{VIEWS}/{telling['id']}/records")
    assert (answer.status_code, answer.json["code"]) == (403, "view_not_usable")
    assert "expected_amount" not in str(company.call(blind, "GET", f"{VIEWS}/{harmless['id']}/records").json)


def test_a_view_answers_under_the_rights_of_who_asks(company: Company, sharer: str) -> None:
    for who in (company.wang, company.li):
        company.lead(who, name="华东", region="east")
        company.lead(who, name="华北", region="north")
    made = view(company, sharer, visibility="everybody", criteria=EAST, columns=[{"field": "name", "width": None}])
    path = f"{VIEWS}/{made['id']}/records?total=exact"
    for who in (company.wang, company.li):
        answer = company.call(who, "GET", path).json
        assert answer["total"] == 1
        assert set(answer["items"][0]) == {"id", "version", "name"}
    assert company.call(company.admin, "GET", path).json["total"] == 2


def test_a_view_of_a_field_that_is_gone_is_not_usable(company: Company) -> None:
    made = view(company, company.admin, criteria={"field": "site", "op": "is_set"})
    assert company.call(company.admin, "DELETE", "/objects/lead/fields/site").status_code == 204
    assert not seen(company, company.admin)[made["id"]]["usable"]


def test_each_person_chooses_a_default_an_order_and_what_is_pinned(company: Company, sharer: str) -> None:
    standard = view(company, company.admin, visibility="everybody", is_default=True)
    other = view(company, sharer, visibility="everybody")
    own = view(company, company.wang)
    assert company.call(company.wang, "GET", VIEWS).json["default_id"] == standard["id"]
    chosen = {"default_id": other["id"], "pinned": [own["id"], other["id"]],
              "order": [own["id"], other["id"], standard["id"]]}
    assert company.call(company.wang, "PUT", f"{VIEWS}/choice", chosen).json == chosen
    answer = company.call(company.wang, "GET", VIEWS).json
    assert (answer["default_id"], [one["id"] for one in answer["items"]]) == (other["id"], chosen["order"])
    assert {one["id"] for one in company.call(company.wang, "GET", "/views?pinned=true").json["items"]} \
        == set(chosen["pinned"])
    assert company.call(company.li, "GET", VIEWS).json["default_id"] == standard["id"]
    assert company.call(sharer, "DELETE", f"{VIEWS}/{other['id']}").status_code == 204
    answer = company.call(company.wang, "GET", VIEWS).json
    assert (answer["default_id"], answer["choice"]["pinned"]) == (standard["id"], [own["id"]])


def test_what_somebody_else_keeps_for_himself_can_not_be_chosen(company: Company) -> None:
    own = view(company, company.wang)
    answer = company.call(company.li, "PUT", f"{VIEWS}/choice", {"pinned": [own["id"]]})
    assert answer.status_code == 422
    assert answer.json["errors"][0]["pointer"] == "/pinned/0"


def test_an_object_has_one_default(company: Company) -> None:
    first = view(company, company.admin, visibility="everybody", is_default=True)
    second = view(company, company.admin, visibility="everybody", is_default=True)
    shown = seen(company, company.wang)
    assert (shown[first["id"]]["is_default"], shown[second["id"]]["is_default"]) == (False, True)


@pytest.mark.parametrize(("members", "pointer"), [
    ({"kind": "chart"}, "/kind"), ({"name": {}}, "/name"), ({"name": "East"}, "/name"),
    ({"criteria": {"field": "nothing", "op": "is_set"}}, "/criteria/field"), ({"criteria": 7}, "/criteria"),
    ({"sort": ["note"]}, "/sort"), ({"sort": "name"}, "/sort"), ({"columns": 5}, "/columns"),
    ({"columns": [{"field": "nothing"}]}, "/columns/0/field"), ({"columns": ["name"]}, "/columns/0"),
    ({"columns": [{"field": "name", "width": 3}]}, "/columns/0/width"),
    ({"columns": [{"field": "name"}, {"field": "name"}]}, "/columns/1/field"), ({"frozen": 3}, "/frozen"),
    ({"kind": "kanban"}, "/group_field"), ({"kind": "kanban", "group_field": "name"}, "/group_field"),
    ({"kind": "calendar"}, "/date_field"), ({"kind": "calendar", "date_field": "region"}, "/date_field"),
    ({"sum_field": "name"}, "/sum_field"), ({"totals": [{"field": "score"}]}, "/totals/0"),
    ({"totals": [{"field": "name", "function": "sum"}]}, "/totals/0/field"),
    ({"totals": [{"field": "score", "function": "median"}]}, "/totals/0/function"),
    ({"visibility": "all"}, "/visibility"), ({"visibility": "shared"}, "/role_keys"),
    ({"role_keys": ['"']}, "/role_keys"), ({"position": "first"}, "/position"), ({"is_default": 1}, "/is_default"),
    ({"is_default": True}, "/is_default"), ({"colour": "red"}, "/colour"),
])
def test_a_mistake_is_told_at_its_place(company: Company, members: dict[str, Any], pointer: str) -> None:
    answer = saved(company, company.admin, **members)
    assert answer.status_code == 422, answer.json
    assert answer.json["errors"][0]["pointer"] == pointer
    assert answer.json["errors"][0]["detail"]


def test_making_changing_and_deleting_a_view_is_told_without_its_criteria(company: Company) -> None:
    made = view(company, company.wang, criteria=EAST)
    company.call(company.wang, "PATCH", f"{VIEWS}/{made['id']}", {"position": 3})
    company.call(company.wang, "DELETE", f"{VIEWS}/{made['id']}")
    told = [message.data for message in company.harness.published() if message.type.endswith("view.changed.v1")]
    assert [(one["view"]["version"], one["deleted"]) for one in told] == [(1, False), (2, False), (2, True)]
    assert "east" not in str(told)
