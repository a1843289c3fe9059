"""The next chunk is judged while the present one is written, and finds what judging one after the other finds."""

from __future__ import annotations

from typing import Any

import pytest

from services.customer.usecases.imports import ahead, passes

FIRM = {"name": "firm", "label": {"en": "Firm"}, "fields": [
    {"name": "name", "type": "text", "required": True}, {"name": "code", "type": "text", "unique": True}],
    "duplicate_rules": [{"fields": ["name"]}]}
HEADER = ("name", "code")
SIZE = 20


@pytest.fixture
def judged_again(desk: Any, monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """For each chunk whether it was judged in its turn; chunks are small."""
    desk.harness.call(desk.user, "POST", "/v1/objects", FIRM)
    monkeypatch.setattr(passes, "CHUNK", SIZE)
    found: list[bool] = []
    asked = ahead.JudgingAhead.verdicts

    def listen(*args: Any) -> Any:
        found.append((verdicts := asked(*args)) is None)
        return verdicts

    monkeypatch.setattr(ahead.JudgingAhead, "verdicts", listen)
    return found


def firms(start: int, count: int = SIZE) -> list[tuple[str, str]]:
    return [(f"Firm {number}", f"C{number}") for number in range(start, start + count)]


def outcome(desk: Any, id: str) -> dict[str, int]:
    summary = desk.run(id)["summary"]
    return {name: summary[name] for name in ("create", "skip", "failed")}


def test_a_row_that_repeats_one_of_the_chunk_being_written_is_found(desk: Any, judged_again: list[bool]) -> None:
    rows = [*firms(0), *firms(10), *firms(0)]  # half of the second chunk is in the first, all of the third in both
    assert outcome(desk, desk.sheet(HEADER, *rows, object="firm")) == {"create": 30, "skip": 30, "failed": 0}
    assert sorted(one["name"] for one in desk.records("firm")) == sorted(f"Firm {number}" for number in range(30))
    ahead_of_postgres = [False, False, False]
    assert judged_again == ([True] * 3 if desk.harness.service.db.is_sqlite else ahead_of_postgres)


def test_a_row_is_not_taken_for_a_double_of_one_that_could_not_be_written(desk: Any, judged_again: list[bool]) -> None:
    desk.harness.call(desk.user, "POST", "/v1/records/firm", {"name": "Elsewhere", "code": "C3"})
    second = [("Firm 3", "C99"), *firms(20, SIZE - 1)]
    rows = [*firms(0), *second, *firms(60)]
    assert outcome(desk, desk.sheet(HEADER, *rows, object="firm")) == {"create": 59, "skip": 0, "failed": 1}
    assert {one["code"] for one in desk.records("firm") if one["name"] == "Firm 3"} == {"C99"}
    assert judged_again == ([True] * 3 if desk.harness.service.db.is_sqlite else [False, True, False])


def test_beside_another_import_rows_are_judged_in_turn(desk: Any, judged_again: list[bool]) -> None:
    other = desk.sheet(HEADER, *firms(0), object="firm")
    assert desk.call("POST", f"/{other}/start").status_code == 202  # waits for a worker, which may come at any time
    rows = [*firms(0), *firms(SIZE)]
    assert outcome(desk, desk.sheet(HEADER, *rows, object="firm")) == {"create": 20, "skip": 20, "failed": 0}
    assert desk.show(other)["state"] == "finished"
    assert all(judged_again)
