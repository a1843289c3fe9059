"""What a run came to, read off the results of its actions.

A result is `done`, `pending` (the record's change is ordered and still to be carried out), `unchanged`, `failed`, or
`skipped` (the run was stopped).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Result = Mapping[str, Any]


def outcome_of(results: Sequence[Result]) -> str:
    """Return how a run with these results of its actions stands."""
    found = {result["result"] for result in results}
    return next((outcome for outcome in ("pending", "failed") if outcome in found), "done")


def failure_in(results: Sequence[Result]) -> Mapping[str, str] | None:
    """Return what the first failed action says, by language."""
    return next((result["detail"] for result in results if result["result"] == "failed"), None)
