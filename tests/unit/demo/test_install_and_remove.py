"""The demo comes in through the API, survives crashes, and leaves without a trace of others' work."""

from __future__ import annotations

import stat
from datetime import date
from pathlib import Path

import pytest

from freehold.demo import DemoError, install_demo, remove_demo
from freehold.demo.journal import Journal
from gateway.packs import install_pack, load_pack, shipped_pack
from tests.support.fake_freehold import Crash, FakeFreehold

TODAY = date(2026, 11, 22)
SIZE = {"today": TODAY, "customers": 30}
CRM = load_pack(shipped_pack("crm"))


def prepared(crash_after: int | None = None, *, before_answer: bool = False) -> FakeFreehold:
    server = FakeFreehold()
    install_pack(server, CRM)
    server.calls.clear()
    server._crash_after, server._before_answer = crash_after, before_answer
    return server


def census(server: FakeFreehold) -> dict[str, int]:
    users = server.collections["/api/gateway/v1/users"].values()
    return {name: len(records) for name, records in server.records.items()} | {
        "departments": len(server.collections["/api/gateway/v1/departments"]),
        "users": sum(user.get("active", True) for user in users),
        "tasks": sum(task.get("state") != "cancelled"
                     for task in server.collections["/api/workflow/v1/tasks"].values())}


def test_everything_is_installed_once(tmp_path: Path) -> None:
    server = prepared()
    assert install_demo(server, tmp_path, **SIZE)
    assert census(server)["customer"] == 30
    assert census(server)["users"] == 10
    calls = len(server.calls)
    assert not install_demo(server, tmp_path, **SIZE)
    assert len(server.calls) == calls


@pytest.mark.parametrize("before_answer", [True, False])
def test_a_crashed_installation_goes_on_without_doubles(tmp_path: Path, before_answer: bool) -> None:
    whole = prepared()
    install_demo(whole, tmp_path / "whole", **SIZE)
    for crash_after in range(0, len(whole.calls), 5):
        home, server = tmp_path / str(crash_after), prepared(crash_after, before_answer=before_answer)
        with pytest.raises(Crash):
            install_demo(server, home, **SIZE)
        install_demo(server, home, today=date(2027, 1, 1), customers=99)
        assert census(server) == census(whole)


def test_records_are_owned_linked_and_dated_in_the_past(tmp_path: Path) -> None:
    server = prepared()
    install_demo(server, tmp_path, **SIZE)
    users = server.collections["/api/gateway/v1/users"]
    for contact in server.records["contact"].values():
        assert contact["customer_id"] in server.records["customer"]
        assert contact["owner_id"] in users
        assert contact["created_at"] < "2026-11-22"


def test_the_password_is_generated_and_readable_only_by_its_owner(tmp_path: Path) -> None:
    server = prepared()
    install_demo(server, tmp_path / "a", **SIZE)
    install_demo(prepared(), tmp_path / "b", **SIZE)
    file = tmp_path / "a" / "demo-password"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert file.read_text() != (tmp_path / "b" / "demo-password").read_text()
    sent = {user["password"] for user in server.collections["/api/gateway/v1/users"].values()}
    assert sent == {file.read_text().strip()}
    assert file.read_text().strip() not in Journal(tmp_path / "a").path.read_text()


def test_removal_takes_exactly_what_the_demo_brought(tmp_path: Path) -> None:
    server = prepared()
    server("POST", "/api/customer/v1/records/customer/batch", {
        "operations": [{"action": "create", "values": {"name": "Our own customer"}}]})
    server("POST", "/api/gateway/v1/users", {"username": "colleague"})
    before = census(server)
    install_demo(server, tmp_path, **SIZE)
    removal = remove_demo(server, tmp_path)
    assert removal.kept == []
    assert removal.removed["customer"] == 30
    after = census(server)
    assert {name: count for name, count in after.items() if count} == {
        name: count for name, count in before.items() if count}
    assert [one["name"] for one in server.records["customer"].values()] == ["Our own customer"]
    assert not (tmp_path / "demo-password").exists()


def test_what_others_use_stays_and_is_reported(tmp_path: Path) -> None:
    server = prepared()
    install_demo(server, tmp_path, **SIZE)
    used = next(iter(server.records["customer"]))
    server("POST", "/api/customer/v1/records/contact/batch", {
        "operations": [{"action": "create", "values": {"name": "Ours", "customer_id": used}}]})
    removal = remove_demo(server, tmp_path)
    assert removal.kept == [("customer", used)]
    assert list(server.records["customer"]) == [used]


def test_a_removed_demo_can_be_installed_again(tmp_path: Path) -> None:
    server = prepared()
    install_demo(server, tmp_path, **SIZE)
    first = census(server)
    remove_demo(server, tmp_path)
    install_demo(server, tmp_path, **SIZE)
    assert census(server) == first


def test_a_removal_that_crashed_is_finished_by_the_next(tmp_path: Path) -> None:
    server = prepared()
    install_demo(server, tmp_path, **SIZE)
    server._crash_after, server._before_answer = len(server.calls) + 15, False
    with pytest.raises(Crash):
        remove_demo(server, tmp_path)
    remove_demo(server, tmp_path)
    assert not any(census(server).values())


def test_without_a_journal_nothing_is_removed(tmp_path: Path) -> None:
    server = prepared()
    assert remove_demo(server, tmp_path).removed == {}
    assert server.calls == []


def test_the_demo_says_that_it_needs_the_pack(tmp_path: Path) -> None:
    with pytest.raises(DemoError, match="install the CRM pack first"):
        install_demo(FakeFreehold(), tmp_path, **SIZE)


def test_a_refused_record_is_told_with_its_place(tmp_path: Path) -> None:
    server = prepared()
    errors = [{"pointer": "/operations/3/values/phone", "detail": "Not a number."}]
    server.refusals["POST", "/api/customer/v1/records/customer/batch"] = 422, {"errors": errors}
    with pytest.raises(DemoError, match="/operations/3/values/phone: Not a number"):
        install_demo(server, tmp_path, **SIZE)


def test_tasks_wait_for_the_news_of_their_people(tmp_path: Path) -> None:
    server, pauses = prepared(), []
    server.refusals["POST", "/api/workflow/v1/tasks"] = 422, {"errors": []}

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 3:
            server.refusals.clear()

    assert install_demo(server, tmp_path, pause=pause, **SIZE)
    assert len(pauses) == 3
    assert census(server)["tasks"] > 0


def test_tasks_do_not_wait_for_ever(tmp_path: Path) -> None:
    server = prepared()
    server.refusals["POST", "/api/workflow/v1/tasks"] = 422, {"errors": []}
    with pytest.raises(DemoError):
        install_demo(server, tmp_path, pause=lambda _: None, **SIZE)


def test_a_journal_whose_last_line_was_cut_short_is_read_to_its_last_whole_line(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.begin(seed=1, today=TODAY, customers=3)
    journal.add("customer", ["a", "b"])
    with journal.path.open("a") as file:
        file.write('{"kind": "cust')
    again = Journal(tmp_path)
    assert again.ids("customer") == ["a", "b"]
    again.add("customer", ["c"])
    assert Journal(tmp_path).ids("customer") == ["a", "b", "c"]
