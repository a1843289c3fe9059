"""The funnel: records by stage, in the order of the choices.

Every record is counted at the stage where it stands. `cumulative` counts at each stage those that stand there or
later: how far records have come at least, when the choices are stages that one goes through in order.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import accumulate
from typing import Any

from services.report.model.measures import Measure, read_criterion
from services.report.model.questions import Dimension, Question, read_stages
from services.report.queries.answering import Asking, answer_question
from services.report.queries.values import ratio


def answer_funnel(at: Asking, asked: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to a funnel as the API shows it."""
    access = at.access(asked["object"])
    place, stages = read_stages(access, asked)
    question = Question(access, (Measure("count"),), (Dimension(place, empty=True),),
                        read_criterion(access, asked.get("criteria")), limit=2000)
    found = answer_question(at, question)
    rows = {row["keys"][0]: row for row in found["rows"]}
    counts = [int(rows[stage]["values"][0]) for stage in stages]
    shown = list(accumulate(reversed(counts)))[::-1] if asked["cumulative"] else counts
    return {"field": place.name, "label": found["columns"][0]["label"], "cumulative": asked["cumulative"],
            "stages": [_stage(stage, rows[stage]["labels"][0], shown, place) for place, stage in enumerate(stages)],
            "total": sum(counts), "as_of": found["as_of"]}


def _stage(key: str, label: str, counts: list[int], place: int) -> dict[str, Any]:
    return {"key": key, "label": label, "count": counts[place], "share": ratio(counts[place], counts[0]),
            "conversion": ratio(counts[place], counts[place - 1]) if place else None}
