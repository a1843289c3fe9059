"""`/v1/query` and `/v1/funnel`: questions to the read model."""

from __future__ import annotations

from typing import Any

from flask import current_app

from chassis.auth import current_principal
from chassis.http.openapi import ServiceBlueprint
from services.report.api.schemas import AnswerSchema, FunnelAnswerSchema, FunnelSchema, QuerySchema
from services.report.queries.answering import answer_query, asking
from services.report.queries.funnel import answer_funnel

questions = ServiceBlueprint("questions", __name__, url_prefix="/v1", description="Questions to the read model")


@questions.route("/query", methods=["POST"])
@questions.arguments(QuerySchema)
@questions.response(200, AnswerSchema)
def query(asked: dict[str, Any]) -> Any:
    """Measure records by groups; counts what the caller may see."""
    with asking(current_app.extensions["freehold"], current_principal(), "query") as at:
        return answer_query(at, asked)


@questions.route("/funnel", methods=["POST"])
@questions.arguments(FunnelSchema)
@questions.response(200, FunnelAnswerSchema)
def funnel(asked: dict[str, Any]) -> Any:
    """Count records by stage, in the order of the choices."""
    with asking(current_app.extensions["freehold"], current_principal(), "funnel") as at:
        return answer_funnel(at, asked)
