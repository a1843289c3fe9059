"""What goes into a bundle, a function for each part; a part that this working copy does not have is left out."""

from __future__ import annotations

import gzip
import hashlib
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from deploy.images import python
from deploy.images.debian import Apt, BuildError, Package, read_lock
from deploy.images.tree import DPKG_DEB

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).parent
LOCK = HERE / "hosts.lock"
HOST_PACKAGES = (
    "postgresql",
    "pgbackrest",
    "rabbitmq-server",
    "nginx-light",
    "python3-venv",
    "fonts-wqy-microhei",
    "ca-certificates",
    "openssl",
    "chrony",
    "prometheus",
    "prometheus-alertmanager",
    "prometheus-node-exporter",
    "prometheus-postgres-exporter",
    "keepalived",
    "patroni",
    "etcd-server",
    "etcd-client",
    "haproxy",
    "docker.io",
    "docker-compose",
)
FOLDERS = {"helm": "helm", "deploy/ansible": "ansible", "deploy/monitoring": "monitoring", "docs": "docs"}
FILES = {"compose.yaml": "compose.yaml", "LICENSE": "LICENSE", "NOTICE": "NOTICE"}


def program(bundle: Path) -> None:
    """`freehold-install` and the package that it runs."""
    for path in _tracked("deploy/bundle/freehold_install", "deploy/bundle/freehold-install"):
        _copy(ROOT / path, bundle / Path(path).relative_to("deploy/bundle"))


def images(bundle: Path, built: Path) -> None:
    """The images, compressed as `docker load` takes them, their digests and their bills of materials."""
    for archive in sorted(built.glob("*.tar")):
        target = bundle / "images" / f"{archive.name}.gz"
        target.parent.mkdir(parents=True, exist_ok=True)
        with archive.open("rb") as source, target.open("wb") as out, gzip.GzipFile("", "wb", 6, out, mtime=0) as packed:
            shutil.copyfileobj(source, packed, 1 << 20)
    _copy(built / "images.json", bundle / "images" / "images.json")
    for file in sorted((built.parent / "sbom").iterdir()):
        _copy(file, bundle / "sbom" / file.name)


def texts(bundle: Path) -> None:
    """Chart, playbooks, rules and dashboards, documentation and compose.yaml, as far as they are tracked."""
    for source, target in FOLDERS.items():
        for path in _tracked(source):
            _copy(ROOT / path, bundle / target / Path(path).relative_to(source))
    for source, target in FILES.items():
        if (ROOT / source).exists():
            _copy(ROOT / source, bundle / target)


def debian_packages(bundle: Path, workshop: Path) -> None:
    """Packages for hosts, as a flat archive that apt reads: `deb [trusted=yes] file:…/debs ./`."""
    packages = read_lock(LOCK)[1]["hosts"]
    apt, cache = Apt(workshop / "apt"), workshop / "debs"
    if any(not (cache / one.file_name).exists() for one in packages):
        apt.update()
    files = apt.fetch(packages, cache)
    for file in files:
        _link_or_copy(file, bundle / "debs" / file.name)
    paragraphs = [_paragraph(one, file) for one, file in zip(packages, files, strict=True)]
    (bundle / "debs" / "Packages").write_text("\n".join(paragraphs), encoding="utf-8")


def wheels(bundle: Path, workshop: Path) -> None:
    """Freehold as a wheel with all that it needs."""
    for file in python.wheels(workshop / "wheels"):
        _link_or_copy(file, bundle / "wheels-app" / file.name)
    subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "wheel",
            "--quiet",
            "--disable-pip-version-check",
            "--no-deps",
            "--no-build-isolation",
            "--wheel-dir",
            str(bundle / "wheels-app"),
            str(ROOT),
        ],
        check=True,
    )


def ansible_wheels(bundle: Path, workshop: Path) -> None:
    """Ansible's own wheels, which `freehold-install` runs its playbooks with."""
    ansible = workshop / "wheels-ansible"
    for file in python.wheels(ansible, ROOT / "requirements" / "hosts.txt"):
        _link_or_copy(file, bundle / "wheels-ansible" / file.name)


def checksums(bundle: Path) -> Path:
    """Write the list of all files with their digests; returns it."""
    lines = [f"{_digest(file)}  {file.relative_to(bundle)}" for file in sorted(bundle.rglob("*")) if file.is_file()]
    target = bundle / "SHA256SUMS"
    target.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return target


def _paragraph(package: Package, file: Path) -> str:
    control = subprocess.run([DPKG_DEB, "--field", str(file)], capture_output=True, text=True, check=True).stdout
    return f"{control.rstrip()}\nFilename: ./{file.name}\nSize: {file.stat().st_size}\nSHA256: {package.sha256}\n"


def _tracked(*paths: str) -> Iterable[str]:
    git = shutil.which("git") or "git"
    listed = subprocess.run([git, "ls-files", "-z", *paths], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode != 0:
        raise BuildError("a bundle is made from a working copy of the repository, with git")
    return [path for path in listed.stdout.split("\0") if path and (ROOT / path).is_file()]


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(source, target)


def _link_or_copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        target.hardlink_to(source)
    except OSError:
        shutil.copy(source, target)


def _digest(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
