"""compose.yaml, read: the images of this version, nothing open, settings that exist."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from chassis.settings import CHASSIS_SETTINGS
from deploy.images.recipes import RECIPES
from freehold import __version__
from freehold.services import PACKAGES, spec_of

COMPOSE = yaml.safe_load((Path(__file__).parents[3] / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, Any] = COMPOSE["services"]
LASTING = {name: one for name, one in SERVICES.items() if one["restart"] != "no"}

each = pytest.mark.parametrize("name", SERVICES)


@each
def test_a_part_is_locked_up(name: str) -> None:
    one = SERVICES[name]
    assert (one["read_only"], one["cap_drop"], one["security_opt"]) == (True, ["ALL"], ["no-new-privileges:true"])
    assert {"privileged", "user", "cap_add", "pid", "network_mode"} & set(one) == set()


@each
def test_an_image_is_one_of_ours_in_this_version(name: str) -> None:
    assert SERVICES[name]["image"] in {f"freehold/{recipe.name}:{__version__}" for recipe in RECIPES}


def test_every_role_runs() -> None:
    roles = {f"{service}-{kind}" for service in PACKAGES for kind in ("web", "worker")} - {"report-worker"}
    assert set(LASTING) == roles | {"postgres", "rabbitmq", "edge", "prometheus"}
    for name in roles:
        assert SERVICES[name]["command"] == name.split("-")


def test_only_the_front_door_is_published_and_the_inner_network_has_no_way_out() -> None:
    published = {name: one["ports"] for name, one in SERVICES.items() if "ports" in one}
    assert set(published) == {"edge", "prometheus"}
    assert [port for port in published["prometheus"] if not port.startswith("127.0.0.1:")] == []
    assert COMPOSE["networks"]["inside"]["internal"] is True
    outside = {name for name, one in SERVICES.items() if "outgoing" in one["networks"]}
    assert outside == {"edge", "prometheus", "customer-web", "customer-worker", "notify-web", "notify-worker"}


@pytest.mark.parametrize("service", PACKAGES)
def test_a_role_sees_the_volume_of_its_service_only(service: str) -> None:
    for name in LASTING:
        if name.startswith(f"{service}-"):
            assert SERVICES[name]["volumes"] == [f"{service}:/var/lib/freehold"]


def test_every_setting_exists() -> None:
    known = {f"FREEHOLD_{setting.name}".upper() for setting in CHASSIS_SETTINGS}
    for service in PACKAGES:
        for setting in (*CHASSIS_SETTINGS, *spec_of(service).settings):
            known |= {f"FREEHOLD_{setting.name}".upper(), f"FREEHOLD_{service}_{setting.name}".upper()}
    named = {
        re.sub("_FILE$", "", key)
        for one in SERVICES.values()
        for key in one.get("environment", {})
        if key.startswith("FREEHOLD_")
    }
    assert named - known == set()


def test_no_secret_is_written_in_it() -> None:
    for one in SERVICES.values():
        for key, value in one.get("environment", {}).items():
            assert not re.search("PASSWORD|SECRET|COOKIE", key) or value.startswith("/run/secrets/")
