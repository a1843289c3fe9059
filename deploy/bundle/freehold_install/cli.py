"""The command line of a bundle.

`verify` and `preflight` change nothing, and say so. What changes machines is a playbook of the bundle: a verb is
offered when its playbook is there, it verifies the bundle first, and it says where the changes begin.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from freehold_install import playbooks
from freehold_install.complete import complete
from freehold_install.preflight import plan
from freehold_install.preflight.results import accepted, as_json, as_text, failed
from freehold_install.trust import trusted
from freehold_install.verify import RefusedError, UnknownSignerError, verify

BUNDLE = Path(__file__).resolve().parents[1]
REFUSED, UNKNOWN_SIGNER, NOT_READY = 1, 3, 4


def main(arguments: list[str] | None = None, bundle: Path = BUNDLE) -> int:
    """Run one command; returns the exit status."""
    options, rest = _parser(bundle).parse_known_args(arguments)
    if rest and options.command in ("verify", "preflight", "complete"):
        _parser(bundle).error(f"unknown option: {' '.join(rest)}")
    try:
        return int(options.run(options, rest, bundle))
    except UnknownSignerError as error:
        print(f"NOT TRUSTED YET: {error}", file=sys.stderr)
        return UNKNOWN_SIGNER
    except RefusedError as error:
        print(f"REFUSED: {error}", file=sys.stderr)
        return REFUSED


def _parser(bundle: Path) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="freehold-install", description="Check and install this bundle of Freehold.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    check = commands.add_parser("verify", help="check that the bundle is whole and from whom it should be")
    check.set_defaults(run=_verify)
    ready = commands.add_parser("preflight", help="check this machine; changes nothing")
    plan.add_arguments(ready)
    ready.set_defaults(run=_preflight)
    whole = commands.add_parser("complete", help="make a whole bundle of a difference; changes this folder only")
    whole.add_argument("--from", dest="earlier", type=Path, required=True, help="folder of the unpacked earlier bundle")
    whole.set_defaults(run=_complete)
    changing = [commands.add_parser(verb, help=about) for verb, about in playbooks.offered(bundle).items()]
    for one in changing:
        one.set_defaults(run=_play)
        one.add_argument("-i", "--inventory", type=Path, required=True, help="Ansible inventory of the hosts")
    for one in (check, whole, *changing):
        one.add_argument("--fingerprint", help="of the key that may sign, as it was published (SHA256:…)")
        one.add_argument("--signers", type=Path, help="file with the keys that may sign, kept outside of the bundle")
    return parser


def _verify(options: argparse.Namespace, _: list[str], bundle: Path) -> int:
    signer = verify(bundle, trusted(bundle, options.fingerprint, options.signers))
    version = (bundle / "VERSION").read_text(encoding="utf-8").strip()
    print(f"The bundle of Freehold {version} is whole and signed by {signer}. Nothing has been changed.")
    return 0


def _complete(options: argparse.Namespace, rest: list[str], bundle: Path) -> int:
    count = complete(bundle, options.earlier)
    print(f"{count} files came from {options.earlier}.")
    return _verify(options, rest, bundle)


def _preflight(options: argparse.Namespace, _: list[str], __: Path) -> int:
    found = accepted(plan.results(options), options.accept)
    print(json.dumps(as_json(found), indent=1) if options.json else as_text(found))
    return NOT_READY if failed(found) else 0


def _play(options: argparse.Namespace, rest: list[str], bundle: Path) -> int:
    verify(bundle, trusted(bundle, options.fingerprint, options.signers))
    print(
        f"--- No impact yet: the bundle is verified. From here on `{options.command}` changes the hosts of "
        f"{options.inventory}. ---",
        flush=True,
    )
    return playbooks.play(bundle, options.command, options.inventory, rest)
