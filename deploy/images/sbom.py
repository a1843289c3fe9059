"""What an image is made of: a CycloneDX 1.5 bill of materials, and a list of licences for people.

Debian's licences come from the copyright files that stay in the image, Python's from the wheels' own metadata, the
console's from its lock file.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from email.parser import Parser
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from deploy.images.debian import Package
from deploy.images.tree import Tree

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, order=True)
class Part:
    """One component: where it is known by this name, and its licences as it declares them."""

    ecosystem: str
    name: str
    version: str
    licences: tuple[str, ...]
    sha256: str = ""

    @property
    def purl(self) -> str:
        """The package URL (github.com/package-url)."""
        name = self.name.replace("@", "%40")
        if self.ecosystem == "deb":
            version = self.version.replace("+", "%2B").replace(":", "%3A")
            return f"pkg:deb/debian/{name}@{version}?arch=amd64&distro=debian-12"
        return f"pkg:{self.ecosystem}/{name}@{self.version}"


def debian_parts(tree: Tree, packages: Iterable[Package]) -> list[Part]:
    """The Debian packages of an image."""
    return [Part("deb", one.name, one.version, _debian_licences(tree, one.name), one.sha256) for one in packages]


def wheel_parts(wheels: Iterable[Path]) -> list[Part]:
    """The Python packages of an image."""
    return [_wheel_part(wheel) for wheel in wheels]


def console_parts() -> list[Part]:
    """The packages that became part of the built console."""
    locked = json.loads((ROOT / "console" / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    return sorted(
        {
            Part("npm", path.rpartition("node_modules/")[2], about["version"], (str(about.get("license", "")),))
            for path, about in locked.items()
            if path and not about.get("dev") and not about.get("devOptional")
        }
    )


def bill(image: str, version: str, parts: Iterable[Part]) -> str:
    """The bill of materials as JSON; the same parts give the same text."""
    components = [_component(part) for part in sorted(parts)]
    serial = uuid.uuid5(uuid.NAMESPACE_URL, f"freehold:{image}:{json.dumps(components)}")
    return (
        json.dumps(
            {
                "bomFormat": "CycloneDX",
                "specVersion": "1.5",
                "serialNumber": f"urn:uuid:{serial}",
                "version": 1,
                "metadata": {"component": {"type": "container", "name": f"freehold/{image}", "version": version}},
                "components": components,
            },
            indent=1,
        )
        + "\n"
    )


def licence_list(image: str, parts: Iterable[Part]) -> str:
    """One line for each part."""
    lines = [f"Parts of the image freehold/{image} and their licences", ""]
    lines += [f"{part.ecosystem:5} {part.name} {part.version}: {', '.join(part.licences)}" for part in sorted(parts)]
    return "\n".join(lines) + "\n"


def _component(part: Part) -> dict[str, Any]:
    hashes = {"hashes": [{"alg": "SHA-256", "content": part.sha256}]} if part.sha256 else {}
    return {
        "type": "library",
        "bom-ref": part.purl,
        "name": part.name,
        "version": part.version,
        "purl": part.purl,
        "licenses": [{"license": {"name": name}} for name in part.licences],
        **hashes,
    }


def _debian_licences(tree: Tree, name: str) -> tuple[str, ...]:
    path = tree.find(f"usr/share/doc/{name}/copyright")
    text = (tree.entries[path].data or b"").decode("utf-8", "replace") if path else ""
    named = set(re.findall(r"^License: *(\S[^\n]*)", text, re.MULTILINE))
    return tuple(sorted(named)) or (f"see /usr/share/doc/{name}/copyright",)


def _wheel_part(wheel: Path) -> Part:
    with ZipFile(wheel) as archive:
        about_file = next(name for name in archive.namelist() if re.fullmatch(r"[^/]+\.dist-info/METADATA", name))
        about = Parser().parsestr(archive.read(about_file).decode("utf-8"))
    declared = about.get("License-Expression") or about.get("License") or ""
    classified = [line.split(" :: ")[-1] for line in about.get_all("Classifier") or [] if line.startswith("License ::")]
    if declared and "\n" not in declared and len(declared) < 80:
        classified = [declared]
    return Part(
        "pypi", about["Name"].lower().replace("_", "-"), about["Version"], tuple(classified or ["not declared"])
    )
