"""Installing the demo company through the public API, in batches, resumable at every point.

The company is made anew from the journal's seed on each try, so a second try continues where the first one stopped
even when it runs on another day. People get one generated password, kept beside the administrator's.
"""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from freehold.demo import words
from freehold.demo.company import make_company
from freehold.demo.journal import Journal
from freehold.demo.model import OBJECTS, DemoCompany, Draft
from freehold.demo.records import RECORDS, DemoError, bring_in, post
from gateway.packs.api import Api, ApiError, Request

GATEWAY = "/api/gateway/v1"
TASKS = "/api/workflow/v1/tasks"
PASSWORD_FILE = "demo-password"  # noqa: S105 - the name of a file
TASKS_PER_PERSON = 3
POOLS = "/api/customer/v1/pools"
IN_POOL = 60
NEWS_WAITS = (0.2, 0.5, 1, 2, 4, 8, 15)


def install_demo(request: Request, home: Path, *, report: Callable[[str], None] = lambda _: None,
                 today: date | None = None, seed: int = 20, customers: int = 2000,
                 pause: Callable[[float], None] = time.sleep) -> bool:
    """Install the demo company, or finish an installation that broke off; returns False when it was there already.

    Needs the CRM pack. Raises DemoError when the server refuses something, ApiError when it does not answer as it
    should; both leave a journal from which the next call goes on.
    """
    journal = Journal(home)
    if journal.finished:
        return False
    if not journal.begun:
        journal.begin(seed=seed, today=today or datetime.now(UTC).date(), customers=customers)
    head = journal.head
    company = make_company(date.fromisoformat(head["today"]), seed=head["seed"], customers=head["customers"])
    _Installation(Api(request), journal, company, demo_password(home), report, pause).run()
    journal.finish()
    return True


def demo_password(home: Path) -> str:
    """The password of the demo's people; made when it is first asked for, readable only by the owner of the file."""
    path = home / PASSWORD_FILE
    if not path.is_file():
        home.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(f"Hill-{secrets.token_urlsafe(9)}\n")
    return path.read_text(encoding="utf-8").strip()


class _Installation:
    def __init__(self, api: Api, journal: Journal, company: DemoCompany, password: str,
                 report: Callable[[str], None], pause: Callable[[float], None]) -> None:
        self._api, self._journal, self._company, self._report = api, journal, company, report
        self._password, self._pause = password, pause
        self._ids: dict[str, list[str]] = {}

    def run(self) -> None:
        self._departments()
        self._people()
        users = self._journal.named("user")
        for name in OBJECTS:
            self._records(name, users)
        self._tasks(users)
        self._pool()

    def _departments(self) -> None:
        made = self._journal.named("department")
        for position, department in enumerate(self._company.departments):
            if department.key not in made:
                parent = made[department.parent] if department.parent else None
                made[department.key] = self._make("department", department.key, f"{GATEWAY}/departments", {
                    "key": department.key, "name": department.name, "parent_id": parent, "position": position})

    def _people(self) -> None:
        made, departments = self._journal.named("user"), self._journal.named("department")
        roles = {role["key"]: role["id"] for role in self._api.items(f"{GATEWAY}/roles")}
        for person in self._company.people:
            if person.username in made:
                continue
            if person.role not in roles:
                raise DemoError(f'there is no role "{person.role}": install the CRM pack first')
            self._make("user", person.username, f"{GATEWAY}/users", {
                "username": person.username, "name": person.name, "email": person.email,
                "department_id": departments[person.department], "role_ids": [roles[person.role]],
                "locale": person.locale, "timezone": person.timezone, "password": self._password})

    def _make(self, kind: str, key: str, path: str, body: dict[str, Any]) -> str:
        made: dict[str, Any] = self._call(path, body, f"{kind}-{key}")
        self._journal.add(kind, [made["id"]], key)
        return made["id"]

    def _records(self, name: str, users: dict[str, str]) -> None:
        drafts = self._company.records[name]
        self._ids[name] = bring_in(self._api, self._journal, name, [self._values(draft, users) for draft in drafts])
        self._report(f"  {len(drafts)} × {name}")

    def _values(self, draft: Draft, users: dict[str, str]) -> dict[str, Any]:
        linked = {name: self._id_of(target, key, users) for name, (target, key) in draft.links.items()}
        return {**draft.values, **linked, "owner_id": users[draft.owner], "created_at": draft.created_at.isoformat()}

    def _id_of(self, target: str, key: str, users: dict[str, str]) -> str:
        if target == "user":
            return users[key]
        if target == "department":
            return self._journal.named("department")[key]
        return self._ids[target][int(key.rsplit("-", 1)[1])]

    def _tasks(self, users: dict[str, str]) -> None:
        made = self._journal.named("task")
        for key, body in self._task_bodies(users):
            if key not in made:
                self._patiently(lambda key=key, body=body: self._make("task", key, TASKS, body))

    def _pool(self) -> None:
        """Leads that nobody has spoken to for long lie in the public pool, for others to claim."""
        if "pool" in self._journal.named("given"):
            return
        pools = [one["id"] for one in self._api.items(f"{POOLS}?object=lead")]
        silent = [self._ids["lead"][place] for place, draft in enumerate(self._company.records["lead"])
                  if draft.values["status"] == "new"]
        if pools and silent:
            self._call(f"{RECORDS}/lead/return", {
                "ids": silent[:IN_POOL], "pool_id": pools[0], "reason": "silent"}, "pool")
            self._journal.add("given", [pools[0]], "pool")

    def _patiently(self, make: Callable[[], object]) -> None:
        """The news of a new colleague may still be on its way to the service that is told his task."""
        for wait in NEWS_WAITS:
            try:
                make()
            except DemoError as error:
                cause = error.__cause__
                if not (isinstance(cause, ApiError) and cause.status == 422):
                    raise
                self._pause(wait)
            else:
                return
        make()

    def _task_bodies(self, users: dict[str, str]) -> Iterator[tuple[str, dict[str, Any]]]:
        """For every owner some tasks around today, on his youngest leads and deals that are still open."""
        noon = datetime.combine(self._company.today, datetime.min.time(), UTC) + timedelta(hours=8)
        locales = {person.username: person.locale for person in self._company.people}
        for name in ("lead", "opportunity"):
            given: dict[str, int] = {}
            drafts = self._company.records[name]
            for place in sorted(range(len(drafts)), key=lambda place: drafts[place].created_at, reverse=True):
                draft = drafts[place]
                count = given.get(draft.owner, 0)
                if "next_follow_up_at" in draft.values and count < TASKS_PER_PERSON:
                    given[draft.owner] = count + 1
                    title = words.TASK_TITLES[name, locales[draft.owner]][count]
                    yield f"{name}-{place}", {
                        "title": title, "kind": "follow_up", "assignee_id": users[draft.owner],
                        "due_at": (noon + timedelta(days=count * 2 - 1)).isoformat(),
                        "link": {"object": name, "id": self._ids[name][place]}}

    def _call(self, path: str, body: dict[str, Any], key: str) -> Any:
        return post(self._api, self._journal, path, body, key)
