"""The playbooks are well-formed, know every process of the product, and print nothing that is secret."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from freehold_install.playbooks import VERBS

from freehold.devstack.roles import ROLES
from freehold.services import PACKAGES

ROOT = Path(__file__).resolve().parents[3]
ANSIBLE = ROOT / "deploy" / "ansible"
PLAYBOOKS = sorted(path.name for path in ANSIBLE.glob("*.yml"))
TASKS = sorted(ANSIBLE.glob("roles/*/tasks/*.yml"))
VARIABLES = yaml.safe_load((ANSIBLE / "group_vars" / "all.yml").read_text(encoding="utf-8"))


def tasks() -> Iterator[tuple[str, dict[str, Any]]]:
    """(role, task) of all roles."""
    for path in TASKS:
        yield from ((path.parts[-3], task) for task in yaml.safe_load(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("playbook", PLAYBOOKS)
def test_ansible_understands_the_playbook(tmp_path: Path, playbook: str) -> None:
    done = subprocess.run(
        [ROOT / ".venv/bin/ansible-playbook", "--syntax-check", "-i", "inventories/single.yml", "-e",
         f"freehold_bundle={tmp_path}", playbook], cwd=ANSIBLE, capture_output=True, text=True, timeout=120,
        env={**os.environ, "HOME": str(tmp_path)}, check=False)
    assert done.returncode == 0, done.stderr


def test_every_verb_of_the_bundle_that_changes_hosts_has_its_playbook() -> None:
    assert {name.removesuffix(".yml") for name in PLAYBOOKS} == set(VERBS)


def test_every_process_of_the_product_has_its_unit_and_ports_of_its_own() -> None:
    processes = VARIABLES["freehold_processes"]
    assert {(one["service"], one["kind"]) for one in processes} == {(role.service, role.kind) for role in ROLES}
    ports = [port for one in processes for port in (one.get("port"), one["admin"]) if port]
    assert len(ports) == len(set(ports))
    assert VARIABLES["freehold_services"] == list(PACKAGES)


def test_the_first_play_changes_nothing() -> None:
    looking = {"assert", "stat", "set_fact", "command", "validate_argument_spec"}
    for role, task in tasks():
        if role == "preflight":
            module = next(key for key in task if key.startswith("ansible.builtin.")).rpartition(".")[2]
            assert module in looking
            assert module != "command" or task["changed_when"] is False


def test_only_what_comes_with_ansible_core_is_used_and_every_task_has_a_name() -> None:
    for _, task in tasks():
        assert task["name"]
        assert [key for key in task if "." in key and not key.startswith("ansible.builtin.")] == []


@pytest.mark.parametrize("word", ["freehold_secret_values", "item.1.value", "alter role", "freehold_recovery_key)"])
def test_a_task_that_handles_a_secret_does_not_print_it(word: str) -> None:
    found = [task for _, task in tasks() if word in str(task)]
    assert found
    assert all(task.get("no_log") for task in found)


def test_there_is_no_password_in_any_file() -> None:
    clear = re.compile(r"(?i)(password|secret|token):\s*['\"]?[A-Za-z0-9]{6,}")
    assert [path for path in ANSIBLE.rglob("*.yml") if clear.search(path.read_text(encoding="utf-8"))] == []
