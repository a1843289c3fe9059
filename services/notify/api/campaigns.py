"""`/v1/campaigns`: one text to many, with consent, at a pace."""

from __future__ import annotations

from typing import Any

from flask import Response
from sqlalchemy import select

from chassis.auth import current_principal, requires
from chassis.db import UnitOfWork
from chassis.http.etag import etag
from chassis.http.openapi import PageQuery, ServiceBlueprint, page_of
from chassis.http.paging import list_page
from chassis.http.writes import writes
from chassis.jsonio import dump_bytes
from services.notify.api import campaign_schemas as schemas
from services.notify.api.mail_templates import as_caller
from services.notify.api.people import live_service, person
from services.notify.queries.campaigns import find_campaign, shown_campaigns, shown_link
from services.notify.store.tables import campaign, campaign_link
from services.notify.usecases.campaigns import managing
from services.notify.usecases.campaigns.counting import count_recipients
from services.notify.usecases.campaigns.trying import send_trial
from services.notify.usecases.mails.composing import Composer

campaigns = ServiceBlueprint("campaigns", __name__, url_prefix="/v1/campaigns", description="One text to many")

_NEWEST = ((campaign.c.created_at, True), (campaign.c.id, True))
_FOLLOWED = ((campaign_link.c.people, True), (campaign_link.c.link, False))
RUN = "campaigns.run"


@campaigns.route("")
@requires(RUN)
@campaigns.arguments(PageQuery, location="query")
@campaigns.response(200, page_of(schemas.CampaignSchema))
def list_all(query: dict[str, Any]) -> Any:
    """List campaigns, newest first."""
    with live_service().db.read() as connection:
        page = list_page(connection, select(campaign), _NEWEST, limit=query["limit"], cursor=query["cursor"],
                         render=lambda row: row)
        return page | {"items": shown_campaigns(connection, page["items"])}


@campaigns.route("", methods=["POST"])
@writes
@requires(RUN)
@campaigns.arguments(schemas.NewCampaignSchema)
@campaigns.response(201, schemas.CampaignSchema)
def create(body: dict[str, Any], uow: UnitOfWork) -> Any:
    """Write a draft."""
    return _answer(uow, managing.create_campaign(uow, person(), body), 201)


@campaigns.route("/<id>")
@requires(RUN)
@campaigns.response(200, schemas.CampaignSchema)
def get(id: str) -> Any:
    """Show a campaign with its results."""
    with live_service().db.read() as connection:
        [shown] = shown_campaigns(connection, [find_campaign(connection, id)])
    return _response(shown)


@campaigns.route("/<id>", methods=["PATCH"])
@writes
@requires(RUN)
@campaigns.arguments(schemas.CampaignChangeSchema)
@campaigns.response(200, schemas.CampaignSchema)
def change(body: dict[str, Any], id: str, uow: UnitOfWork) -> Any:
    """Change a draft."""
    return _answer(uow, managing.change_campaign(uow, id, body))


@campaigns.route("/<id>", methods=["DELETE"])
@writes
@requires(RUN)
@campaigns.response(204)
def remove(id: str, uow: UnitOfWork) -> None:
    """Take a draft away."""
    managing.delete_campaign(uow, id)


@campaigns.route("/<id>/count", methods=["POST"])
@requires(RUN)
@campaigns.response(200, schemas.CountSchema)
def count(id: str) -> Any:
    """Count whom it would reach now, as the caller sees them, and whom not and why."""
    row, template = _with_template(id)
    return count_recipients(live_service(), row._mapping, str(person().user_id), template["purpose"])


@campaigns.route("/<id>/trial", methods=["POST"])
@requires(RUN)
@campaigns.arguments(schemas.TrialSchema)
@campaigns.response(200, schemas.TriedLetterSchema)
def trial(body: dict[str, Any], id: str) -> Any:
    """Send the text about a record to oneself."""
    row, template = _with_template(id)
    service = live_service()
    return send_trial(service, Composer(service, as_caller), person(), template, body["record_id"], body["locale"],
                      tracked=row.tracked)


@campaigns.route("/<id>/links")
@requires(RUN)
@campaigns.arguments(PageQuery, location="query")
@campaigns.response(200, page_of(schemas.FollowedLinkSchema))
def links(query: dict[str, Any], id: str) -> Any:
    """List the links that were followed, by how many people did."""
    with live_service().db.read() as connection:
        find_campaign(connection, id)
        return list_page(connection, select(campaign_link).where(campaign_link.c.campaign_id == id), _FOLLOWED,
                         limit=query["limit"], cursor=query["cursor"], render=shown_link)


@campaigns.route("/<id>/start", methods=["POST"])
@writes
@requires(RUN)
@campaigns.arguments(schemas.StartSchema)
@campaigns.response(200, schemas.CampaignSchema)
def start(body: dict[str, Any], id: str, uow: UnitOfWork) -> Any:
    """Let a draft go out, now or at a moment."""
    return _answer(uow, managing.start_campaign(live_service(), uow, person(), id, body["at"]))


@campaigns.route("/<id>/recall", methods=["POST"])
@writes
@requires(RUN)
@campaigns.response(200, schemas.CampaignSchema)
def recall(id: str, uow: UnitOfWork) -> Any:
    """Make a scheduled campaign a draft again."""
    return _answer(uow, managing.recall_campaign(uow, current_principal(), id))


@campaigns.route("/<id>/pause", methods=["POST"])
@writes
@requires(RUN)
@campaigns.response(200, schemas.CampaignSchema)
def pause(id: str, uow: UnitOfWork) -> Any:
    """Send no more for now."""
    return _answer(uow, managing.pause_campaign(uow, current_principal(), id))


@campaigns.route("/<id>/resume", methods=["POST"])
@writes
@requires(RUN)
@campaigns.response(200, schemas.CampaignSchema)
def resume(id: str, uow: UnitOfWork) -> Any:
    """Go on where it stopped."""
    return _answer(uow, managing.resume_campaign(live_service(), uow, person(), id))


@campaigns.route("/<id>/cancel", methods=["POST"])
@writes
@requires(RUN)
@campaigns.response(200, schemas.CampaignSchema)
def cancel(id: str, uow: UnitOfWork) -> Any:
    """End a campaign for good."""
    return _answer(uow, managing.cancel_campaign(uow, current_principal(), id))


def _with_template(id: str) -> tuple[Any, dict[str, Any]]:
    with live_service().db.read() as connection:
        row = find_campaign(connection, id)
        return row, row.letter or managing.template_of(connection, row._mapping)


def _answer(uow: UnitOfWork, row: Any, status: int = 200) -> Response:
    [shown] = shown_campaigns(uow.connection, [row])
    return _response(shown, status)


def _response(shown: dict[str, Any], status: int = 200) -> Response:
    return Response(dump_bytes(shown), status, content_type="application/json",
                    headers={"ETag": etag(shown["version"])})
