"""The program that works the ledger's expectations out knows what it is about (`make ledger` compares them)."""

from __future__ import annotations

from bench.ledger.expected import Change, acts, expected


def test_the_independent_program_reads_conditions_as_the_documents_say() -> None:
    def rule(on: str, *clauses: dict[str, object], **more: object) -> dict[str, object]:
        return {"trigger": {"on": on, **more}, "criteria": {"all": list(clauses)}, "actions": [{"type": "create_task"}]}

    won = {"field": "stage", "op": "eq", "value": "won"}
    other = {"field": "kind", "op": "ne", "value": "a"}
    made = Change("r", 1, None, {"stage": "won", "kind": None})
    kept = Change("r", 2, {"stage": "won", "kind": None}, {"stage": "won", "kind": "a"})
    came = Change("r", 3, {"stage": "new", "kind": "a"}, {"stage": "won", "kind": "a"})
    assert [acts(rule("created", won, other), one) for one in (made, kept, came)] == [True, False, False]
    assert [acts(rule("becomes", won), one) for one in (made, kept, came)] == [True, False, True]
    assert [acts(rule("changed", won, fields=["kind"]), one) for one in (made, kept, came)] == [False, True, False]
    assert expected({"R": rule("becomes", won)}, [made, kept, came]).tasks == {("R", "r", 1): 1, ("R", "r", 3): 1}
