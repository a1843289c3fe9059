"""Containers that stand for a company's servers: systemd, sshd, and no network that leads anywhere."""

from __future__ import annotations

import json
import os
import re
import secrets
import subprocess
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.deploy.hosts import outward
from tests.deploy.hosts.figures import note
from tests.deploy.hosts.leaks import secrets_of

ROOT = Path(__file__).resolve().parents[3]
IMAGE = "freehold-test/node:bookworm"
PATIENCE = 2400  # seconds for one playbook
ANSIBLE = ROOT / "deploy" / "ansible"
# No CAP_SYS_RESOURCE and no way to raise limits: that is how an engine inside a container works.
RUN = ("--cap-add", "ALL", "--cap-drop", "SYS_RESOURCE", "--security-opt", "seccomp=unconfined",
       "--security-opt", "systempaths=unconfined", "--security-opt", "apparmor=unconfined", "--tmpfs", "/run",
       "--tmpfs", "/run/lock", "--tmpfs", "/tmp:exec", "-v", "/sys/fs/cgroup:/sys/fs/cgroup:ro")


class Node:
    """One server; `stop` removes it."""

    def __init__(self, folder: Path, name: str = "", network: Sequence[str] = ("--network", "none"),
                 host: str = "crm") -> None:
        self.name, self.host = name or f"freehold-test-{secrets.token_hex(4)}", host
        self._folder, self._network = folder, network

    def start(self) -> Node:
        """Start it and let the controller in."""
        named = ("--name", self.name, "--hostname", self.host)
        command("docker", "run", "-d", *named, *self._network, *RUN, IMAGE, "/sbin/init")
        key = self._folder / "key"
        if not key.exists():
            command("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key))
        self.wait_for("systemctl is-system-running | grep -Eq 'running|degraded'", 60)
        # After the boot: a unit that failed for want of host keys takes its folder below /run away again.
        self.sh(f"mkdir -p -m 700 /root/.ssh && echo '{key.with_suffix('.pub').read_text().strip()}' "
                ">/root/.ssh/authorized_keys && ssh-keygen -A && systemctl reset-failed ssh && "
                "systemctl restart ssh && mkdir -p /run/sshd")
        self._note_what_goes_outward()
        return self

    def _note_what_goes_outward(self) -> None:
        for path, text in ((outward.PROGRAM, outward.SOURCE), ("/etc/systemd/system/outward.service", outward.UNIT)):
            self.sh(f"cat >{path}", stdin=text)
        self.sh("systemctl daemon-reload && systemctl enable -q --now outward")

    def sent_outward(self) -> list[str]:
        """Look-ups and connections that were tried beyond this server since it was started first."""
        return self.sh(f"systemctl -q is-active outward && cat {outward.NOTES}").splitlines()

    def stop(self) -> None:
        """Remove it with all it has."""
        subprocess.run(["docker", "rm", "-f", "-v", self.name], capture_output=True, timeout=60, check=False)

    def restart(self) -> None:
        """Switch it off and on again."""
        command("docker", "restart", "-t", "30", self.name)

    def sh(self, text: str, *, stdin: str = "", timeout: float = 120) -> str:
        """Run a shell command as root and return its output."""
        return command("docker", "exec", "-i", self.name, "/bin/sh", "-c", text, stdin=stdin, timeout=timeout)

    def take_over(self, other: Node, path: str) -> None:
        """Get a folder of another server, as its disk would be mounted here."""
        self.sh(f"mkdir -p {path}")
        pipe = "set -o pipefail; docker exec {} tar -C {} -cf - . | docker exec -i {} tar -C {} -xpf -"
        command("bash", "-c", pipe.format(other.name, path, self.name, path), timeout=300)

    def memory(self) -> float:
        """MB that all processes hold, what they share counted once (PSS)."""
        said = self.sh("cat /proc/[0-9]*/smaps_rollup 2>/dev/null | awk '$1 == \"Pss:\" {sum += $2} END {print sum}'")
        return int(said) / 1000

    def wait_for(self, text: str, seconds: float) -> None:
        """Return when a shell command succeeds."""
        deadline = time.monotonic() + seconds
        while subprocess.run(["docker", "exec", self.name, "/bin/sh", "-c", text], capture_output=True, timeout=60,
                             check=False).returncode != 0:
            assert time.monotonic() < deadline, f"not within {seconds} s: {text}"
            time.sleep(0.5)


class Controller:
    """A folder with an inventory, from which the bundle's own Ansible reaches one node or several through ssh."""

    def __init__(self, folder: Path, node: Node, bundle: Path, fingerprint: str, *others: Node) -> None:
        self.folder, self.bundle, self._fingerprint = folder, bundle, fingerprint
        self._nodes = (node, *others)

    def inventory(self, **settings: object) -> None:
        """Write the inventory."""
        variables = {"ansible_user": "root", "freehold_nofile": 16384,
                     "freehold_public_url": "https://crm.example.com", "freehold_memory_mb": 1000,
                     "freehold_postgresql_unit": "OOMScoreAdjust=0\n",
                     "freehold_backup_repository": "/mnt/backup/freehold", **settings}
        self.write_inventory({"crm": {name: one for name, one in variables.items() if one is not None}})

    def write_inventory(self, hosts: dict[str, dict[str, object]]) -> None:
        """Write the inventory of these hosts, each with its way in."""
        ssh = (f"-i {self.folder}/key -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR "
               "-o ProxyCommand='docker exec -i {} /usr/sbin/sshd -i'")
        known = {node.host: {"ansible_ssh_common_args": ssh.format(node.name)} for node in self._nodes}
        inventory = {"all": {"hosts": {host: variables | known[host] for host, variables in hosts.items()}}}
        (self.folder / "inventory.json").write_text(json.dumps(inventory), encoding="utf-8")

    def install(self, *options: str) -> tuple[dict[str, int], str]:
        """Run the playbook that installs."""
        return self.play("install.yml", *options)

    def play(self, playbook: str, *options: str, bundle: Path | None = None) -> tuple[dict[str, int], str]:
        """Run a playbook; returns the numbers of its last line and all it said. A secret in that is an error."""
        began = time.monotonic()
        done = subprocess.run(self.words(playbook, *options, bundle=bundle), cwd=ANSIBLE, env=self.environment,
                              capture_output=True, text=True, timeout=PATIENCE, check=False)
        said = done.stdout + done.stderr
        self.assert_keeps_quiet(said, playbook)
        assert [line for node in self._nodes for line in node.sent_outward()] == []
        assert done.returncode == 0, f"{playbook} ended with {done.returncode}:\n{said[-6000:]}"
        note(" ".join([playbook, *(option for option in options if option != "-e")]), time.monotonic() - began, "s")
        return self._recap(said), said

    def _recap(self, said: str) -> dict[str, int]:
        """The numbers of the last lines, added up over the nodes."""
        numbers: Counter[str] = Counter()
        for node in self._nodes:
            recap = re.search(rf"^{node.host} +: (.*)$", said, re.MULTILINE)
            assert recap, said
            numbers.update({name: int(number) for name, number in re.findall(r"(\w+)=(\d+)", recap.group(1))})
        return dict(numbers)

    def words(self, playbook: str, *options: str, bundle: Path | None = None) -> Sequence[str]:
        """The command that runs a playbook: as an operator does with the sealed bundle, directly with another one."""
        inventory = ["-i", str(self.folder / "inventory.json")]
        if bundle is None:
            return [str(self.bundle / "freehold-install"), playbook.removesuffix(".yml"), *inventory, "--fingerprint",
                    self._fingerprint, *options]
        return [str(ROOT / ".venv/bin/ansible-playbook"), *inventory, "-e", f"freehold_bundle={bundle}", *options,
                playbook]

    @property
    def environment(self) -> dict[str, str]:
        """What that command is run with."""
        return {**os.environ, "ANSIBLE_NOCOLOR": "1", "ANSIBLE_FORCE_COLOR": "0", "HOME": str(self.folder)}

    def assert_keeps_quiet(self, said: str, what: str) -> None:
        """Nothing that is kept as a secret beside the inventory may be in an output."""
        printed = [secret for secret in secrets_of(self.folder / "secrets") if secret in said]
        assert not printed, f"{what} printed {len(printed)} secrets"


@dataclass(frozen=True)
class Installed:
    """An installed server and what the installation said."""

    node: Node
    controller: Controller
    recap: dict[str, int]


def command(*argv: str, stdin: str = "", timeout: float = 120, cwd: Path = ROOT,
            env: dict[str, str] | None = None) -> str:
    """Run a program; its output, or an AssertionError with the end of it."""
    done = subprocess.run(argv, input=stdin, capture_output=True, text=True, timeout=timeout, cwd=cwd, check=False,
                          env={**os.environ, **(env or {})})
    end = (done.stdout + done.stderr)[-6000:]
    assert done.returncode == 0, f"{' '.join(argv[:6])} … ended with {done.returncode}:\n{end}"
    return done.stdout
