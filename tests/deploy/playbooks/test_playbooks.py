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
SHELL = "ansible.builtin.shell"
LOOK_UP_ANEW = "{{ lookup('ansible.builtin.file', role_path ~ '/../freehold/files/anew.sh') }}"
VARIABLES = yaml.safe_load((ANSIBLE / "group_vars" / "all.yml").read_text(encoding="utf-8"))


def tasks() -> Iterator[tuple[str, dict[str, Any]]]:
    """(role, task) of all roles."""
    for path in TASKS:
        yield from ((path.parts[-3], task) for task in yaml.safe_load(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize(("playbook", "inventory"), [*((name, "single") for name in PLAYBOOKS),
                                                     ("install.yml", "three-nodes")])
def test_ansible_understands_the_playbook(tmp_path: Path, playbook: str, inventory: str) -> None:
    done = subprocess.run(
        [ROOT / ".venv/bin/ansible-playbook", "--syntax-check", "-i", f"inventories/{inventory}.yml", "-e",
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
    looking = {"assert", "stat", "set_fact", "command", "validate_argument_spec", "include_tasks"}
    for role, task in tasks():
        if role == "preflight":
            module = next(key for key in task if key.startswith("ansible.builtin.")).rpartition(".")[2]
            assert module in looking
            assert module != "command" or task["changed_when"] is False


def test_only_what_comes_with_ansible_core_is_used_and_every_task_has_a_name() -> None:
    for _, task in tasks():
        assert task["name"]
        assert [key for key in task if "." in key and not key.startswith("ansible.builtin.")] == []


def test_an_upgrade_always_starts_every_process_anew() -> None:
    plays = yaml.safe_load((ANSIBLE / "upgrade.yml").read_text(encoding="utf-8"))
    steps = next(task["block"] for task in plays[1]["tasks"] if "block" in task)
    anew = next(task for task in steps if task.get("notify") == "Start every process anew")
    assert anew["changed_when"] is True
    assert "when" not in anew
    assert steps[steps.index(anew) + 1]["name"] == "Processes"  # its role lets the handler run, once, behind `current`


def test_going_back_passes_over_what_an_operator_added_to_a_unit(tmp_path: Path) -> None:
    units, before, tools = (tmp_path / name for name in ("etc/systemd/system", "opt/8.0.0", "tools"))
    for folder in (units / "freehold-x-web.service.d", before / "venv/bin", tools):
        folder.mkdir(parents=True)
    for name in ("x-web", "x-standin", "new-web"):
        (units / f"freehold-{name}.service").write_text("Environment=FREEHOLD_ADMIN_LISTEN=127.0.0.1:1\n")
    (units / "freehold-x-web.service.d/mine.conf").write_text("mine")
    old = [f"etc/systemd/system/freehold-x-{kind}.service" for kind in ("web", "standin")]
    subprocess.run(["tar", "-cf", before / "before.tar", *old], cwd=tmp_path, check=True)
    for stub, line in ((tools / "systemctl", f'echo "$*" >>{tmp_path}/asked'), (before / "venv/bin/freehold", ":")):
        stub.write_text(f"#!/bin/sh\n{line}\n")
        stub.chmod(0o755)
    (tmp_path / "opt/previous").symlink_to(before)
    (tmp_path / "opt/8.0.0/committed").touch()
    script = yaml.safe_load((ANSIBLE / "roles/release/tasks/back.yml").read_text(encoding="utf-8"))[0][SHELL]["cmd"]
    anew = (ANSIBLE / "roles/freehold/files/anew.sh").read_text(encoding="utf-8")
    for here, there in ((LOOK_UP_ANEW, anew), ("/etc/systemd", f"{tmp_path}/etc/systemd"),
                        ("${unit#/}", f"${{unit#{tmp_path}/}}"), ("tar -C / ", f"tar -C {tmp_path} "),
                        ("{{ freehold_ready_seconds | default(120) }}", "1")):
        script = script.replace(here, there)
    done = subprocess.run(["sh", "-c", script], cwd=tmp_path / "opt", capture_output=True, text=True, check=False,
                          env={**os.environ, "PATH": f"{tools}:{os.environ['PATH']}"})
    assert (done.returncode, done.stdout) == (0, "8.0.0\n"), done.stderr
    assert sorted(path.name for path in units.iterdir()) == [
        "freehold-x-standin.service", "freehold-x-web.service", "freehold-x-web.service.d"]
    assert (units / "freehold-x-web.service.d/mine.conf").read_text() == "mine"
    asked = (tmp_path / "asked").read_text().splitlines()
    assert "disable --now freehold-new-web.service" in asked
    began = asked.index("start freehold-x-standin")  # who asks in the meantime is answered by it
    assert asked[began:began + 3] == ["start freehold-x-standin", "restart freehold-x-web", "stop freehold-x-standin"]


STANDS_IN = ["daemon-reload", "is-active x-web", "start x-standin", "wait :1"]


@pytest.mark.parametrize(("fails", "asked"), [
    ("", [*STANDS_IN, "restart x-web", "wait :2", "stop x-standin", "restart alone-web x-worker"]),
    ("wait :1", [*STANDS_IN, "stop x-standin"])])
def test_nothing_is_stopped_before_the_stand_in_of_the_new_version_is_ready(tmp_path: Path, fails: str,
                                                                            asked: list[str]) -> None:
    for name, admin in (("x-standin", 1), ("x-web", 2), ("alone-web", 3)):
        (tmp_path / f"{name}.service").write_text(f"Environment=FREEHOLD_ADMIN_LISTEN=h:{admin}\n")
    for stub in ("systemctl", "freehold"):
        (tmp_path / stub).write_text("#!/bin/sh\n"
                                     'said=$(echo "$*" | sed "s|-q ||; s|wait .*//h\\(:.\\)/.*|wait \\1|")\n'
                                     f'echo "$said" >>{tmp_path}/asked\n[ "$said" != "{fails}" ]\n')
        (tmp_path / stub).chmod(0o755)
    script = (ANSIBLE / "roles/freehold/files/anew.sh").read_text(encoding="utf-8")
    done = subprocess.run(["sh", "-c", script.replace("/etc/systemd/system", str(tmp_path)), "anew",
                           str(tmp_path / "freehold"), "1", "x-web", "alone-web", "x-worker"], capture_output=True,
                          check=False, env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"})
    assert (tmp_path / "asked").read_text().splitlines() == asked
    assert (done.returncode == 0) == (not fails)


def test_nothing_is_written_into_the_bundle() -> None:
    targets = [options.get("dest", options.get("path", "")) for _, task in tasks() for options in task.values()
               if isinstance(options, dict)]
    assert [target for target in targets if "freehold_bundle }}" in str(target)] == []
    packing = next(task for _, task in tasks() if task["name"] == "Put the bundle's packages into it")
    assert packing["ansible.builtin.command"]["argv"][4] == "{{ freehold_for_hosts.path }}"


@pytest.mark.parametrize("playbook", PLAYBOOKS)
def test_a_host_is_ended_in_the_last_play_alone_because_the_next_would_take_it_again(playbook: str) -> None:
    plays = yaml.safe_load((ANSIBLE / playbook).read_text(encoding="utf-8"))
    assert [task["name"] for play in plays[:-1] for task in play.get("tasks", []) if "end_host" in str(task)] == []


def test_no_message_asks_what_a_task_was_called_with() -> None:
    assert [path.name for path in ANSIBLE.rglob("*.yml") if ".invocation" in path.read_text(encoding="utf-8")] == []


def test_what_starts_processes_anew_does_so_on_one_of_three_servers_after_the_other() -> None:
    """The two others answer meanwhile."""
    handlers = yaml.safe_load((ANSIBLE / "roles/freehold/handlers/main.yml").read_text(encoding="utf-8"))
    anew = [task for task in (*(task for _, task in tasks()), *handlers) if "anew.sh" in str(task)]
    assert {task["name"] for task in anew} == {"Bring back units and settings, and start the version before",
                                               "Start every process anew"}
    assert {task["throttle"] for task in anew} == {"{{ freehold_clustered | ternary(1, 0) }}"}


def test_nothing_is_removed_without_a_word() -> None:
    plays = yaml.safe_load((ANSIBLE / "uninstall.yml").read_text(encoding="utf-8"))
    steps = plays[-1]["tasks"]
    assert "end_host" in str(steps[1])
    assert steps[1]["when"] == "not freehold_confirm | default(false) | bool"
    assert not any("import_role" in str(task) for task in [*plays[0]["tasks"], *steps[:2]])


@pytest.mark.parametrize("playbook", ["backup", "restore", "rollback", "support-bundle", "upgrade"])
def test_a_dry_run_ends_before_what_it_cannot_look_into(playbook: str) -> None:
    steps = yaml.safe_load((ANSIBLE / f"{playbook}.yml").read_text(encoding="utf-8"))[-1]["tasks"]
    end = next(place for place, task in enumerate(steps) if task["name"] == "End a dry run")
    assert steps[end] == {"name": "End a dry run", "ansible.builtin.meta": "end_host", "when": "ansible_check_mode"}
    used = {key.rpartition(".")[2] for task in steps[:end] for key in task if key.startswith("ansible.builtin.")}
    assert used <= {"debug", "meta"}


@pytest.mark.parametrize("word", ["freehold_secret_values", "freehold_secrets_before", "freehold_backup_key_read",
                                  "item.1.value", "alter role", "freehold_recovery_key)"])
def test_a_task_that_handles_a_secret_does_not_print_it(word: str) -> None:
    found = [task for _, task in tasks() if word in str(task)]
    assert found
    assert all(task.get("no_log") for task in found)


def test_there_is_no_password_in_any_file() -> None:
    clear = re.compile(r"(?i)(password|secret|token):\s*['\"]?[A-Za-z0-9]{6,}")
    assert [path for path in ANSIBLE.rglob("*.yml") if clear.search(path.read_text(encoding="utf-8"))] == []
