"""Making a whole bundle of a difference: what is missing comes from an earlier bundle, found by its digest.

The earlier bundle is not believed: each file is copied, then held against the signed list of this one.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from freehold_install.verify import LIST, RefusedError, digest, entries, signed_list


def complete(bundle: Path, earlier: Path) -> int:
    """Copy what this bundle lacks from the unpacked earlier one; returns how many files came. Raises RefusedError."""
    listed, _ = signed_list(bundle)
    sources = _by_digest(earlier)
    missing = [name for name in listed if not (bundle / name).exists()]
    unknown = [name for name in missing if listed[name] not in sources]
    if unknown:
        raise RefusedError(
            f"neither this bundle nor {earlier} has {', '.join(unknown[:5])}. Name the bundle that this difference was "
            "made for, or fetch the whole one."
        )
    for name in missing:
        _fetch(sources[listed[name]], bundle / name, listed[name])
    return len(missing)


def _by_digest(earlier: Path) -> dict[str, Path]:
    try:
        text = (earlier / LIST).read_text(encoding="utf-8")
    except OSError:
        raise RefusedError(f"{earlier} is no unpacked bundle: it has no {LIST}.") from None
    return {value: earlier / name for name, value in entries(text).items()}


def _fetch(source: Path, target: Path, wanted: str) -> None:
    if not source.is_file() or digest(source) != wanted:
        raise RefusedError(f"{source} is missing or was altered; unpack the earlier bundle again.")
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(source, target)
