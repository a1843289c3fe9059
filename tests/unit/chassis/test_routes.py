"""Routes build their addresses from the first time on that they are asked for one."""

from __future__ import annotations

from flask import url_for

from chassis.http.app import ServiceFlask


def test_a_route_builds_addresses_whatever_its_parts_are_called() -> None:
    app = ServiceFlask("routes")
    app.add_url_rule("/rules/<rule>/<int:self_>", "one", lambda **_: "")
    with app.test_request_context():
        for number in (7, 8):  # the first call compiles, the second uses what was compiled
            assert url_for("one", rule="a b", self_=number, page=2) == f"/rules/a%20b/{number}?page=2"
            assert app.url_map.bind("").build("one", {"rule": "c", "self_": 1, "page": 2}, append_unknown=False) == (
                "/rules/c/1")
