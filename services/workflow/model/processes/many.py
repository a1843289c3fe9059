"""Several instances of one activity: how they begin, what is counted, how they end together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from services.workflow.model.processes.definition import Many
from services.workflow.model.processes.state import APPROVED, DONE, REJECTED, Frame


def begun(id: int, token: int, items: Sequence[str | None], many: Many) -> tuple[Frame, Sequence[str | None]]:
    """The frame of the instances, and those that begin at once."""
    first = items[:1] if many.sequential else items
    return Frame(id, token, body=True, total=len(items), rest=tuple(items[len(first):])), first


def after_one(frame: Frame, outcome: str) -> Frame:
    """The frame once another instance has come to its end."""
    return replace(frame, done=frame.done + 1, approved=frame.approved + (outcome == APPROVED),
                   rejected=frame.rejected + (outcome == REJECTED))


def may_stop(stops: bool, frame: Frame) -> bool:
    """Whether this was the last instance."""
    return stops or frame.done == frame.total


def outcome_of(frame: Frame, last: str, stopped: bool, decision: bool) -> str:
    """What the instances come to together: what the one decided that ended them; else rejected when one did,
    approved when all did."""
    if not decision:
        return DONE
    if stopped:
        return last
    if frame.rejected:
        return REJECTED
    return APPROVED if frame.approved == frame.done else DONE  # what was called may be cancelled
