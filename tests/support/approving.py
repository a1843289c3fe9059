"""A company that approves what the shipped CRM asks approval for: a sales representative, his manager, the head of
sales above them, finance. Each asks the product in his own name."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from tests.support.pack_product import Product

RECORDS, WORKFLOW = "/api/customer/v1/records", "/api/workflow/v1"
_ROLES = {"rep": "sales_rep", "manager": "sales_manager", "head": "sales_manager", "money": "finance"}


class Company:
    """Its people by what they do, and its documents."""

    def __init__(self, product: Product) -> None:
        self.product = product
        top = next(one["id"] for one in product.items("/api/gateway/v1/departments") if not one["parent_id"])
        sales = self._department("Sales", top)
        places = {"rep": self._department("Sales one", sales), "head": sales, "money": top}
        places["manager"] = places["rep"]
        roles = {one["key"]: one["id"] for one in product.items("/api/gateway/v1/roles")}
        self.people = {who: self._person(who, places[who], roles[role]) for who, role in _ROLES.items()}

    def _department(self, name: str, parent: str) -> str:
        return self.product.ok("POST", "/api/gateway/v1/departments", {"name": name, "parent_id": parent})["id"]

    def _person(self, who: str, department: str, role: str) -> str:
        return self.product.ok("POST", "/api/gateway/v1/users", {
            "username": f"approving.{who}", "name": who, "department_id": department, "role_ids": [role]})["id"]

    def ask(self, who: str, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """The answer to one of them."""
        return self.product.call_as(self.people[who], method, path, body)

    def ok(self, who: str, method: str, path: str, body: Any = None) -> Any:
        """An answer that must be a success."""
        status, answer = self.ask(who, method, path, body)
        assert 200 <= status < 300, f"{method} {path} answered {status}: {answer}"
        return answer

    def document(self, object: str, price: str, **more: Any) -> str:
        """A quote or a contract of the representative's over one thing at a price, once its sum is known."""
        customer = self.ok("rep", "POST", f"{RECORDS}/customer", {"name": f"Customer {price} {more}"})["id"]
        line = {"name": "Press", "quantity": "1", "unit_price": {"amount": price, "currency": "CNY"}, **more}
        id = self.ok("rep", "POST", f"{RECORDS}/{object}/lines", {
            "values": {"name": f"Press for {price}", "customer_id": customer},
            "lines": {f"{object}_line": [line]}})["record"]["id"]
        self.becomes(object, id, lambda one: one["gross"] is not None)
        return id

    def becomes(self, object: str, id: str, claim: Callable[[Mapping[str, Any]], bool]) -> Mapping[str, Any]:
        """The record once it is as claimed, or as it is after a minute."""
        until = time.monotonic() + 60
        while True:
            one = self.product.ok("GET", f"{RECORDS}/{object}/{id}")
            if claim(one) or time.monotonic() > until:
                return one
            time.sleep(0.05)

    def submit(self, process: str, id: str) -> tuple[int, Any]:
        """Start a process over a record, as its button does."""
        found = next(one["id"] for one in self.product.items(f"{WORKFLOW}/processes") if one["key"] == process)
        return self.ask("rep", "POST", f"{WORKFLOW}/processes/{found}/instances", {"record_id": id})

    def waiting(self, who: str, id: str) -> list[Mapping[str, Any]]:
        """What waits for somebody over a record."""
        return self.ok(who, "GET", f"{WORKFLOW}/tasks?view=mine&state=open&record_id={id}")["items"]

    def decide(self, who: str, id: str, outcome: str) -> None:
        """Decide what waits, or will in a moment."""
        until = time.monotonic() + 60
        while not self.waiting(who, id) and time.monotonic() < until:
            time.sleep(0.05)
        (task,) = self.waiting(who, id)
        self.ok(who, "POST", f"{WORKFLOW}/tasks/{task['id']}/decide", {"outcome": outcome})
