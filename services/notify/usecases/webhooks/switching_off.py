"""A webhook that cannot go on is switched off, and those who look after webhooks are told in their inbox."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import update

from chassis.clock import utcnow
from chassis.db import UnitOfWork
from chassis.ids import new_id
from services.notify.metrics import WEBHOOKS_OFF
from services.notify.model.webhooks import host_of
from services.notify.store.tables import webhook
from services.notify.usecases.receive import receive

if TYPE_CHECKING:
    from chassis.service import Service

PERMISSION = "keys.manage"
REASONS: dict[str, dict[str, str]] = {
    "failing": {"en": "it has taken nothing for days", "zh-CN": "该地址已连续多日无法接收"},
    "gone": {"en": "it answered that it is gone for good (410)", "zh-CN": "该地址返回已永久停用（410）"},
    "person_gone": {"en": "the person it acts as is not active any more", "zh-CN": "其代表的人员已停用"},
    "secret_lost": {"en": "its secret cannot be read any more; make a new one", "zh-CN": "密钥已无法读取，请重新生成"},
}
_TOLD = 20


def switch_off(service: Service, uow: UnitOfWork, hook: Any, reason: str) -> None:
    """Switch a webhook off for a reason, and tell."""
    changed = uow.execute(update(webhook).where(webhook.c.id == hook.id, webhook.c.state == "active").values(
        state="failed", off_reason=reason, version=webhook.c.version + 1, updated_at=utcnow())).rowcount
    if changed:
        WEBHOOKS_OFF.labels(reason).inc()
        receive(service, uow, [_wish(user, hook, reason) for user in _keepers(service)])


def _keepers(service: Service) -> list[str]:
    directory = service.directory.snapshot()
    return sorted(id for id, user in directory.users.items() if user["active"]
                  and PERMISSION in directory.permissions(tuple(user["role_ids"])))[:_TOLD]


def _wish(user: str, hook: Any, reason: str) -> dict[str, Any]:
    return {"id": new_id(), "user_id": user, "template": "webhook_off", "bulk": None, "link": None,
            "params": {"webhook": hook.name, "host": host_of(hook.url), "reason": REASONS[reason]}}
