"""Debian packages by lock file: resolved and fetched by apt, with a state of its own and the machine's own archives.

`debian.lock` says for each image which packages, in which version and with which SHA-256, in an order that can be
compared line by line. Where the archive comes from is the machine's business (its sources, or those of the file that
FREEHOLD_APT_SOURCES names, such as a dated snapshot); what comes is checked against the lock.
"""

from __future__ import annotations

import glob
import hashlib
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

LOCK = Path(__file__).with_name("debian.lock")
SUITE = "bookworm"


class BuildError(Exception):
    """What stands in the way of an image, in a sentence for whoever builds it."""


@dataclass(frozen=True, order=True)
class Package:
    """One package in one version."""

    name: str
    version: str
    sha256: str
    source: str

    @property
    def file_name(self) -> str:
        return f"{self.name}_{self.version.replace(':', '%3a')}.deb"


class Apt:
    """apt-get with lists and a cache below `folder`; it knows no installed package."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()
        for part in ("lists/partial", "cache/archives/partial"):
            (folder / part).mkdir(parents=True, exist_ok=True)
        (folder / "status").touch()

    def update(self) -> None:
        """Fetch the lists of packages."""
        self._apt("apt-get", "update", "-qq")

    def closure(self, packages: Iterable[str]) -> list[str]:
        """Names of the packages and all that they depend on."""
        out = self._apt("apt-get", "install", "--yes", "--simulate", *packages)
        return sorted(set(re.findall(r"^Inst (\S+)", out, re.MULTILINE)))

    def describe(self, names: Iterable[str]) -> dict[str, Package]:
        """The versions of packages that apt would take, by name."""
        out = self._apt("apt-cache", "show", "--no-all-versions", *sorted(names))
        return {one.name: one for one in map(_package, out.strip().split("\n\n"))}

    def fetch(self, packages: Sequence[Package], target: Path) -> list[Path]:
        """Packages as files in the folder `target`, checked; only what is not there is fetched, in one go."""
        target.mkdir(parents=True, exist_ok=True)
        files = [target / one.file_name for one in packages]
        absent = [
            one for one, file in zip(packages, files, strict=True) if not file.exists() or _sha256(file) != one.sha256
        ]
        if absent:
            self._download(absent, target)
        return files

    def _download(self, packages: Sequence[Package], target: Path) -> None:
        workshop = target / ".arriving"
        shutil.rmtree(workshop, ignore_errors=True)
        workshop.mkdir()
        try:
            self._apt("apt-get", "download", "-qq", *(f"{one.name}={one.version}" for one in packages), cwd=workshop)
        except BuildError as error:
            raise BuildError(
                f"{error}\nWhat the lock names is not in the archive any more? Take the present versions with "
                "`make images-lock`, or name a dated snapshot in FREEHOLD_APT_SOURCES."
            ) from None
        for one in packages:
            self._accept(one, workshop, target)
        workshop.rmdir()

    def _accept(self, package: Package, workshop: Path, target: Path) -> None:
        version = package.version.replace(":", "%3a")
        got = next(workshop.glob(f"{package.name}_{glob.escape(version)}_*.deb"))
        if _sha256(got) != package.sha256:
            raise BuildError(f"{package.name} {package.version} is not the file that {LOCK.name} names")
        got.replace(target / package.file_name)

    def _apt(self, program: str, *arguments: str, cwd: Path | None = None) -> str:
        done = subprocess.run(
            [program, *self._options(), *arguments],
            cwd=cwd,
            capture_output=True,
            text=True,
            check=False,
            env=dict(os.environ) | {"LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive"},
        )
        if done.returncode != 0:
            raise BuildError(f"{program} {' '.join(arguments[:3])}: {done.stderr.strip()[-600:]}")
        return done.stdout

    def _options(self) -> list[str]:
        own = os.environ.get("FREEHOLD_APT_SOURCES")
        sources = {"Dir::Etc::SourceList": own, "Dir::Etc::SourceParts": "-"} if own else {}
        settings = {
            "Dir::State": self._folder,
            "Dir::State::status": self._folder / "status",
            "Dir::Cache": self._folder / "cache",
            "APT::Architecture": "amd64",
            "APT::Architectures": "amd64",
            "APT::Install-Recommends": "false",
            "APT::Default-Release": SUITE,
            "APT::Sandbox::User": "root",
            "Acquire::Retries": 3,
            **sources,
        }
        return [part for name, value in settings.items() for part in ("-o", f"{name}={value}")]


def _package(paragraph: str) -> Package:
    fields = dict(re.findall(r"^(Package|Version|SHA256|Source): (\S+)", paragraph, re.MULTILINE))
    return Package(fields["Package"], fields["Version"], fields["SHA256"], fields.get("Source", fields["Package"]))


def read_lock(path: Path = LOCK) -> tuple[int, dict[str, list[Package]]]:
    """The moment that all files of the images bear, and the packages of each image."""
    epoch, packages, image = 0, {}, ""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("epoch "):
            epoch = int(line.split()[1])
        elif line.startswith("["):
            image = line.strip("[]")
            packages[image] = []
        elif line and not line.startswith("#"):
            packages[image].append(Package(*line.split()))
    return epoch, packages


def write_lock(packages: Mapping[str, Sequence[Package]], path: Path = LOCK) -> None:
    """Write the lock anew; its moment is today's midnight, or the old one when nothing has changed."""
    old_epoch, old = read_lock(path) if path.exists() else (0, {})
    same = {name: sorted(those) for name, those in packages.items()} == {
        name: sorted(those) for name, those in old.items()
    }
    epoch = old_epoch if same else int(time.time()) // 86_400 * 86_400
    lines = [
        "# Debian packages of the images: name, version, SHA-256, source. Made by `make images-lock`.",
        f"epoch {epoch}",
    ]
    for name, those in packages.items():
        lines += ["", f"[{name}]", *(f"{one.name} {one.version} {one.sha256} {one.source}" for one in sorted(those))]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()
