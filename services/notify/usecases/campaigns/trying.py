"""A campaign is tried: its text about one record goes to the person who tries it, and to nobody else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from chassis.auth import Principal
from chassis.http.problem import Problem, not_found
from chassis.i18n import t
from chassis.ids import new_id
from services.notify.model.templates import Rendered
from services.notify.outcomes import Refused, Unavailable, Uncertain
from services.notify.usecases.mails.composing import Composer, CustomerAway
from services.notify.usecases.mails.engagement import in_html

if TYPE_CHECKING:
    from chassis.service import Service


def send_trial(service: Service, composer: Composer, principal: Principal, template: Mapping[str, Any], record_id: str,
               locale: str, *, tracked: bool) -> dict[str, Any]:
    """Send it and say where it went; raises 404, 409 without an address or a mail server, and 503."""
    address = (service.directory.user(principal.user_id or "") or {}).get("email")
    if not service.settings.smtp_host or not address:
        raise Problem(409, "mail_off" if address else "no_own_address")
    try:
        record = composer.record(template["object"], record_id)
        if record is None:
            raise not_found("record")
        letter = composer.trial(template, record, address, locale)
        letter = in_html(service, letter) if tracked else letter
    except CustomerAway:
        raise Problem(503, "unavailable", headers={"Retry-After": "2"}) from None
    subject = t("campaign.trial", locale, subject=letter.message.subject)
    try:
        answer = service.parts["mailer"].send_letter(address, Rendered(subject, letter.message.body), key=new_id(),
                                                    html=letter.html)
    except (Refused, Unavailable, Uncertain) as error:
        raise Problem(409, "trial_failed", params={"answer": str(error)}) from None
    return {"address": address, "answer": answer}
