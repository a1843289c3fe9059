"""Requests through the edge and through the Flask proxy, by wrk at concurrency 1 and 16."""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.furnish import CUSTOMERS, REGIONS, Furnished
from bench.raw import Raw
from bench.report_page import Line
from tests.support.product import Person

_LATENCY = re.compile(r"^(50|95|99)% (\d+) us$", re.M)
_RATE = re.compile(r"Requests/sec:\s+([\d.]+)")
_BAD = re.compile(r"Non-2xx or 3xx responses: (\d+)|Socket errors: (.*)")

SCRIPT = """
local calls = {calls}
local at = 0
local thread_number = 0
function setup(thread) thread:set("offset", thread_number * 1000003); thread_number = thread_number + 1 end
function request()
  at = at + 1
  local call = calls[(at + (offset or 0)) % #calls + 1]
  local body = call[3]
  if body then body = string.gsub(body, "@N@", tostring((offset or 0)) .. "-" .. tostring(at)) end
  return wrk.format(call[1], call[2], {{["Authorization"]="Bearer {token}", ["Content-Type"]="application/json"}}, body)
end
function done(summary, latency)
  for _, part in ipairs({{50, 95, 99}}) do io.write(string.format("%d%% %d us\\n", part, latency:percentile(part))) end
end
"""


@dataclass(frozen=True)
class Speed:
    """What wrk saw."""

    per_second: float
    p50_ms: float
    p95_ms: float
    p99_ms: float


def http_paths(house: Furnished, raw: Raw, seconds: int) -> list[Line]:
    """Measure the five paths of the budget, at concurrency 1 and 16, and at 16 through the Flask proxy."""
    lines = []
    for name, calls, raw_name, budget in _paths(house):
        for concurrency in (1, 16):
            speed = load(house.seller, house.product.address, calls, concurrency, seconds)
            lines.append(_line(f"{name}, c={concurrency}", speed, raw.rate(raw_name, concurrency),
                               budget if concurrency == 16 else ""))
        assert house.product.stack is not None
        speed = load(house.seller, house.product.stack.gateway_address, calls, 16, seconds)
        lines.append(_line(f"{name}, c=16, Flask proxy", speed, raw.rate(raw_name, 16), "a third"))
    return lines


def _paths(house: Furnished) -> list[tuple[str, list[Any], str, str]]:
    listing = {"criteria": {"all": [{"field": "region", "op": "eq", "value": REGIONS[0]},
                                    {"field": "level", "op": "eq", "value": "A"}]},
               "sort": ["-created_at"], "limit": 20}
    deep = listing | {"cursor": _deep_cursor(house, listing)}
    query = f"{CUSTOMERS}/query"
    return [
        ("get by id", [("GET", f"{CUSTOMERS}/{id}", None) for id in house.ids[:100]], "get", "≥ 1,000, p99 ≤ 40"),
        ("list 20, 2 filters, first page", [("POST", query, json.dumps(listing))], "list", "≥ 500, p99 ≤ 80"),
        ("list 20, 2 filters, deep page", [("POST", query, json.dumps(deep))], "list", "≥ 500, p99 ≤ 80"),
        ("create", [("POST", CUSTOMERS, json.dumps({"name": "New @N@", "region": "east"}))], "insert",
         "≥ 500, p99 ≤ 80"),
        ("update", [("PATCH", f"{CUSTOMERS}/{id}", json.dumps({"address": "Street @N@"})) for id in house.ids[:100]],
         "insert", "≥ 500, p99 ≤ 80"),
    ]


def _deep_cursor(house: Furnished, listing: dict[str, Any], pages: int = 15) -> str:
    cursor = None
    for _ in range(pages):
        page = house.seller.post(f"{CUSTOMERS}/query", listing | ({"cursor": cursor} if cursor else {}))
        if page["next_cursor"] is None:
            break
        cursor = page["next_cursor"]
    assert cursor is not None, "too few customers for a second page"
    return cursor


def load(person: Person, address: str, calls: list[Any], concurrency: int, seconds: int) -> Speed:
    """Send (method, path, body) again and again as somebody; `@N@` in a body becomes a number of its own."""
    rows = ",".join("{" + ",".join(map(_lua, call)) + "}" for call in calls)
    script = SCRIPT.format(calls="{" + rows + "}", token=person.token)
    with tempfile.NamedTemporaryFile("w", suffix=".lua", encoding="utf-8") as file:
        file.write(script)
        file.flush()
        Path(file.name).chmod(0o600)
        command = ["wrk", "-t1", f"-c{concurrency}", f"-d{seconds}s", "--timeout", "10s", "-s", file.name,
                   address]
        said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=seconds + 60).stdout
    bad = _BAD.search(said)
    if bad:
        raise RuntimeError(f"refused under load: {bad[0]}")
    latency = {found[0]: int(found[1]) / 1000 for found in _LATENCY.findall(said)}
    rate = _RATE.search(said)
    assert rate is not None, said
    return Speed(float(rate[1]), latency["50"], latency["95"], latency["99"])


def _lua(part: str | None) -> str:
    return "nil" if part is None else json.dumps(part, ensure_ascii=False)


def _line(name: str, speed: Speed, raw_rate: float, budget: str) -> Line:
    return Line(name, f"{speed.per_second:,.0f}/s", f"{speed.p50_ms:.1f} ms", f"{speed.p99_ms:.1f} ms",
                f"{speed.per_second / raw_rate:.2f}", budget)
