"""The audit log: complete, without secrets, and impossible to rewrite unnoticed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import DBAPIError

from chassis.clock import from_wire
from chassis.events.consumers import Consumer
from chassis.events.message import Message, message_from_json
from chassis.testkit.contracts import FOLDER
from gateway.store.tables import audit_entry, audit_head
from gateway.usecases.audit import verify

from .conftest import PASSWORD


def disarm(gateway: Any) -> None:
    """Take away the database's own protection, as somebody with all rights there could."""
    statements = (("DROP TRIGGER audit_entry_no_update", "DROP TRIGGER audit_entry_no_delete")
                  if gateway.service.db.is_sqlite else ("DROP TRIGGER audit_entry_final ON audit_entry",))
    with gateway.service.db.unit_of_work() as uow:
        for statement in statements:
            uow.execute(text(statement))


def test_entries_tell_who_what_whom_and_from_where(gateway: Any) -> None:
    gateway.sign_in(password="wrong", ip="10.7.7.7")
    user = gateway.make_user("anna")
    gateway.call("PATCH", f"users/{user['id']}", {"email": "anna@example.com"}, headers={"X-Request-ID": "trace-1"})
    newest, created = gateway.audit()[:2]
    assert (newest["action"], newest["actor"]["name"], newest["target"]["id"]) == (
        "user.changed", "Administrator", user["id"])
    assert newest["detail"] == {"before": {"email": None}, "after": {"email": "anna@example.com"}}
    assert (newest["ip"], newest["request_id"]) == ("127.0.0.1", "trace-1")
    assert created["action"] == "user.created"
    failed = gateway.audit(action="sign_in.failed")
    assert (failed[0]["ip"], failed[0]["target"]["name"]) == ("10.7.7.7", "Administrator")


def test_a_name_that_is_nobodys_is_not_written_down(gateway: Any) -> None:
    gateway.sign_in("my-secret-password-in-the-wrong-place", "x")
    assert "my-secret" not in json.dumps(gateway.audit())


def test_no_secret_gets_into_the_log(gateway: Any) -> None:
    user = gateway.make_user("anna")
    new = gateway.call("POST", f"users/{user['id']}/reset-password").json["initial_password"]
    key = gateway.make("keys", name="robot", scopes=["gateway:read"])["key"]
    everything = json.dumps(gateway.audit())
    for secret in (PASSWORD, new, key, key.split("_", 2)[-1], "argon2"):
        assert secret not in everything


def test_filters_narrow_the_list(gateway: Any) -> None:
    user = gateway.make_user("anna")
    assert {entry["action"] for entry in gateway.audit(action="sign_in.")} == {"sign_in.succeeded"}
    assert [entry["action"] for entry in gateway.audit(target=user["id"])] == ["user.created"]
    at = gateway.audit()[0]["at"]
    assert all(entry["at"] < at for entry in gateway.audit(to=at))
    assert gateway.audit(**{"from": "2100-01-01T00:00:00Z"}) == []
    for wrong in ("from=yesterday", "actor=me", "colour=red", "limit=0"):
        assert gateway.call("GET", f"audit?{wrong}").status_code == 422


def test_an_untouched_log_is_intact(gateway: Any) -> None:
    for number in range(3):
        gateway.make_user(f"user{number}")
    result = verify(gateway.service)
    assert result.intact
    assert result.entries == gateway.audit()[0]["number"]


def test_the_database_refuses_to_rewrite_entries(gateway: Any) -> None:
    for change in (update(audit_entry).values(action="nothing"), audit_entry.delete()):
        with pytest.raises(DBAPIError, match="append-only"), gateway.service.db.unit_of_work() as uow:
            uow.execute(change)


@pytest.mark.parametrize("change", [
    update(audit_entry).where(audit_entry.c.seq == 3).values(actor_name="Somebody else"),
    update(audit_entry).where(audit_entry.c.seq == 3).values(detail={}),
    audit_entry.delete().where(audit_entry.c.seq == 3)])
def test_a_rewritten_entry_is_found(gateway: Any, change: Any) -> None:
    gateway.make_user("anna")
    disarm(gateway)
    with gateway.service.db.unit_of_work() as uow:
        uow.execute(change)
    assert verify(gateway.service).broken_at == 3


def test_a_log_that_was_cut_off_is_found(gateway: Any) -> None:
    gateway.make_user("anna")
    disarm(gateway)
    with gateway.service.db.unit_of_work() as uow:
        last = uow.execute(text("SELECT max(seq) FROM audit_entry")).scalar_one()
        uow.execute(audit_entry.delete().where(audit_entry.c.seq == last))
    assert verify(gateway.service).broken_at == last
    with gateway.service.db.unit_of_work() as uow:
        uow.execute(update(audit_head).values(seq=last - 1))
    assert not verify(gateway.service).intact


def told_message() -> Message:
    body = (FOLDER / "examples" / "freehold.customer.audit.recorded.v1.json").read_text(encoding="utf-8")
    return message_from_json(body)


def deliver(gateway: Any, *messages: Message) -> None:
    [subscription] = [one for one in gateway.service.subscriptions if one.queue == "gateway.audit"]
    Consumer(gateway.service, subscription, ())._commit(list(messages))


def test_what_other_services_tell_is_chained_like_everything_else(gateway: Any) -> None:
    message = told_message()
    deliver(gateway, message)
    [entry] = gateway.audit(action="records.")
    assert (entry["action"], entry["ip"], entry["request_id"]) == ("records.exported", "192.0.2.17", message.request_id)
    assert entry["actor"] == message.data["actor"]
    assert entry["target"] == message.data["target"]
    assert (from_wire(entry["at"]), entry["detail"]) == (from_wire(message.data["at"]), message.data["detail"])
    assert verify(gateway.service).intact


def test_an_entry_that_is_delivered_twice_stands_once(gateway: Any) -> None:
    message = told_message()
    deliver(gateway, message)
    deliver(gateway, message, message)
    assert len(gateway.audit(action="records.exported")) == 1
