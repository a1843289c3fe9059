"""The data of a benchmark: one salesperson's department with its share of many customers."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from freehold.devstack.roles import secret_environment
from tests.support.main_job import ENDED, eventually
from tests.support.product import Person, Product, new_password

CUSTOMERS = "/api/customer/v1/records/customer"
REGIONS = ("east", "north", "south", "central", "southwest", "northwest", "northeast", "overseas")
LEVELS = ("a", "b", "c")


@dataclass
class Furnished:
    """A product full of customers, and somebody to ask for them."""

    product: Product
    admin: Person
    seller: Person
    seller_id: str
    ids: list[str]  # some of the seller's own customers

    def database_url(self, service: str) -> str:
        """Address of a service's database."""
        assert self.product.stack is not None
        name = f"FREEHOLD_{service.upper()}_DATABASE_URL_FILE"
        return Path(secret_environment(self.product.stack.layout, service)[name]).read_text(encoding="utf-8").strip()


def furnish(product: Product, customers: int) -> Furnished:
    """Make ten departments of equal share, and `customers` customers by an import."""
    admin, password = product.administrator(), new_password()
    people = ten_sellers(admin, password)
    _import_customers(admin, customers)
    return furnished(product, people[0]["id"], password)


def furnished(product: Product, seller_id: str, password: str) -> Furnished:
    """A product that is full already, and the first of its sellers."""
    seller = product.sign_in("bench0", password)
    page = seller.get(CUSTOMERS, limit=200)
    return Furnished(product, product.administrator(), seller, seller_id, [item["id"] for item in page["items"]])


def ten_sellers(admin: Person, password: str) -> list[dict[str, Any]]:
    """Ten salespeople, each alone in a department, all of a role that sees the own department."""
    role = admin.post("/api/gateway/v1/roles", {
        "key": "bench", "name": {"en": "Bench", "zh-CN": "基准"}, "permissions": [], "objects": {"*": {
            "actions": ["create", "read", "update", "export"], "scope": "department", "fields": {}}}})["id"]
    top = next(d["id"] for d in admin.get("/api/gateway/v1/departments", limit=100)["items"] if not d["parent_id"])
    people = []
    for number in range(10):
        department = admin.post("/api/gateway/v1/departments", {"name": f"Bench {number}", "parent_id": top})["id"]
        people.append(admin.post("/api/gateway/v1/users", {
            "username": f"bench{number}", "name": f"Bench {number}", "department_id": department, "role_ids": [role],
            "locale": "en", "timezone": "UTC", "password": password}))
    return people


def _import_customers(admin: Person, customers: int) -> None:
    chance = random.Random(7)
    lines = ["Name,Phone,Region,Level,Owner"]
    lines += [f"Customer {number:07d},1{3000000000 + number},{chance.choice(REGIONS)},"
              f"{chance.choice(LEVELS).upper()},bench{number % 10}" for number in range(customers)]
    sheet = "\n".join(lines).encode()
    made = admin.post("/api/customer/v1/imports", fields={"object": "customer", "file": ("customers.csv", sheet)})
    address = f"/api/customer/v1/imports/{made['id']}"
    admin.call("PATCH", address, {"duplicates": "create", "run_rules": False, "mapping": {
        "0": "name", "1": "phone", "2": "region", "3": "level", "4": "owner_id"}}).ok()
    admin.post(f"{address}/start")
    ended = eventually(lambda: (now := admin.get(address))["state"] in ENDED and now, "customers are there", 1200)
    assert ended["summary"]["create"] == customers, ended
