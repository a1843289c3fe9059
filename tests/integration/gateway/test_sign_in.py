"""Sign-in, renewal, lock-out: what an owner gets, and what a thief does not."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from chassis.auth.directory import SESSION_REVOKED
from chassis.clock import utcnow
from gateway.store.tables import refresh_token, session, sign_in_attempt, user_account
from gateway.usecases.lockouts import forget_old_attempts, unlock
from gateway.usecases.passwords import reset_password_of
from gateway.usecases.sessions import forget_ended

from .conftest import PASSWORD


def refresh(gateway: Any, token: str) -> Any:
    return gateway.client.post("/api/auth/refresh", json={"refresh_token": token})


def test_signing_in_opens_a_session(gateway: Any) -> None:
    answer = gateway.sign_in("ADMIN ")
    assert set(answer.json) == {"access_token", "refresh_token", "token_type", "expires_in"}
    assert (answer.json["token_type"], answer.json["expires_in"]) == ("Bearer", 600)
    me = gateway.call("GET", "/api/auth/me", token=answer.json["access_token"]).json
    assert me["username"] == "admin"
    assert me["objects"]["*"]["scope"] == "all"


def test_an_unknown_name_looks_exactly_like_a_wrong_password(gateway: Any) -> None:
    wrong, unknown = gateway.sign_in("admin", "not it"), gateway.sign_in("nobody", "not it")
    for answer in (wrong, unknown):
        assert answer.status_code == 401
    assert ({k: v for k, v in wrong.json.items() if k != "request_id"}
            == {k: v for k, v in unknown.json.items() if k != "request_id"})


def test_secrets_are_stored_as_digests_only(gateway: Any) -> None:
    tokens = gateway.sign_in().json
    with gateway.service.db.read() as connection:
        stored = connection.execute(select(refresh_token.c.hash)).scalars().all()
        hashed = connection.execute(select(user_account.c.password_hash)).scalar_one()
    assert tokens["refresh_token"] not in stored
    assert hashed.startswith("$argon2id$")


def test_hashes_of_old_strength_are_renewed_at_the_next_sign_in(make_gateway: Callable[..., Any]) -> None:
    make_gateway()
    stronger = make_gateway(password_memory_kib="19456")
    assert stronger.sign_in().status_code == 200
    with stronger.service.db.read() as connection:
        assert "$m=19456,t=2,p=1$" in connection.execute(select(user_account.c.password_hash)).scalar_one()
    assert stronger.sign_in().status_code == 200


# renewal


def test_each_refresh_token_works_once(gateway: Any) -> None:
    first = gateway.sign_in().json
    second = refresh(gateway, first["refresh_token"])
    third = refresh(gateway, second.json["refresh_token"])
    assert second.status_code == third.status_code == 200
    assert len({first["refresh_token"], second.json["refresh_token"], third.json["refresh_token"]}) == 3


def test_a_refresh_token_used_twice_ends_the_whole_session(gateway: Any) -> None:
    first = gateway.sign_in().json
    second = refresh(gateway, first["refresh_token"]).json
    thief = refresh(gateway, first["refresh_token"])
    assert (thief.status_code, thief.json["code"]) == (401, "token_reused")
    assert refresh(gateway, second["refresh_token"]).json["code"] == "session_ended"
    assert gateway.call("GET", "/api/auth/me", token=second["access_token"]).status_code == 401
    assert len(gateway.published(SESSION_REVOKED)) == 1
    assert "session.token_reused" in {entry["action"] for entry in gateway.audit()}


def test_of_two_renewals_at_the_same_moment_one_wins_and_the_session_ends(gateway: Any) -> None:
    token = gateway.sign_in().json["refresh_token"]
    answers: list[int] = []

    def renew() -> None:
        client = gateway.app.test_client()
        answers.append(client.post("/api/auth/refresh", json={"refresh_token": token}).status_code)

    threads = [threading.Thread(target=renew) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [200, 401, 401, 401]


def test_an_unknown_refresh_token_is_a_401(gateway: Any) -> None:
    for token in ("fhr_unknown", "x", "eyJhbGciOiJub25lIn0.e30."):
        assert refresh(gateway, token).status_code == 401


@pytest.mark.parametrize("column", ["idle_until", "ends_at"])
def test_a_session_ends_by_idleness_and_by_age(gateway: Any, column: str) -> None:
    token = gateway.sign_in().json["refresh_token"]
    past = utcnow() - timedelta(seconds=1)
    with gateway.service.db.unit_of_work() as uow:
        uow.execute(update(session).values({column: past, "idle_until": past}))
    assert refresh(gateway, token).json["code"] == "session_ended"


def test_ended_sessions_are_forgotten_after_days(gateway: Any) -> None:
    gateway.sign_in()
    kept = gateway.sign_in().json["refresh_token"]
    with gateway.service.db.unit_of_work() as uow:
        oldest = uow.execute(select(session.c.id).order_by(session.c.id).limit(1)).scalar_one()
        uow.execute(update(session).where(session.c.id == oldest).values(idle_until=utcnow() - timedelta(days=3)))
    forget_ended(gateway.service)
    with gateway.service.db.read() as connection:
        assert oldest not in connection.execute(select(session.c.id)).scalars().all()
    assert refresh(gateway, kept).status_code == 200


# signing out


def test_signing_out_voids_the_access_token_at_once(gateway: Any) -> None:
    tokens = gateway.sign_in().json
    assert gateway.call("POST", "/api/auth/logout", {}, token=tokens["access_token"]).status_code == 204
    assert gateway.call("GET", "/api/auth/me", token=tokens["access_token"]).status_code == 401
    assert refresh(gateway, tokens["refresh_token"]).status_code == 401


def test_signing_out_everywhere_ends_all_sessions(gateway: Any) -> None:
    here, there = gateway.sign_in().json, gateway.sign_in().json
    gateway.call("POST", "/api/auth/logout", {"everywhere": True}, token=here["access_token"])
    assert gateway.call("GET", "/api/auth/me", token=there["access_token"]).status_code == 401


def test_an_administrator_signs_somebody_out(gateway: Any) -> None:
    user = gateway.make_user("anna")
    gateway.token("anna")
    assert gateway.call("POST", f"users/{user['id']}/sign-out").status_code == 204
    assert gateway.call("GET", "/api/auth/me", by="anna").status_code == 401


# passwords


def test_changing_the_password_keeps_this_session_and_ends_the_others(gateway: Any) -> None:
    here, there = gateway.sign_in().json["access_token"], gateway.sign_in().json["access_token"]
    wrong = gateway.call("POST", "/api/auth/password", {"current": "no", "new": "another-good-one"}, token=here)
    same = gateway.call("POST", "/api/auth/password", {"current": PASSWORD, "new": PASSWORD}, token=here)
    done = gateway.call("POST", "/api/auth/password", {"current": PASSWORD, "new": "another-good-one"}, token=here)
    assert (wrong.json["errors"][0]["code"], same.json["errors"][0]["code"]) == ("password_wrong", "password_unchanged")
    assert done.status_code == 200
    assert gateway.call("GET", "/api/auth/me", token=here).status_code == 200
    assert gateway.call("GET", "/api/auth/me", token=there).status_code == 401
    assert gateway.sign_in(password=PASSWORD).status_code == 401
    assert gateway.sign_in(password="another-good-one").status_code == 200


def test_a_reset_password_must_be_changed_and_ends_all_sessions(gateway: Any) -> None:
    user = gateway.make_user("anna")
    old = gateway.token("anna")
    new = gateway.call("POST", f"users/{user['id']}/reset-password").json["initial_password"]
    assert gateway.call("GET", "/api/auth/me", token=old).status_code == 401
    token = gateway.sign_in("anna", new).json["access_token"]
    assert gateway.call("GET", "/api/auth/me", token=token).json["must_change_password"] is True
    gateway.call("POST", "/api/auth/password", {"current": new, "new": "her-own-choice"}, token=token)
    assert gateway.call("GET", "/api/auth/me", token=token).json["must_change_password"] is False


def test_the_command_line_resets_a_password(gateway: Any) -> None:
    password = reset_password_of(gateway.service, "admin")
    assert gateway.sign_in(password=password).status_code == 200
    with pytest.raises(LookupError):
        reset_password_of(gateway.service, "nobody")


# lock-out


def test_after_some_failures_even_the_right_password_waits(gateway: Any) -> None:
    codes = [gateway.sign_in(password="wrong").status_code for _ in range(5)]
    locked = gateway.sign_in()
    assert codes == [401] * 5
    assert (locked.status_code, locked.json["code"]) == (429, "locked_out")
    assert 1 <= int(locked.headers["Retry-After"]) <= 30
    assert str(locked.headers["Retry-After"]) in locked.json["detail"]


def test_the_delay_doubles_and_ends(make_gateway: Callable[..., Any]) -> None:
    gateway = make_gateway(lockout_after="2", lockout_seconds="40", lockout_max_seconds="100")
    waits = []
    for _ in range(4):
        gateway.sign_in(password="wrong")
        with gateway.service.db.unit_of_work() as uow:
            row = uow.execute(select(sign_in_attempt).where(sign_in_attempt.c.subject.startswith("user:"))).one()
            waits.append(round((row.locked_until - row.last_at).total_seconds()) if row.locked_until else 0)
            uow.execute(update(sign_in_attempt).values(locked_until=None))
    assert waits == [0, 40, 80, 100]
    assert gateway.sign_in().status_code == 200
    assert gateway.sign_in(password="wrong").status_code == 401


def test_a_name_that_does_not_exist_is_locked_out_like_any_other(make_gateway: Callable[..., Any]) -> None:
    gateway = make_gateway(lockout_after="2")
    assert [gateway.sign_in("ghost", "wrong").status_code for _ in range(3)] == [401, 401, 429]


def test_an_address_that_tries_many_names_is_locked_out(make_gateway: Callable[..., Any]) -> None:
    gateway = make_gateway(lockout_ip_after="3")
    codes = [gateway.sign_in(f"name{number}", "wrong", ip="10.9.9.9").status_code for number in range(4)]
    assert codes == [401, 401, 401, 429]
    assert gateway.sign_in(ip="10.9.9.9").status_code == 429
    assert gateway.sign_in(ip="10.1.1.1").status_code == 200


def test_many_guesses_at_the_same_moment_are_counted_like_guesses_in_a_row(make_gateway: Callable[..., Any]) -> None:
    gateway = make_gateway(lockout_after="3", lockout_seconds="600")
    codes: list[int] = []

    def guess(number: int) -> None:
        body = {"username": "admin", "password": f"guess {number}"}
        codes.append(gateway.app.test_client().post("/api/auth/login", json=body).status_code)

    threads = [threading.Thread(target=guess, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert codes.count(401) <= 3, "more guesses were judged than the lock-out allows"
    assert set(codes) <= {401, 429, 503}
    assert gateway.sign_in().status_code == 429


def test_the_lock_out_holds_over_processes(make_gateway: Callable[..., Any]) -> None:
    one, other = make_gateway(lockout_after="2"), make_gateway(lockout_after="2")
    for _ in range(2):
        one.sign_in(password="wrong")
    assert other.sign_in().status_code == 429


def test_the_command_line_unlocks(make_gateway: Callable[..., Any]) -> None:
    gateway = make_gateway(lockout_after="1")
    gateway.sign_in(password="wrong")
    assert gateway.sign_in().status_code == 429
    assert unlock(gateway.service, "Admin") is True
    assert gateway.sign_in().status_code == 200
    assert unlock(gateway.service, "admin") is False


def test_old_failures_are_forgotten(gateway: Any) -> None:
    gateway.sign_in(password="wrong")
    with gateway.service.db.unit_of_work() as uow:
        uow.execute(update(sign_in_attempt).values(last_at=utcnow() - timedelta(days=1)))
    forget_old_attempts(gateway.service)
    with gateway.service.db.read() as connection:
        assert connection.execute(select(sign_in_attempt)).all() == []


def test_sign_ins_of_one_address_are_limited(make_gateway: Callable[..., Any]) -> None:
    gateway = make_gateway(sign_in_rate="2/hour")
    codes = [gateway.sign_in("ghost", "wrong").status_code for _ in range(3)]
    assert codes == [401, 401, 429]
    assert gateway.sign_in("ghost", "wrong").json["code"] == "too_many_requests"
    assert gateway.sign_in("ghost", "wrong", ip="10.0.0.2").status_code == 401


# one's own account


def test_people_change_their_own_name_and_language(gateway: Any) -> None:
    wanted = {"name": "管理员", "locale": "zh-CN", "timezone": "Europe/Berlin"}
    assert wanted.items() <= gateway.call("PATCH", "/api/auth/me", wanted).json.items()
    assert gateway.call("PATCH", "/api/auth/me", {"role_ids": []}).status_code == 422
    assert gateway.call("PATCH", "/api/auth/me", {"timezone": "Nowhere"}).json["errors"][0]["code"] == "not_a_timezone"


def test_problems_come_in_the_callers_language(gateway: Any) -> None:
    answer = gateway.sign_in("ghost", "wrong", **{"Accept-Language": "zh-CN"})
    assert answer.json["title"] == "用户名或密码不正确"
