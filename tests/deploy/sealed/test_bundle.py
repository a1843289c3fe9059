"""The bundle of this working copy, as `make bundle` makes it: sealed, and enough for machines without a network."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import pytest
from freehold_install import playbooks

from deploy.bundle.parts import HOST_PACKAGES
from freehold import __version__
from tests.support.engine import IMAGES, ROOT

LARGEST = 1_200_000_000


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The archive."""
    target = tmp_path_factory.mktemp("release")
    subprocess.run(
        [sys.executable, "-m", "deploy.bundle", "--target", str(target), "--images", str(IMAGES)],
        cwd=ROOT,
        check=True,
        timeout=600,
    )
    return target / f"freehold-{__version__}.tar"


@pytest.fixture(scope="module")
def bundle(made: Path) -> Path:
    """The archive, unpacked."""
    with tarfile.open(made) as archive:
        archive.extractall(made.parent)
    return made.parent / f"freehold-{__version__}"


def call(bundle: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(bundle / "freehold-install"), *arguments],
        cwd="/",
        env={"PATH": os.defpath},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def fingerprint(bundle: Path) -> str:
    """As an outsider reads it, with OpenSSH."""
    said = subprocess.run(
        ["ssh-keygen", "-Y", "check-novalidate", "-n", "freehold-bundle", "-s", str(bundle / "SHA256SUMS.sig")],
        input=(bundle / "SHA256SUMS").read_bytes(),
        capture_output=True,
        check=True,
    ).stdout.decode()
    return said.split()[-1]


def test_it_verifies_with_nothing_but_python(bundle: Path) -> None:
    answer = call(bundle, "verify", "--fingerprint", fingerprint(bundle))
    assert (answer.returncode, answer.stderr) == (0, "")
    assert __version__ in answer.stdout


def test_one_altered_byte_in_an_image_is_refused(bundle: Path) -> None:
    image = bundle / "images" / "app.tar.gz"
    place = image.stat().st_size // 2
    with image.open("r+b") as file:
        file.seek(place)
        byte = file.read(1)
        file.seek(place)
        file.write(bytes([byte[0] ^ 1]))
    try:
        answer = call(bundle, "verify", "--fingerprint", fingerprint(bundle))
    finally:
        with image.open("r+b") as file:
            file.seek(place)
            file.write(byte)
    assert answer.returncode == 1
    assert "images/app.tar.gz was altered" in answer.stderr


def test_it_holds_the_images_that_were_built(bundle: Path) -> None:
    known: list[dict[str, Any]] = json.loads((bundle / "images" / "images.json").read_text())
    for one in known:
        short = one["name"].rpartition("/")[2].partition(":")[0]
        with gzip.open(bundle / "images" / f"{short}.tar.gz") as packed, tarfile.open(fileobj=packed) as archive:
            names = [member.name for member in archive]
        assert f"blobs/sha256/{one['id'].partition(':')[2]}" in names
    assert len(known) == 5


def test_it_stays_within_its_bound(made: Path) -> None:
    assert made.stat().st_size <= LARGEST


def test_apt_installs_every_host_package_from_it_alone(bundle: Path, tmp_path: Path) -> None:
    for folder in ("lists/partial", "cache/archives/partial", "parts"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "status").touch()
    (tmp_path / "sources").write_text(f"deb [trusted=yes] file:{bundle}/debs ./\n")
    options = {
        "Dir::State": tmp_path,
        "Dir::State::status": tmp_path / "status",
        "Dir::Cache": tmp_path / "cache",
        "Dir::Etc::SourceList": tmp_path / "sources",
        "Dir::Etc::SourceParts": tmp_path / "parts",
        "APT::Install-Recommends": "false",
        "APT::Sandbox::User": "root",
        "APT::Architecture": "amd64",
    }
    given = [part for name, value in options.items() for part in ("-o", f"{name}={value}")]
    for arguments in (["update"], ["install", "--yes", "--simulate", *HOST_PACKAGES]):
        done = subprocess.run(["apt-get", *given, *arguments], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr


def test_every_debian_package_is_the_one_of_its_list(bundle: Path) -> None:
    paragraphs = (bundle / "debs" / "Packages").read_text().strip().split("\n\n")
    listed = {}
    for text in paragraphs:
        fields = dict(line.split(": ", 1) for line in text.splitlines() if ": " in line and not line.startswith(" "))
        listed[fields["Filename"].removeprefix("./")] = fields["SHA256"]
    here = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in (bundle / "debs").glob("*.deb")}
    assert listed == here


def test_pip_installs_freehold_from_it_alone(bundle: Path, tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", str(tmp_path / "venv")], check=True)
    python = tmp_path / "venv" / "bin" / "python"
    subprocess.run(
        [
            str(python),
            "-m",
            "pip",
            "install",
            "--quiet",
            "--no-index",
            "--find-links",
            str(bundle / "wheels-app"),
            "freehold",
        ],
        check=True,
        env={"PATH": os.defpath, "PIP_CONFIG_FILE": os.devnull},
        timeout=300,
    )
    said = subprocess.run([str(python.with_name("freehold")), "--version"], capture_output=True, text=True, check=True)
    assert said.stdout.strip().endswith(__version__)
    checked = subprocess.run([str(python), "-m", "pip", "check"], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout


def test_its_own_ansible_plays_its_playbooks(bundle: Path, tmp_path: Path) -> None:
    (tmp_path / "ansible").mkdir()
    (tmp_path / "wheels-ansible").symlink_to(bundle / "wheels-ansible")
    made = tmp_path / "made"
    (tmp_path / "ansible" / "install.yml").write_text(
        "- hosts: all\n  gather_facts: false\n  tasks:\n"
        f"    - copy: {{content: '{{{{ freehold_bundle }}}}', dest: '{made}', mode: '0600'}}\n"
    )
    inventory = tmp_path / "inventory"
    inventory.write_text(f"here ansible_connection=local ansible_python_interpreter={sys.executable}\n")
    assert playbooks.play(tmp_path, "install", inventory, []) == 0
    assert made.read_text() == str(tmp_path)


def test_terms_and_bills_come_along(bundle: Path) -> None:
    names = {file.name for file in (bundle / "sbom").iterdir()}
    assert {
        f"{image}.{kind}"
        for image in ("app", "postgres", "rabbitmq", "edge", "prometheus")
        for kind in ("cdx.json", "licences.txt")
    } <= names
    assert {"LICENSE", "NOTICE", "compose.yaml", "VERSION"} <= {file.name for file in bundle.iterdir()}
