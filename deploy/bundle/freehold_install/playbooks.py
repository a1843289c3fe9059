"""Running a playbook of the bundle with the Ansible of the bundle.

Its wheels are unpacked into a temporary folder; nothing is installed on the machine that commands the others.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

VERBS = {
    "install": "install Freehold on the hosts of an inventory",
    "upgrade": "bring an installation to this version",
    "rollback": "go back to the version before",
    "backup": "make a backup now",
    "restore": "restore a backup",
    "support-bundle": "collect what support needs, without secrets and personal data",
    "uninstall": "remove Freehold from the hosts",
}


def offered(bundle: Path) -> dict[str, str]:
    """Verbs whose playbook is in the bundle, with what they do."""
    return {verb: about for verb, about in VERBS.items() if (bundle / "ansible" / f"{verb}.yml").is_file()}


def play(bundle: Path, verb: str, inventory: Path, more: list[str]) -> int:
    """Run the playbook of a verb; returns Ansible's exit status."""
    with tempfile.TemporaryDirectory(prefix="freehold-ansible-") as folder:
        for wheel in sorted((bundle / "wheels-ansible").glob("*.whl")):
            with zipfile.ZipFile(wheel) as archive:
                archive.extractall(folder)
        env = dict(os.environ, PYTHONPATH=folder, PYTHONDONTWRITEBYTECODE="1", ANSIBLE_HOME=str(Path(folder) / "home"))
        command = [
            sys.executable,
            "-m",
            "ansible.cli.playbook",
            "-i",
            str(inventory.resolve()),
            "-e",
            f"freehold_bundle={bundle}",
            f"{verb}.yml",
            *more,
        ]
        return subprocess.run(command, cwd=bundle / "ansible", env=env, check=False).returncode
