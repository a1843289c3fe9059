"""Pack, demo and removal on the real product: the embedded process, through its public API."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from freehold.demo import install_demo, remove_demo
from freehold.demo.model import OBJECTS
from freehold.embedded import Embedded
from freehold.first_start import FirstStart
from gateway.packs import install_pack, load_pack, shipped_pack
from gateway.packs.api import Request

RECORDS = "/api/customer/v1/records"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def request_as_admin(home: Path) -> Iterator[Request]:
    embedded = Embedded({"FREEHOLD_HOME": str(home), "FREEHOLD_LOG_LEVEL": "ERROR"})
    embedded.prepare()
    app = embedded.start()
    try:
        first = FirstStart(embedded.gateway, app, home)
        first.administrator()
        caller = first.request()
        install_pack(caller, shipped_pack("crm"), home=home)
        yield caller
    finally:
        embedded.stop()


def total(request: Request, name: str) -> int:
    status, page = request("GET", f"{RECORDS}/{name}?limit=1&total=exact", None, {})
    assert status == 200, page
    return page["total"]


def created(request: Request, path: str, body: dict[str, Any]) -> dict[str, Any]:
    status, made = request("POST", path, body, {})
    assert status == 201, made
    return made


def test_what_was_installed_equals_the_files(request_as_admin: Request) -> None:
    changes = install_pack(request_as_admin, shipped_pack("crm"), preview=True)
    assert {change.item.name: [*change.differences] for change in changes if change.action != "unchanged"} == {}


def test_additions_of_people_are_no_difference(request_as_admin: Request) -> None:
    created(request_as_admin, "/api/customer/v1/objects/contact/fields",
            {"name": "hobby", "type": "text", "label": {"en": "Hobby", "zh-CN": "爱好"}})
    changes = install_pack(request_as_admin, load_pack(shipped_pack("crm")))
    assert {change.action for change in changes} == {"unchanged"}
    _, contact = request_as_admin("GET", "/api/customer/v1/objects/contact", None, {})
    assert "hobby" in [field["name"] for field in contact["fields"]]


def test_every_widget_of_the_shipped_dashboards_answers(request_as_admin: Request) -> None:
    _, boards = request_as_admin("GET", "/api/report/v1/dashboards", None, {})
    assert {board["key"] for board in boards["items"]} == {
        f"crm.{name}" for name in ("leads", "sales", "performance", "team", "customers", "products", "service",
                                   "activity")}
    for board in boards["items"]:
        status, data = request_as_admin("GET", f"/api/report/v1/dashboards/{board['id']}/data", None, {})
        assert status == 200
        assert [widget for widget in data["widgets"] if "error" in widget] == []


def test_the_demo_comes_and_goes_and_leaves_others_work_alone(request_as_admin: Request, home: Path) -> None:
    own = created(request_as_admin, f"{RECORDS}/customer", {"name": "我们自己的客户有限公司"})
    install_demo(request_as_admin, home, customers=40)
    assert total(request_as_admin, "customer") == 41
    assert total(request_as_admin, "lead") == 60
    _, page = request_as_admin("GET", f"{RECORDS}/customer?limit=5&sort=created_at", None, {})
    assert page["items"][0]["created_at"] < own["created_at"]

    _, page = request_as_admin("GET", "/api/customer/v1/pools?object=lead", None, {})
    [pool] = page["items"]
    _, lying = request_as_admin("POST", f"{RECORDS}/lead/query", {"limit": 200, "criteria": {"all": [
        {"field": "pool_id", "op": "eq", "value": pool["id"]}, {"field": "owner_id", "op": "is_empty"}]}}, {})
    assert {one["status"] for one in lying["items"]} == {"new"}

    assert total(request_as_admin, "quote") > 5
    assert total(request_as_admin, "instalment") >= total(request_as_admin, "contract") > 0

    removal = remove_demo(request_as_admin, home)
    assert removal.kept == []
    left = {name: total(request_as_admin, name) for name in OBJECTS}
    assert left == dict.fromkeys(OBJECTS, 0) | {"customer": 1}
    _, people = request_as_admin("GET", "/api/gateway/v1/users?active=true", None, {})
    assert [user["username"] for user in people["items"]] == ["admin"]
    _, departments = request_as_admin("GET", "/api/gateway/v1/departments", None, {})
    assert not any(department["key"].startswith("farhill") for department in departments["items"])


def test_the_demo_can_come_again(request_as_admin: Request, home: Path) -> None:
    install_demo(request_as_admin, home, customers=20)
    assert total(request_as_admin, "customer") == 21
    remove_demo(request_as_admin, home)


def test_an_order_in_dollars_is_planned_and_invoiced_in_dollars(request_as_admin: Request) -> None:
    dollars = {"amount": "1000.00", "currency": "USD"}
    term = created(request_as_admin, f"{RECORDS}/payment_term/lines", {"values": {"name": "30/70"}, "lines": {
        "payment_term_line": [{"name": "Deposit", "share": "30", "days": 0}, {"name": "Rest", "share": "70",
                                                                             "days": 30}]}})["record"]["id"]
    customer = created(request_as_admin, f"{RECORDS}/customer", {"name": "Overseas Ltd"})["id"]
    order = created(request_as_admin, f"{RECORDS}/order/lines", {
        "values": {"subject": "Press", "customer_id": customer, "payment_term_id": term, "status": "new",
                   "ordered_on": "2026-03-01"},
        "lines": {"order_line": [
            {"name": "Press", "quantity": "1", "unit_price": dollars, "tax_rate": "0"}]}})["record"]
    assert order["gross"] == dollars
    made = {}
    for key in ("payment_plan", "invoice_request"):
        status, answer = request_as_admin("POST", f"{RECORDS}/order/{order['id']}/convert", {"conversion": key}, {})
        assert status == 200, answer
        made |= answer["created"]
    _, plan = request_as_admin("GET", f"{RECORDS}/payment_plan/{made['payment_plan']}/lines", None, {})
    assert [(one["due_on"], one["outstanding"]) for one in plan["lines"]["instalment"]] == [
        ("2026-03-01", {**dollars, "amount": "300.00"}), ("2026-03-31", {**dollars, "amount": "700.00"})]
    assert (plan["record"]["planned"], plan["record"]["difference"]["amount"]) == (dollars, "0.00")
    _, invoice = request_as_admin("GET", f"{RECORDS}/invoice_request/{made['invoice_request']}", None, {})
    assert (invoice["amount"], invoice["buyer"]) == (dollars, "Overseas Ltd")
