"""A small bundle with the real program, sealed as a release is, and ways to call the program as people do."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from deploy.bundle import parts
from deploy.bundle.signing import sign


@dataclass
class Bundle:
    """An unpacked bundle; `fingerprint` is that of the key that signed it."""

    folder: Path
    fingerprint: str

    def call(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run its program with an empty environment, as on a machine that has nothing but Python."""
        return subprocess.run(
            [sys.executable, "-I", str(self.folder / "freehold-install"), *arguments],
            cwd="/",
            env={},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )


def make_bundle(folder: Path, key: Path, version: str = "9.9.9") -> Bundle:
    """Seal a bundle with a key of this test."""
    parts.program(folder)
    (folder / "VERSION").write_text(f"{version}\n")
    (folder / "images").mkdir()
    (folder / "images" / "app.tar.gz").write_bytes(bytes(range(256)) * 64)
    (folder / "ansible").mkdir()
    (folder / "ansible" / "install.yml").write_text("- hosts: all\n  tasks: []\n")
    return Bundle(folder, sign(parts.checksums(folder), key))


@pytest.fixture(scope="session")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """A bundle that no test changes."""
    folder = tmp_path_factory.mktemp("bundle")
    return make_bundle(folder / "freehold-9.9.9", folder / "key")


@pytest.fixture
def bundle(sealed: Bundle, tmp_path: Path) -> Bundle:
    """A copy that a test may spoil."""
    shutil.copytree(sealed.folder, tmp_path / "bundle")
    return Bundle(tmp_path / "bundle", sealed.fingerprint)
