"""What several instances of one step come to together."""

from __future__ import annotations

import pytest

from services.workflow.model.processes.many import outcome_of
from services.workflow.model.processes.state import APPROVED, DONE, REJECTED, Frame


@pytest.mark.parametrize(("approved", "rejected", "done", "outcome"), [
    (2, 0, 2, APPROVED), (1, 1, 2, REJECTED), (1, 0, 2, DONE), (0, 1, 2, REJECTED), (0, 0, 1, DONE)])
def test_all_have_to_agree(approved: int, rejected: int, done: int, outcome: str) -> None:
    frame = Frame(1, 1, body=True, total=done, approved=approved, rejected=rejected, done=done)
    assert outcome_of(frame, DONE, False, True) == outcome
