"""The generated nginx configuration says what the routing table says, and refuses what it cannot say."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.edge.nginx import render
from gateway.routing import ROUTES, SERVICES, find_route

UPSTREAMS = {name: [f"127.0.0.1:{9000 + position}"] for position, name in enumerate(SERVICES)}


def test_every_route_has_its_location_and_body_limit(tmp_path: Path) -> None:
    text = render(UPSTREAMS, tmp_path)
    for route in ROUTES:
        head = f"location {'^~' if route.is_prefix else '='} {route.path} {{"
        assert text.count(head) == 1
        block = text.partition(head)[2].partition("}")[0]
        assert f"client_max_body_size {route.body_bytes};" in block
        assert f"proxy_pass http://freehold_{route.service}" in block
        assert ("proxy_buffering off;" in block) == route.streaming


def test_a_service_without_address_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="report"):
        render({name: hosts for name, hosts in UPSTREAMS.items() if name != "report"}, tmp_path)


def test_a_path_that_would_change_the_configuration_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="misread"):
        render(UPSTREAMS, tmp_path, console_dir=Path('/srv/";evil'))


def test_tls_brings_strict_transport_and_a_redirect(tmp_path: Path) -> None:
    text = render(UPSTREAMS, tmp_path, certificate=Path("/c.pem"), certificate_key=Path("/k.pem"),
                  redirect_listen="0.0.0.0:80")
    assert "Strict-Transport-Security" in text
    assert "return 308 https://" in text
    assert "Strict-Transport-Security \"" not in render(UPSTREAMS, tmp_path)


@pytest.mark.parametrize(("path", "service"), [
    ("/api/customer/v1/records/lead", "customer"), ("/api/notify/v1/inbox/stream", "notify"),
    ("/api/auth/login", "gateway"), ("/api/gateway/v1/users", "gateway"), ("/.well-known/jwks.json", "gateway")])
def test_the_table_finds_the_service(path: str, service: str) -> None:
    route = find_route(path)
    assert route is not None
    assert route.service == service


@pytest.mark.parametrize("path", ["/", "/leads", "/api/customer/healthz/ready", "/api/customer/metrics",
                                  "/api/customer/.well-known/jwks.json", "/api/customerv1/x", "/v1/directory"])
def test_nothing_but_the_api_of_a_service_is_routed(path: str) -> None:
    assert find_route(path) is None


@pytest.mark.parametrize(("rate", "written"), [
    ("60/minute", "rate=60r/m;"), ("12000/minute", "rate=200r/s;"), ("1/hour", "rate=1r/m;"),
    ("5/second", "rate=5r/s;")])
def test_rates_are_those_of_the_gateways_settings(tmp_path: Path, rate: str, written: str) -> None:
    text = render(UPSTREAMS, tmp_path, api_rate=rate, sign_in_rate="")
    assert f"zone=edge_api:20m {written}" in text
    assert "edge_sign_in" not in text
