"""The demo company as plain data: departments, people, and drafts of records that name each other by keys."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

OBJECTS = ("product", "price_list", "price_list_entry", "payment_term", "payment_term_line", "campaign", "customer",
           "contact", "opportunity", "lead", "activity", "quote", "quote_line", "contract", "contract_line", "order",
           "order_line", "payment_plan", "instalment", "payment", "payment_match", "invoice_request",
           "knowledge_article", "ticket", "survey_response", "member_account", "points_entry", "sales_target")


@dataclass(frozen=True)
class Department:
    """A department; `parent` is the key of the one above."""

    key: str
    name: str
    parent: str | None = None


@dataclass(frozen=True)
class Person:
    """A user of the demo company; `role` is the key of a role of the CRM pack."""

    username: str
    name: str
    department: str
    role: str
    locale: str = "zh-CN"
    timezone: str = "Asia/Shanghai"

    @property
    def email(self) -> str:
        """The address of the person."""
        return f"{self.username}@{DOMAIN}"


DOMAIN = "farhill.example.com"


@dataclass(slots=True)
class Draft:
    """A record to be created: `links` maps reference fields to (object, key) of drafts of earlier objects.

    `("user", name)` and `("department", key)` lead to people and departments.
    """

    key: str
    owner: str
    created_at: datetime
    values: dict[str, Any]
    links: dict[str, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class DemoCompany:
    """Everything that the demo consists of; records stand under their object, in the order of `OBJECTS`."""

    seed: int
    today: date
    departments: tuple[Department, ...]
    people: tuple[Person, ...]
    records: dict[str, list[Draft]]
