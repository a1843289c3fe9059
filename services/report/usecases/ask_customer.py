"""What the report service asks the customer service: definitions, and all records of an object page by page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chassis.service import Service

PAGE = 200


class CustomerSilent(Exception):
    """The customer service does not answer, or not as expected."""


def definition_of(service: Service, name: str) -> dict[str, Any] | None:
    """The definition of an object, or None when there is none."""
    return _answer(service, "GET", f"/v1/objects/{name}")


def all_definitions(service: Service) -> list[dict[str, Any]]:
    """The definitions of all objects."""
    page = _answer(service, "GET", "/v1/objects")
    if page is None:
        raise CustomerSilent("the customer service has no list of objects")
    return page["items"]


def page_of_records(service: Service, name: str, cursor: str | None) -> dict[str, Any] | None:
    """One page of records in the order of their ids, or None when the object is gone."""
    return _answer(service, "POST", f"/v1/records/{name}/query", {"sort": ["id"], "limit": PAGE, "cursor": cursor})


def pages_of_rules(service: Service) -> Iterator[list[dict[str, Any]]]:
    """All sharing rules."""
    return _pages(service, "/v1/sharing/rules")


def pages_of_shares(service: Service) -> Iterator[list[dict[str, Any]]]:
    """All shares of single records."""
    return _pages(service, "/v1/sharing/shares")


def base_currency(service: Service) -> str:
    """The company's base currency."""
    answer = _answer(service, "GET", "/v1/currencies")
    if answer is None:
        raise CustomerSilent("the customer service has no currencies")
    return str(answer["base"])


def pages_of_rates(service: Service) -> Iterator[list[dict[str, Any]]]:
    """All exchange rates."""
    return _pages(service, "/v1/exchange-rates")


def _pages(service: Service, path: str) -> Iterator[list[dict[str, Any]]]:
    cursor = ""
    while True:
        page = _answer(service, "GET", f"{path}?limit={PAGE}{cursor}")
        if page is None:
            raise CustomerSilent(f"the customer service has no {path}")
        yield page["items"]
        if page["next_cursor"] is None:
            return
        cursor = f"&cursor={page['next_cursor']}"


def _answer(service: Service, method: str, path: str, body: Any = None) -> Any:
    answer = service.calls.request("customer", method, path, json=body)
    if answer.status == 404:
        return None
    if answer.status != 200:
        raise CustomerSilent(f"the customer service answered {answer.status} to {method} {path}")
    return answer.json
