"""The walls of the house: who may import whom, and that every service has the same rooms."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from freehold.devstack.roles import ROLES, SERVICES
from freehold.services import PACKAGES, spec_of

ROOT = Path(__file__).resolve().parents[2]
ROOMS = (
    "README.md",
    "model",
    "usecases",
    "queries",
    "store/tables.py",
    "store/migrations",
    "api",
    "events.py",
    "consumers.py",
    "schedules.py",
    "settings.py",
    "bootstrap.py",
    "locales/en.json",
    "locales/zh-CN.json",
)
CHAPTERS = ("owns", "publishes", "consumes", "tables")


def folder_of(service: str) -> Path:
    return ROOT / PACKAGES[service].replace(".", "/")


def test_the_import_contracts_hold() -> None:
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache", "--no-logo"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("service", PACKAGES)
@pytest.mark.parametrize("room", ROOMS)
def test_every_service_has_the_same_rooms(service: str, room: str) -> None:
    path = folder_of(service) / room
    assert path.exists() or path.with_suffix(".py").exists(), f"{service} has no {room}"


@pytest.mark.parametrize("service", PACKAGES)
def test_a_service_says_what_it_owns_publishes_and_consumes(service: str) -> None:
    text = (folder_of(service) / "README.md").read_text(encoding="utf-8").lower()
    assert [chapter for chapter in CHAPTERS if chapter not in text] == []


@pytest.mark.parametrize("service", PACKAGES)
def test_both_languages_have_the_same_messages(service: str) -> None:
    english, chinese = (
        json.loads((folder_of(service) / "locales" / f"{locale}.json").read_text(encoding="utf-8"))
        for locale in ("en", "zh-CN")
    )
    assert sorted(english) == sorted(chinese)


@pytest.mark.parametrize("locale", ["en", "zh-CN"])
def test_a_text_of_two_services_is_the_same(locale: str) -> None:
    """In one process they share their catalogues, so the last one to be added would speak for all."""
    texts: dict[str, set[str]] = {}
    for folder in (ROOT / "chassis", *map(folder_of, PACKAGES)):
        for key, text in json.loads((folder / "locales" / f"{locale}.json").read_text(encoding="utf-8")).items():
            texts.setdefault(key, set()).add(text)
    assert {key: said for key, said in texts.items() if len(said) > 1} == {}



def test_the_full_stack_starts_every_role() -> None:
    assert set(SERVICES) == set(PACKAGES)
    wanted = {f"{name}-web" for name in PACKAGES}
    wanted |= {f"{name}-worker" for name in PACKAGES if not spec_of(name).single_process}
    assert {role.name for role in ROLES} == wanted
