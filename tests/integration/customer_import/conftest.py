"""A customer service on SQLite and on PostgreSQL with the shipped lead, and somebody who imports sheets."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.test import TestResponse, encode_multipart

from chassis.jobs import JobRunner
from chassis.testkit.databases import OwnDatabase
from chassis.testkit.harness import Harness
from services.customer.bootstrap import SPEC
from tests.support.lone_lead import lone_lead

COMPANY = {"name": "customer", "label": {"en": "Customer", "zh-CN": "客户"}, "fields": [
    {"name": "name", "type": "text", "required": True}, {"name": "code", "type": "text", "unique": True}]}
CONTACT = {"name": "contact", "label": {"en": "Contact", "zh-CN": "联系人"}, "fields": [
    {"name": "name", "type": "text", "required": True, "label": {"en": "Name", "zh-CN": "姓名"}},
    {"name": "badge", "type": "text", "unique": True, "label": {"en": "Badge"}},
    {"name": "customer_id", "type": "reference", "options": {"object": "customer"}, "label": {"en": "Customer"}},
    {"name": "boss_id", "type": "reference", "options": {"object": "contact"}, "label": {"en": "Boss"}},
    {"name": "team_id", "type": "department", "label": {"en": "Team"}},
    {"name": "seen_at", "type": "datetime", "label": {"en": "Seen at"}},
    {"name": "vip", "type": "boolean", "label": {"en": "VIP"}}]}


@dataclass
class Desk:
    """Somebody's desk: uploads sheets, goes through the steps, looks at what came out."""

    harness: Harness
    user: str

    def upload(self, content: bytes, filename: str = "leads.csv", object: str = "lead", **more: Any) -> TestResponse:
        """Upload a file as it is."""
        fields = MultiDict({"object": object, "file": FileStorage(io.BytesIO(content), filename)})
        boundary, body = encode_multipart(fields)
        return self.harness.call(self.user, "POST", "/v1/imports", data=body,
                                 content_type=f"multipart/form-data; boundary={boundary}", **more)

    def sheet(self, header: Sequence[str], *rows: Sequence[str], object: str = "lead") -> str:
        """Upload rows as CSV; returns the id of the import."""
        text = "\n".join(",".join(cells) for cells in (header, *rows))
        answer = self.upload(text.encode(), object=object)
        assert answer.status_code == 201, answer.get_data(as_text=True)
        return answer.get_json()["id"]

    def call(self, method: str, path: str, json: Any = None, **more: Any) -> TestResponse:
        """Send a request below /v1/imports."""
        return self.harness.call(self.user, method, f"/v1/imports{path}", json, **more)

    def show(self, id: str) -> dict[str, Any]:
        """The import as it stands."""
        return self.call("GET", f"/{id}").get_json()

    def configure(self, id: str, **changes: Any) -> TestResponse:
        """Change mapping, duplicates, run_rules."""
        return self.call("PATCH", f"/{id}", changes)

    def work(self) -> None:
        """Run all waiting jobs."""
        runner = JobRunner(self.harness.service)
        while runner.run_one():
            pass

    def check(self, id: str) -> dict[str, Any]:
        """Make a dry run; returns the import afterwards."""
        answer = self.call("POST", f"/{id}/check")
        assert answer.status_code == 202, answer.get_data(as_text=True)
        self.work()
        return self.show(id)

    def run(self, id: str) -> dict[str, Any]:
        """Import; returns the import afterwards."""
        answer = self.call("POST", f"/{id}/start")
        assert answer.status_code == 202, answer.get_data(as_text=True)
        self.work()
        return self.show(id)

    def errors(self, id: str, **headers: str) -> dict[int, list[dict[str, Any]]]:
        """Row number → errors, of all pages."""
        found: dict[int, list[dict[str, Any]]] = {}
        cursor = ""
        while True:
            page = self.call("GET", f"/{id}/errors?limit=200{cursor}", headers=headers).get_json()
            found |= {item["row"]: item["errors"] for item in page["items"]}
            if page["next_cursor"] is None:
                return found
            cursor = f"&cursor={page['next_cursor']}"

    def codes(self, id: str) -> dict[int, set[tuple[str | None, str]]]:
        """Row number → (field, code) of its errors."""
        return {row: {(one["field"], one["code"]) for one in errors} for row, errors in self.errors(id).items()}

    def records(self, object: str = "lead", query: str = "") -> list[dict[str, Any]]:
        """Records, oldest first."""
        answer = self.harness.call(self.user, "GET", f"/v1/records/{object}?limit=200&sort=created_at{query}")
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return answer.get_json()["items"]

    def count(self, object: str = "lead") -> int:
        """How many records there are."""
        table = self.harness.service.parts["types"].get(object).table
        with self.harness.service.db.read() as connection:
            return connection.execute(select(func.count()).select_from(table)).scalar_one()


@pytest.fixture
def desk(own_database: OwnDatabase, tmp_path: Path) -> Iterator[Desk]:
    """An administrator who has set up the objects."""
    url, furnished = own_database.begin("desk", lambda url: _furnished(tmp_path / "furnished", url))
    with closing(furnished.harness.on_copy(tmp_path, url)) as harness:
        yield replace(furnished, harness=harness)


def _furnished(folder: Path, url: str) -> Desk:
    with closing(Harness(SPEC, folder, url)) as harness:
        admin = harness.administrator()
        for definition in (lone_lead(), COMPANY, CONTACT):
            answer = harness.call(admin, "POST", "/v1/objects", definition)
            assert answer.status_code == 201, answer.get_data(as_text=True)
        return Desk(harness, admin)


@pytest.fixture
def lone_desk(sqlite_url: str, tmp_path: Path) -> Iterator[Desk]:
    """The same on SQLite only, for what does not concern the database."""
    yield from _desk_alone(sqlite_url, tmp_path)


@pytest.fixture(scope="module")
def shared_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """The same for all tests of a module that leave nothing behind."""
    folder = tmp_path_factory.mktemp("shared")
    yield from _desk_alone(f"sqlite:///{folder / 'test.sqlite3'}", folder)


def _desk_alone(url: str, folder: Path) -> Iterator[Desk]:
    made = Harness(SPEC, folder, url)
    admin = made.administrator()
    made.call(admin, "POST", "/v1/objects", lone_lead())
    yield Desk(made, admin)
    made.close()
