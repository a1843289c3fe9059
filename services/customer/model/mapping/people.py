"""Finding colleagues and departments by what people write of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from services.customer.model.faults import BadValueError
from services.customer.model.values.text import folded

_AMBIGUOUS = ""


class NameBook:
    """Words → id; a word that means two is known to be ambiguous."""

    def __init__(self, code: str) -> None:
        self._code = code
        self._ids: dict[str, str] = {}
        self._sure: dict[str, str] = {}

    def add(self, id: str, sure: Iterable[str | None], names: Iterable[str | None]) -> None:
        """Add an entity: `sure` words (id, user name, e-mail, key) go before `names` that several may have."""
        for word in filter(None, sure):
            self._sure.setdefault(folded(word), id)
        for word in filter(None, names):
            key = folded(word)
            self._ids[key] = id if self._ids.get(key, id) == id else _AMBIGUOUS

    def find(self, cell: Any) -> str:
        """The id that a cell means; raises BadValueError `unknown_…` or `…_ambiguous`."""
        word = folded(str(cell))
        found = self._sure.get(word) or self._ids.get(word)
        if found is None:
            raise BadValueError(f"unknown_{self._code}", value=str(cell)[:60])
        if found == _AMBIGUOUS:
            raise BadValueError(f"{self._code}_ambiguous", value=str(cell)[:60])
        return found


def user_book(users: Mapping[str, Mapping[str, Any]]) -> NameBook:
    """Active colleagues by id, user name, e-mail and name."""
    book = NameBook("user")
    for id, user in users.items():
        if user.get("active"):
            book.add(id, (id, user.get("username"), user.get("email")), (user.get("name"),))
    return book


def department_book(departments: Mapping[str, Mapping[str, Any]]) -> NameBook:
    """Departments by id, key, path of names (`Sales/East`) and name."""
    book = NameBook("department")
    for id, department in departments.items():
        book.add(id, (id, department.get("key"), department_path(departments, id)), (department.get("name"),))
    return book


def department_path(departments: Mapping[str, Mapping[str, Any]], id: str) -> str:
    """The names from the company down to a department, such as `Sales/East`."""
    names: list[str] = []
    current: str | None = id
    while current in departments and len(names) < 32:
        names.append(str(departments[current].get("name", "")))
        current = departments[current].get("parent_id")
    return "/".join(reversed(names))
