"""`/v1/analyses`: what the company's own data foretell, under the caller's permissions."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import request

from chassis.auth import current_principal, requires
from chassis.db import UnitOfWork
from chassis.http.current import current_service
from chassis.http.etag import etag
from chassis.http.openapi import PageQuery, ServiceBlueprint, page_of
from chassis.http.paging import decode_cursor, encode_cursor
from chassis.http.problem import Problem, not_found
from chassis.http.writes import writes
from chassis.ids import is_id
from services.report.api.analysis_schemas import (
    AnalysisBody,
    AnalysisChanges,
    AnalysisSchema,
    RecordScoresSchema,
    ResultSchema,
    ScoreQuery,
    ScoreSchema,
    TrainingSchema,
    read_mapping,
)
from services.report.model.analysis.mapping import TRAINED, ValueMapping, WinMapping
from services.report.queries.analysis import scores, shown
from services.report.queries.analysis.results import result_of
from services.report.queries.answering import asking
from services.report.queries.dashboards import MANAGE
from services.report.usecases.analysis import define
from services.report.usecases.analysis.train import train_now

analyses = ServiceBlueprint("analyses", __name__, url_prefix="/v1", description="Analyses")


def _asking() -> asking:
    return asking(current_service(), current_principal(), "analysis")


@analyses.route("/analyses")
@analyses.arguments(PageQuery, location="query")
@analyses.response(200, page_of(AnalysisSchema))
def list_all(query: dict[str, Any]) -> Any:
    """List the analyses that the caller may see; there are so few that they stand on one page."""
    try:
        with _asking() as at, current_service().db.read() as connection:
            found = shown.all_visible(connection, at)
    except Problem as problem:
        found = _while_building(problem)
    return {"items": [shown.show(row, current_principal(), mapping) for row, mapping in found], "next_cursor": None}


def _while_building(problem: Problem) -> list[tuple[Any, None]]:
    """What is set up can be looked at by who looks after it before there is anything to ask."""
    if problem.status != HTTPStatus.SERVICE_UNAVAILABLE or not current_principal().can(MANAGE):
        raise problem
    with current_service().db.read() as connection:
        return [(row, None) for row in shown.all_rows(connection)]


@analyses.route("/analyses", methods=["POST"])
@writes
@requires(MANAGE)
@analyses.arguments(AnalysisBody)
@analyses.response(201, AnalysisSchema)
def create(body: dict[str, Any], uow: UnitOfWork) -> Any:
    """Set up an analysis."""
    body["mapping"] = read_mapping(body["kind"], body["mapping"])
    row = define.create_analysis(uow, body)
    return shown.show(row, current_principal(), None), {
        "ETag": etag(1), "Location": f"/api/report/v1/analyses/{row['id']}"}


@analyses.route("/analyses/<id>")
@analyses.response(200, AnalysisSchema)
def get(id: str) -> Any:
    """Show one analysis."""
    with _asking() as at, current_service().db.read() as connection:
        row, mapping = shown.find_visible(connection, at, id)
    return shown.show(row, at.principal, mapping), {"ETag": etag(row["version"])}


@analyses.route("/analyses/<id>", methods=["PATCH"])
@writes
@requires(MANAGE)
@analyses.arguments(AnalysisChanges)
@analyses.response(200, AnalysisSchema)
def change(body: dict[str, Any], id: str, uow: UnitOfWork) -> Any:
    """Change members of an analysis."""
    if "mapping" in body:
        known = shown.find_analysis(uow.connection, id)
        body["mapping"] = read_mapping(known["kind"], body["mapping"])
    row = define.change_analysis(current_service(), uow, id, body)
    return shown.show(row, current_principal(), None), {"ETag": etag(row["version"])}


@analyses.route("/analyses/<id>", methods=["DELETE"])
@writes
@requires(MANAGE)
@analyses.response(204)
def delete(id: str, uow: UnitOfWork) -> None:
    """Take an analysis away, with its scores."""
    define.delete_analysis(current_service(), uow, id)


@analyses.route("/analyses/<id>/train", methods=["POST"])
@writes
@requires(MANAGE)
@analyses.response(202, TrainingSchema)
def train(id: str, uow: UnitOfWork) -> Any:
    """Train an analysis now."""
    if shown.find_analysis(uow.connection, id)["kind"] not in TRAINED:
        raise not_found("training")
    return {"job_id": train_now(current_service(), uow, id)}


@analyses.route("/analyses/<id>/scores")
@analyses.arguments(ScoreQuery, location="query")
@analyses.response(200, page_of(ScoreSchema))
def list_scores(query: dict[str, Any], id: str) -> Any:
    """List the scores of the records that the caller sees, each with the reasons."""
    wanted = scores.Wanted(query["sort"], query["mine"], query.get("least"), query.get("most"))
    bound = f"{request.path} {wanted}"
    given = decode_cursor(query["cursor"], bound) if query["cursor"] else None
    with _asking() as at:
        with current_service().db.read() as connection:
            row, mapping = shown.find_visible(connection, at, id)
        items, last = scores.page_of_scores(at, row, scores.scored_by(mapping), wanted, query["limit"], given)
    return {"items": items, "next_cursor": encode_cursor(last, bound) if last is not None else None}


@analyses.route("/analyses/<id>/result")
@analyses.response(200, ResultSchema)
def result(id: str) -> Any:
    """Work out a forecast or a basket analysis from the records that the caller sees."""
    with _asking() as at:
        with current_service().db.read() as connection:
            _, mapping = shown.find_visible(connection, at, id)
        return result_of(at, mapping)


@analyses.route("/record-scores/<object>/<id>")
@analyses.response(200, RecordScoresSchema)
def of_record(object: str, id: str) -> Any:
    """What all analyses say about one record that the caller sees."""
    if not is_id(id):
        raise not_found()
    found = []
    with _asking() as at:
        with current_service().db.read() as connection:
            visible = shown.all_visible(connection, at)
        for row, mapping in visible:
            if isinstance(mapping, ValueMapping | WinMapping) and mapping.scored.model.name == object:
                score = scores.score_of(at, row, mapping, id)
                found += [] if score is None else [{"analysis": shown.show(row, at.principal, mapping), "score": score}]
    return {"items": found}
