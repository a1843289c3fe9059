"""`python -m bench.ledger [CHANGES RULES KILLS]`: the full size, or another one; ends with 1 unless all is equal."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from bench.chaos import LONG
from bench.ledger.run import FULL, Size, run
from tests.support.product import UNLIMITED, full_product


def main(arguments: list[str]) -> int:
    """Run it."""
    size = Size(*map(int, arguments)) if arguments else FULL
    with tempfile.TemporaryDirectory() as home, full_product(Path(home), env=UNLIMITED) as product:
        verdict = run(product, size, LONG)
    print(verdict)
    return 0 if verdict.perfect else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
