"""`/v1/query`, `/v1/drill` and `/v1/funnel`: questions to the read model."""

from __future__ import annotations

from typing import Any

from flask import current_app

from chassis.auth import current_principal
from chassis.http.openapi import ServiceBlueprint
from services.report.api.schemas import (
    AnswerSchema,
    CellSchema,
    DrillSchema,
    FunnelAnswerSchema,
    FunnelSchema,
    QuerySchema,
)
from services.report.queries.answering import answer_query, asking
from services.report.queries.drill import answer_drill
from services.report.queries.funnel import answer_funnel

questions = ServiceBlueprint("questions", __name__, url_prefix="/v1", description="Questions to the read model")


@questions.route("/query", methods=["POST"])
@questions.arguments(QuerySchema)
@questions.response(200, AnswerSchema)
def query(asked: dict[str, Any]) -> Any:
    """Measure records by groups; counts what the caller may see."""
    with asking(current_app.extensions["freehold"], current_principal(), "query") as at:
        return answer_query(at, asked)


@questions.route("/drill", methods=["POST"])
@questions.arguments(DrillSchema)
@questions.response(200, CellSchema)
def drill(asked: dict[str, Any]) -> Any:
    """Tell the criteria of the records that one cell of an answer has counted."""
    with asking(current_app.extensions["freehold"], current_principal(), "drill") as at:
        return answer_drill(at, asked)


@questions.route("/funnel", methods=["POST"])
@questions.arguments(FunnelSchema)
@questions.response(200, FunnelAnswerSchema)
def funnel(asked: dict[str, Any]) -> Any:
    """Count records by stage, in the order of the choices."""
    with asking(current_app.extensions["freehold"], current_principal(), "funnel") as at:
        return answer_funnel(at, asked)
