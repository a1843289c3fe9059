"""Approvals that pass by themselves, where their process says so: the approver is who applied, or has agreed before.

Of several people any one is enough where any one of them may decide; where all have to agree each is looked at alone,
because each has an instance of his own. Sending back and rejecting wipe out what was agreed: where the drawing leads
back, people look again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from services.workflow.model.processes.definition import AGREED, APPLICANT, Definition, Node


def passes(definition: Definition, node: Node, people: Sequence[str], applicant: str | None,
           agreed: Collection[str]) -> tuple[str, str] | None:
    """Return the person for whom a decision passes by itself, and why; None when somebody has to decide."""
    return next(_reasons(definition.starts[None].automatic, people, applicant, agreed), None) if node.decision else None


def _reasons(wanted: Collection[str], people: Sequence[str], applicant: str | None,
             agreed: Collection[str]) -> Iterator[tuple[str, str]]:
    if APPLICANT in wanted and applicant in people:
        yield str(applicant), APPLICANT
    if AGREED in wanted:
        yield from ((person, AGREED) for person in people if person in agreed)
