"""The bundle of this working copy as `make bundle` seals it, without the images: hosts with systemd need none."""

from __future__ import annotations

from pathlib import Path

from deploy.bundle import parts
from deploy.bundle.signing import sign
from freehold import __version__
from tests.deploy.hosts.nodes import ROOT

HOSTS = ROOT / "requirements" / "hosts.txt"


def seal(packages: Path, workshop: Path, target: Path) -> tuple[Path, str]:
    """Make and sign a bundle of the packages and wheels in `packages`; (its folder, fingerprint of the signer)."""
    bundle = target / f"freehold-{__version__}"
    for folder in ("debs", "wheels-app"):
        (bundle / folder).mkdir(parents=True)
        for file in (packages / folder).iterdir():
            if not file.name.startswith("."):
                (bundle / folder / file.name).hardlink_to(file)
    (bundle / "VERSION").write_text(f"{__version__}\n", encoding="utf-8")
    parts.program(bundle)
    parts.texts(bundle)
    parts.ansible_wheels(bundle, workshop)
    return bundle, sign(parts.checksums(bundle), workshop / "bundle-key")
