"""`python -m deploy.bundle`: make, seal and pack a bundle. `python -m deploy.bundle lock`: packages for hosts anew."""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from deploy.bundle import parts
from deploy.bundle.packing import pack, pack_difference, version_of
from deploy.bundle.signing import SigningError, public_half, sign
from deploy.images.debian import Apt, BuildError, write_lock
from freehold import __version__

ROOT = Path(__file__).resolve().parents[2]


def main() -> int:
    """Run one command; returns the exit status."""
    options = _parser().parse_args()
    try:
        if options.command == "lock":
            _lock(options.workshop)
        else:
            _make(options)
    except (BuildError, SigningError, subprocess.CalledProcessError) as error:
        print(f"bundle: {error}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m deploy.bundle", description="Make the sealed bundle of a release.")
    parser.add_argument("command", nargs="?", choices=("make", "lock"), default="make")
    parser.add_argument("--target", type=Path, default=ROOT / "dist", help="where the archive goes")
    parser.add_argument("--images", type=Path, default=ROOT / "dist" / "images", help="where the images are")
    parser.add_argument("--since", type=Path, help="archive of an earlier bundle, to make the difference to it as well")
    parser.add_argument("--workshop", type=Path, default=ROOT / "build" / "images", help="what was fetched, kept")
    return parser


def _lock(workshop: Path) -> None:
    apt = Apt(workshop / "apt")
    apt.update()
    known = apt.describe(apt.closure(parts.HOST_PACKAGES))
    write_lock({"hosts": list(known.values())}, parts.LOCK)


def _make(options: argparse.Namespace) -> None:
    bundle = options.target / f"freehold-{__version__}"
    shutil.rmtree(bundle, ignore_errors=True)
    bundle.mkdir(parents=True)
    (bundle / "VERSION").write_text(f"{__version__}\n", encoding="utf-8")
    parts.program(bundle)
    parts.images(bundle, options.images)
    parts.texts(bundle)
    parts.debian_packages(bundle, options.workshop)
    parts.wheels(bundle, options.workshop)
    parts.ansible_wheels(bundle, options.workshop)
    fingerprint = sign(parts.checksums(bundle), options.workshop / "bundle-key")
    for archive in _archives(bundle, options):
        print(f"{archive} ({archive.stat().st_size / 1e6:.0f} MB), signed by {fingerprint}")
    signer = options.target / f"freehold-{__version__}.signer.pub"
    signer.write_text(public_half(options.workshop / "bundle-key"), encoding="utf-8")
    print(f"{signer}: what companies pin; publish it on a way that does not lead through the archive")
    shutil.rmtree(bundle)


def _archives(bundle: Path, options: argparse.Namespace) -> Iterator[Path]:
    """The whole bundle and, when an earlier one is named, the difference to it."""
    if options.since:
        name = f"{bundle.name}-since-{version_of(options.since)}.tar"
        yield pack_difference(bundle, options.since, options.target / name)
    yield pack(bundle, options.target / f"{bundle.name}.tar")


if __name__ == "__main__":
    sys.exit(main())
