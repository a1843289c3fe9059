"""A small firm with a product, whose people play the stories of the shipped rules."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any

from tests.support.clock import Clock
from tests.support.letterbox import Letterbox
from tests.support.main_job import eventually
from tests.support.product import Person, Product, Reply, new_password

PEOPLE = {  # who, his name, his department, his role
    "boss": ("陈总", "sales", "sales_manager"),
    "seller": ("王芳", "team", "sales_rep"),
    "colleague": ("李伟", "team", "sales_rep"),
    "lead_seller": ("赵磊", "team", "sales_manager"),
    "agent": ("孙悦", "service", "service"),
    "director": ("周敏", "service", "service_manager"),
    "finance": ("钱进", "finance", "finance"),
}


@dataclass
class Firm:
    """The people by what they are, signed in, and what the stories do again and again."""

    clock: Clock
    admin: Person
    box: Letterbox
    people: dict[str, Person] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)

    @property
    def seller(self) -> Person:
        return self.people["seller"]

    def switch_on(self, *keys: str) -> None:
        """Turn shipped rules on, as the administrator does in the list of rules."""
        known = {rule["key"]: rule for rule in self.admin.get("/api/workflow/v1/rules", limit=100)["items"]}
        for key in keys:
            assert not known[key]["active"], "shipped rules rest until somebody wants them"
            self.admin.call("PATCH", f"/api/workflow/v1/rules/{known[key]['id']}", {"active": True}).ok()

    def customer(self, name: str, **values: Any) -> dict[str, Any]:
        """A customer of the seller's."""
        return self.seller.post("/api/customer/v1/records/customer", {"name": name, **values})

    def change(self, who: str, name: str, record: dict[str, Any], **values: Any) -> Reply:
        """Somebody changes a record as it is now."""
        return self.people[who].call("PATCH", f"/api/customer/v1/records/{name}/{record['id']}", values)

    def owner(self, name: str, id: str) -> str:
        """Who owns a record."""
        return str(self.admin.get(f"/api/customer/v1/records/{name}/{id}")["owner_id"])

    def tasks(self, who: str, title: str, about: str | None = None) -> list[dict[str, Any]]:
        """What somebody's list of tasks has of a title."""
        found = self.people[who].get("/api/workflow/v1/tasks", limit=200)["items"]
        return [task for task in found if task["title"] == title and about in (None, task["link"]["id"])]

    def task(self, who: str, title: str, about: str | None = None, count: int = 1) -> dict[str, Any]:
        """The task that appears in somebody's list: so many of it, and no more."""
        found = self.eventually(lambda: len(seen := self.tasks(who, title, about)) >= count and seen,
                                f"{who} has the task “{title}”")
        assert len(found) == count, found
        return found[-1]

    def told(self, who: str, words: str) -> dict[str, Any]:
        """The message with these words that comes to somebody's inbox."""
        def look() -> Any:
            items = self.people[who].get("/api/notify/v1/inbox", limit=100)["items"]
            return next((one for one in items if words in str(one)), None)
        return self.eventually(look, f"{who} is told “{words}”")

    def letter(self, address: str, count: int = 1) -> EmailMessage:
        """The latest mail to somebody outside: so many, and no more."""
        def come() -> list[EmailMessage]:
            return [letter for to, letter in self.box.letters if to == address]
        self.eventually(lambda: len(come()) >= count, f"{address} has mail")
        assert len(come()) == count, come()
        return come()[-1]

    def visit(self, method: str, path: str, fields: Mapping[str, str] | None = None) -> Reply:
        """Somebody outside opens a page or sends one, without signing in."""
        return self.admin.product.send(method, path, None, {}, fields)

    @staticmethod
    def eventually(claim: Callable[[], Any], what: str) -> Any:
        return eventually(claim, what, 30)


def found_firm(product: Product, clock: Clock, box: Letterbox) -> Firm:
    """Make departments and people over the API."""
    admin = product.administrator()
    firm = Firm(clock, admin, box)
    top = next(d for d in admin.get("/api/gateway/v1/departments", limit=100)["items"] if not d["parent_id"])
    departments = {"top": top["id"]}
    for key, above in (("sales", "top"), ("team", "sales"), ("service", "top"), ("finance", "top")):
        departments[key] = admin.post("/api/gateway/v1/departments", {
            "name": key.title(), "parent_id": departments[above]})["id"]
    roles = {role["key"]: role["id"] for role in admin.get("/api/gateway/v1/roles", limit=100)["items"]}
    for who, (name, department, role) in PEOPLE.items():
        password, username = new_password(), who.replace("_", ".")
        firm.ids[who] = admin.post("/api/gateway/v1/users", {
            "username": username, "name": name, "email": f"{username}@example.com", "locale": "en",
            "department_id": departments[department], "role_ids": [roles[role]], "timezone": "Asia/Shanghai",
            "password": password})["id"]
        firm.people[who] = product.sign_in(username, password)
    return firm
