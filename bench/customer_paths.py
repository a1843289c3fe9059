"""Where the time of a record's request goes: the WSGI app of the customer service on a private PostgreSQL.

One thread, no HTTP server and no network, so the figures are the service's own cost per request: wall time, and CPU
time of this process (the rest is PostgreSQL). `--profile get` prints where the CPU goes. Usage:

    python -m bench.customer_paths [--rows 20000] [--seconds 3] [--profile PATH]
"""

from __future__ import annotations

import argparse
import cProfile
import io
import pstats
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from werkzeug.test import EnvironBuilder

from chassis.jsonio import dump_bytes, loads
from chassis.testkit.harness import Harness
from chassis.testkit.servers import postgres_server
from services.customer.bootstrap import SPEC

REGIONS = ("east", "north", "south", "central")
SOURCES = ("website", "exhibition", "referral", "phone")
LEAD: dict[str, Any] = {
    "name": "lead", "label": {"en": "Lead"}, "list_fields": ["name", "company", "region"],
    "fields": [
        {"name": "name", "type": "text", "required": True, "indexed": True}, {"name": "company", "type": "text"},
        {"name": "phone", "type": "phone", "indexed": True}, {"name": "email", "type": "email", "indexed": True},
        {"name": "region", "type": "choice", "indexed": True,
         "options": {"choices": [{"value": one} for one in REGIONS]}},
        {"name": "source", "type": "choice", "indexed": True,
         "options": {"choices": [{"value": one} for one in SOURCES]}},
        {"name": "status", "type": "choice", "indexed": True, "default": "new",
         "options": {"choices": [{"value": one} for one in ("new", "working", "converted")]}},
        {"name": "expected_amount", "type": "money"}, {"name": "score", "type": "integer"},
        {"name": "next_contact_on", "type": "date"}, {"name": "last_contact_at", "type": "datetime"},
        {"name": "vip", "type": "boolean"}, {"name": "note", "type": "long_text"},
        {"name": "city", "type": "text"}, {"name": "job_title", "type": "text"},
    ],
    "duplicate_rules": [{"fields": ["phone"]}, {"fields": ["email"]}],
}


def values(place: int) -> dict[str, Any]:
    """A plausible lead."""
    return {"name": f"Lead {place}", "company": f"Company {place % 997}", "phone": f"138{place % 100_000_000:08d}",
            "email": f"lead{place}@example.com", "region": REGIONS[place % 4], "source": SOURCES[place % 3],
            "expected_amount": {"amount": str(place % 500 * 1000), "currency": "CNY"}, "score": place % 100,
            "next_contact_on": "2026-12-01", "vip": place % 7 == 0, "city": "杭州", "note": "A note of some length."}


class Bench:
    """A company with leads, and one caller with an ordinary role."""

    def __init__(self, harness: Harness, rows: int) -> None:
        self.harness, self.rows = harness, rows
        east, north = harness.department("East"), harness.department("North")
        everything = ["create", "read", "update", "delete"]
        seller = harness.role({"lead": {"actions": everything, "scope": "department", "fields": {}}})
        self.people = [harness.user("A", east, (seller,)), harness.user("B", north, (seller,))]
        self.admin = harness.administrator()
        self.environ = EnvironBuilder(headers={
            "Authorization": f"Bearer {harness.token(self.people[0], seconds=3600)}",
            "Content-Type": "application/json", "Accept-Encoding": "gzip", "User-Agent": "bench"}).get_environ()
        self.ids = self._fill()

    def _fill(self) -> list[str]:
        assert self.harness.call(self.admin, "POST", "/v1/objects", LEAD).status_code == 201
        ids: list[str] = []
        for start in range(0, self.rows, 500):
            operations = [{"action": "create", "values": values(place) | {"owner_id": self.people[place % 2]}}
                          for place in range(start, start + 500)]
            answer = self.harness.call(self.admin, "POST", "/v1/records/lead/batch", {"operations": operations})
            ids += [result["record"]["id"] for result in answer.json["results"][::2]]
        with self.harness.service.db.engine.connect() as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")
        return ids

    def get(self, turn: int) -> int:
        return self._send("GET", f"/{random.choice(self.ids)}")

    def first_page(self, turn: int) -> int:
        return self._send("GET", "?filter[region]=east&filter[status]=new&sort=-created_at")

    def deep_page(self, turn: int) -> int:
        cursor = getattr(self, "_cursor", "")
        status, answer = self._asked("GET", f"?filter[region]=east&filter[status]=new&sort=-created_at&cursor={cursor}")
        self._cursor = loads(answer)["next_cursor"] or ""
        return status

    def create(self, turn: int) -> int:
        return self._send("POST", "", values(self.rows + turn))

    def update(self, turn: int) -> int:
        return self._send("PATCH", f"/{random.choice(self.ids)}", {"score": turn % 100, "note": f"n{turn}"})

    def _send(self, method: str, path: str, body: Any = None) -> int:
        return self._asked(method, path, body)[0]

    def _asked(self, method: str, path: str, body: Any = None) -> tuple[int, bytes]:
        """Call the app as a server does."""
        path, _, query = path.partition("?")
        sent = b"" if body is None else dump_bytes(body)
        said: list[str] = []
        answer = self.harness.app(self.environ | {
            "REQUEST_METHOD": method, "PATH_INFO": f"/v1/records/lead{path}", "QUERY_STRING": query,
            "CONTENT_LENGTH": str(len(sent)), "wsgi.input": io.BytesIO(sent)}, lambda status, _: said.append(status))
        try:
            return int(said[0][:3]), b"".join(answer)
        finally:
            answer.close()


PATHS = ("get", "first_page", "deep_page", "create", "update")


def measured(step: Callable[[int], int], seconds: float) -> Iterator[tuple[float, float]]:
    """Wall and CPU seconds of each call, for some time."""
    end, turn = time.perf_counter() + seconds, 0
    while time.perf_counter() < end:
        turn += 1
        wall, cpu = time.perf_counter(), time.process_time()
        assert step(turn) < 300
        yield time.perf_counter() - wall, time.process_time() - cpu


def report(name: str, samples: list[tuple[float, float]]) -> None:
    """Print one line: requests per second of one thread, median and slow wall time, CPU."""
    walls = sorted(wall for wall, _ in samples)
    cpu = sum(cpu for _, cpu in samples) / len(samples)
    print(f"{name:12} {len(walls) / sum(walls):8.0f}/s   p50 {walls[len(walls) // 2] * 1000:6.2f} ms   "
          f"p99 {walls[len(walls) * 99 // 100] * 1000:6.2f} ms   cpu {cpu * 1000:6.2f} ms")


def main() -> None:
    """Measure all paths, or profile one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--profile", choices=PATHS)
    asked = parser.parse_args()
    with postgres_server() as server, tempfile.TemporaryDirectory() as folder:
        harness = Harness(SPEC, Path(folder), server.createdb("bench"))
        bench = Bench(harness, asked.rows)
        for name in (asked.profile,) if asked.profile else PATHS:
            list(measured(getattr(bench, name), 0.5))
            profile = cProfile.Profile()
            if asked.profile:
                profile.enable()
            report(name, list(measured(getattr(bench, name), asked.seconds)))
            profile.disable()
            if asked.profile:
                pstats.Stats(profile).sort_stats("tottime").print_stats(45)
        harness.close()


if __name__ == "__main__":
    main()
