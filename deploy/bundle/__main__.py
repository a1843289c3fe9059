"""`python -m deploy.bundle`: make, seal and pack a bundle. `python -m deploy.bundle lock`: packages for hosts anew."""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

from deploy.bundle import parts
from deploy.bundle.signing import SigningError, sign
from deploy.images.debian import Apt, BuildError, read_lock, write_lock
from freehold import __version__

ROOT = Path(__file__).resolve().parents[2]


def main() -> int:
    """Run one command; returns the exit status."""
    options = _parser().parse_args()
    try:
        if options.command == "lock":
            _lock(options.workshop)
        else:
            _make(options.target, options.images, options.workshop)
    except (BuildError, SigningError, subprocess.CalledProcessError) as error:
        print(f"bundle: {error}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m deploy.bundle", description="Make the sealed bundle of a release.")
    parser.add_argument("command", nargs="?", choices=("make", "lock"), default="make")
    parser.add_argument("--target", type=Path, default=ROOT / "dist", help="where the archive goes")
    parser.add_argument("--images", type=Path, default=ROOT / "dist" / "images", help="where the images are")
    parser.add_argument("--workshop", type=Path, default=ROOT / "build" / "images", help="what was fetched, kept")
    return parser


def _lock(workshop: Path) -> None:
    apt = Apt(workshop / "apt")
    apt.update()
    known = apt.describe(apt.closure(parts.HOST_PACKAGES))
    write_lock({"hosts": list(known.values())}, parts.LOCK)


def _make(target: Path, images: Path, workshop: Path) -> None:
    name = f"freehold-{__version__}"
    bundle = target / name
    shutil.rmtree(bundle, ignore_errors=True)
    bundle.mkdir(parents=True)
    (bundle / "VERSION").write_text(f"{__version__}\n", encoding="utf-8")
    parts.program(bundle)
    parts.images(bundle, images)
    parts.texts(bundle)
    parts.debian_packages(bundle, workshop)
    parts.wheels(bundle, workshop)
    fingerprint = sign(parts.checksums(bundle), workshop / "bundle-key")
    archive = _pack(bundle, target / f"{name}.tar")
    print(f"{archive} ({archive.stat().st_size / 1e6:.0f} MB), signed by {fingerprint}")


def _pack(bundle: Path, archive: Path) -> Path:
    """Put the folder into one archive, in a fixed order, with the moment of the images' lock."""
    epoch = read_lock()[0]

    def plain(member: tarfile.TarInfo) -> tarfile.TarInfo:
        member.uid = member.gid = 0
        member.uname = member.gname = ""
        member.mtime = epoch
        return member

    with tarfile.open(archive, "w") as out:
        for file in sorted(bundle.rglob("*")):
            if file.is_file():
                out.add(file, f"{bundle.name}/{file.relative_to(bundle)}", filter=plain)
    shutil.rmtree(bundle)
    return archive


if __name__ == "__main__":
    sys.exit(main())
