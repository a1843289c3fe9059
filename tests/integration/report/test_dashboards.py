"""Dashboards: who sees and changes them, and what their widgets answer."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.report.conftest import House, grant

MANAGE = ("dashboards.manage",)
BY_REGION = {"key": "by_region", "kind": "bar", "title": {"en": "Leads by region", "zh-CN": "各区域线索"},
             "query": {"object": "lead", "dimensions": [{"field": "region", "empty": True}]},
             "layout": {"x": 0, "y": 0, "w": 6, "h": 4}}
FUNNEL = {"key": "funnel", "kind": "funnel", "title": {"en": "Funnel"}, "layout": {"x": 6, "y": 0, "w": 6, "h": 4},
          "query": {"object": "lead", "field": "status"}}
CROSSED = {"key": "crossed", "kind": "pivot", "title": {"en": "Crossed"}, "layout": {"x": 0, "y": 6, "w": 6, "h": 4},
           "query": {"object": "lead", "dimensions": [{"field": "region"}, {"field": "status"}]}}
FULL = {"key": "full", "kind": "gauge", "title": {"en": "Of six"}, "layout": {"x": 6, "y": 6, "w": 6, "h": 4},
        "query": {"object": "lead"}, "options": {"target": "6"}}
CUSTOMERS = {"key": "customers", "kind": "kpi", "title": {"en": "Customers"}, "query": {"object": "customer"},
             "layout": {"x": 0, "y": 4, "w": 3, "h": 2}, "options": {"color": "blue"}}


def board(**more: Any) -> dict[str, Any]:
    return {"name": {"en": "Sales", "zh-CN": "销售"}, "widgets": [BY_REGION, FUNNEL, CUSTOMERS], **more}


def made(house: House, who: str, **more: Any) -> dict[str, Any]:
    answer = house.ask(who, "/dashboards", board(**more))
    assert answer.status_code == 201, answer.json
    return answer.json


def names(house: House, who: str) -> list[str]:
    return [one["key"] for one in house.ask(who, "/dashboards", method="GET").json["items"]]


def test_a_dashboard_comes_back_as_it_was_written(house: House) -> None:
    keeper = house.user("Keeper", permissions=MANAGE)
    one = made(house, keeper, key="crm.sales", visibility="everybody")
    answer = house.ask(keeper, f"/dashboards/{one['id']}", method="GET")
    assert answer.json == one
    assert {name: answer.json[name] for name in board()} == board()
    assert answer.headers["ETag"] == '"1"'


def test_each_sees_his_own_those_of_his_roles_and_those_of_everybody(house: House) -> None:
    keeper = house.user("Keeper", permissions=MANAGE)
    rep = house.user("Rep", role_key="sales_rep")
    other = house.user("Other", role_key="finance")
    made(house, keeper, key="all", visibility="everybody", position=1)
    made(house, keeper, key="reps", visibility="roles", role_keys=["sales_rep", "sales_manager"], position=2)
    mine = made(house, rep, key="mine", position=3)
    made(house, keeper, key="keepers", position=4)
    assert names(house, keeper) == ["all", "reps", "keepers"]
    assert names(house, rep) == ["all", "reps", "mine"]
    assert names(house, other) == ["all"]
    items = house.ask(rep, "/dashboards", method="GET").json["items"]
    assert [one["editable"] for one in items] == [False, False, True]
    assert [one["key"] for one in house.ask(rep, "/dashboards?key=mine", method="GET").json["items"]] == ["mine"]
    for path, method in ((f"/dashboards/{mine['id']}", "GET"), (f"/dashboards/{mine['id']}/data", "GET"),
                         (f"/dashboards/{mine['id']}", "DELETE"), ("/dashboards/not-an-id", "GET")):
        assert house.ask(keeper, path, method=method).status_code == 404


def test_shared_dashboards_need_the_permission(house: House) -> None:
    keeper, rep = house.user("Keeper", permissions=MANAGE), house.user("Rep")
    for visibility in ("everybody", "roles"):
        answer = house.ask(rep, "/dashboards", board(visibility=visibility, role_keys=["x"]))
        assert answer.status_code == 403
    shared, own = made(house, keeper, visibility="everybody"), made(house, rep)
    for change in ({"position": 5}, {"visibility": "private"}):
        assert house.ask(rep, f"/dashboards/{shared['id']}", change, method="PATCH").status_code == 403
    assert house.ask(rep, f"/dashboards/{shared['id']}", method="DELETE").status_code == 403
    assert house.ask(rep, f"/dashboards/{own['id']}", {"visibility": "everybody"}, method="PATCH").status_code == 403
    assert house.ask(rep, f"/dashboards/{own['id']}", {"position": 5}, method="PATCH").json["version"] == 2
    assert house.ask(rep, f"/dashboards/{own['id']}", method="DELETE").status_code == 204


def test_a_stale_change_is_refused(house: House) -> None:
    rep = house.user("Rep")
    path = f"/dashboards/{made(house, rep)['id']}"
    assert house.ask(rep, path, {"position": 7}, method="PATCH", headers={"If-Match": '"1"'}).status_code == 200
    assert house.ask(rep, path, {"position": 8}, method="PATCH", headers={"If-Match": '"1"'}).status_code == 412
    assert house.ask(rep, path, method="DELETE", headers={"If-Match": '"1"'}).status_code == 412
    assert house.ask(rep, path, {"position": 7}, method="PATCH").json["version"] == 2


def test_a_key_stands_once(house: House) -> None:
    rep = house.user("Rep")
    made(house, rep, key="sales")
    answer = house.ask(rep, "/dashboards", board(key="sales"))
    assert (answer.status_code, answer.json["code"]) == (409, "dashboard_key_taken")
    made(house, rep)
    made(house, rep)


def test_all_widgets_are_answered_in_one_call(house: House) -> None:
    house.lead(region="east")
    house.lead(region="north", status="working")
    house.sync()
    one = made(house, house.admin, visibility="everybody", widgets=[BY_REGION, FUNNEL, CUSTOMERS, CROSSED, FULL])
    data = house.ask(house.admin, f"/dashboards/{one['id']}/data", method="GET").json
    first, second, third, crossed, full = data["widgets"]
    assert [row["values"] for row in first["data"]["rows"]] == [["1"], ["1"], ["0"]]
    assert [row["keys"] for row in crossed["data"]["rows"]] == [["east", "new"], ["north", "working"]]
    assert full["data"]["rows"][0]["values"] == ["2"]
    assert [stage["count"] for stage in second["data"]["stages"]] == [1, 1, 0, 0]
    assert third["data"]["rows"][0]["values"] == ["0"]
    assert data["as_of"] is not None


def test_a_widget_that_the_caller_may_not_see_says_so(house: House) -> None:
    one = made(house, house.admin, visibility="everybody")
    person = house.user("Person", objects={"lead": grant("all", status="none")})
    first, second, third = house.ask(person, f"/dashboards/{one['id']}/data", method="GET").json["widgets"]
    assert "data" in first
    assert (second["error"]["status"], second["error"]["errors"][0]["code"]) == (422, "unknown_field")
    assert (third["error"]["status"], third["error"]["code"]) == (403, "object_not_readable")


def changed(widget: dict[str, Any], **more: Any) -> dict[str, Any]:
    return board(widgets=[{**widget, **more}])


WRONG = [
    (changed(BY_REGION, kind="map"), "/widgets/0/kind"),
    (changed(BY_REGION, kind="pivot"), "/widgets/0/query/dimensions"),
    (changed(BY_REGION, query={"object": "lead", "limit": 0}), "/widgets/0/query/limit"),
    (changed(BY_REGION, query={"dimensions": [{"field": 1}]}), "/widgets/0/query/object"),
    (changed(FUNNEL, query={"object": "lead"}), "/widgets/0/query/field"),
    (changed(BY_REGION, layout={"x": 12, "y": 0, "w": 1, "h": 1}), "/widgets/0/layout/x"),
    (changed(BY_REGION, options={"text": "x" * 5000}), "/widgets/0/options"),
    (board(widgets=[BY_REGION, BY_REGION]), "/widgets"),
    (board(name={}), "/name"),
    (board(visibility="friends"), "/visibility"),
    (board(visibility="roles"), "/role_keys"),
    (board(key="Big Key"), "/key"),
    (board(owner_id="me"), "/owner_id"),
]


@pytest.mark.parametrize("house", ["sqlite"], indirect=True)
def test_a_wrong_dashboard_is_told_where(house: House) -> None:
    for body, pointer in WRONG:
        answer = house.ask(house.admin, "/dashboards", body)
        assert answer.status_code == 422, (pointer, answer.json)
        assert pointer in [one["pointer"] for one in answer.json["errors"]]
