"""`python -m deploy.images build [NAME…]` and `python -m deploy.images lock`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from deploy.images.build import build
from deploy.images.debian import BuildError
from deploy.images.lock import lock
from deploy.images.recipes import RECIPES

ROOT = Path(__file__).resolve().parents[2]


def main() -> int:
    """Run one command; returns the exit status."""
    arguments = _parser().parse_args()
    try:
        if arguments.command == "lock":
            lock(arguments.workshop)
        else:
            for made in build(arguments.names, arguments.target, arguments.workshop):
                print(f"{made['name']:28} {made['bytes'] / 1e6:6.1f} MB  {made['digest']}")
    except BuildError as error:
        print(f"images: {error}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m deploy.images", description="Build Freehold's container images.")
    parser.add_argument("command", choices=("build", "lock"))
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"of {', '.join(one.name for one in RECIPES)}; all when none"
    )
    parser.add_argument("--target", type=Path, default=ROOT / "dist" / "images", help="where the archives go")
    parser.add_argument(
        "--workshop", type=Path, default=ROOT / "build" / "images", help="what was fetched, kept for the next time"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
