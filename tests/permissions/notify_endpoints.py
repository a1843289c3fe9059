"""Who may pass the endpoints of notify, and the roles of the table: a part of what `test_endpoints` asks."""

from __future__ import annotations

ROLES = ("rep", "deputy", "manager", "auditor", "administrator")
EVERYBODY, NOBODY = set(ROLES), set()
ADMIN = {"administrator"}
OPERATORS = {"auditor", "administrator"}
RULES = {"manager", "administrator"}
WRITERS = {"rep", "manager", "administrator"}

NOTIFY: dict[str, set[str]] = {
    "GET /api/notify/v1/inbox": EVERYBODY,
    "GET /api/notify/v1/inbox/summary": EVERYBODY,
    "POST /api/notify/v1/inbox/{id}/read": EVERYBODY,
    "POST /api/notify/v1/inbox/read-all": EVERYBODY,
    "GET /api/notify/v1/preferences": EVERYBODY,
    "PUT /api/notify/v1/preferences": EVERYBODY,
    "GET /api/notify/v1/templates": RULES,  # whoever writes rules chooses among them
    "GET /api/notify/v1/templates/{key}": ADMIN,
    "PUT /api/notify/v1/templates/{key}": ADMIN,
    "POST /api/notify/v1/templates/{key}/preview": ADMIN,
    "GET /api/notify/v1/mail-templates": RULES,  # whoever writes rules chooses among them
    "GET /api/notify/v1/mail-templates/{key}": RULES,
    "PUT /api/notify/v1/mail-templates/{key}": ADMIN,
    "DELETE /api/notify/v1/mail-templates/{key}": ADMIN,
    "POST /api/notify/v1/mail-templates/{key}/preview": RULES,
    "GET /api/notify/v1/mails": OPERATORS,
    "POST /api/notify/v1/mails/{id}/send-again": OPERATORS,
    "POST /api/notify/v1/correspondence": NOBODY,  # reports about people of the customer service
    "GET /api/notify/v1/mailboxes": ADMIN,
    "POST /api/notify/v1/mailboxes": ADMIN,
    "PATCH /api/notify/v1/mailboxes/{id}": ADMIN,
    "DELETE /api/notify/v1/mailboxes/{id}": ADMIN,
    "POST /api/notify/v1/mailboxes/{id}/test": ADMIN,
    "GET /api/notify/v1/mailboxes/{id}/messages": ADMIN,
    "GET /api/notify/v1/channels": ADMIN,
    "PUT /api/notify/v1/channels/{channel}": ADMIN,
    "DELETE /api/notify/v1/channels/{channel}": ADMIN,
    "POST /api/notify/v1/channels/{channel}/test": ADMIN,
    "GET /api/notify/v1/addresses": EVERYBODY,
    "PUT /api/notify/v1/addresses/{channel}": EVERYBODY,
    "GET /api/notify/v1/addresses/people": ADMIN,
    "GET /api/notify/v1/addresses/people/{user_id}": ADMIN,
    "PUT /api/notify/v1/addresses/people/{user_id}/{channel}": ADMIN,
    "GET /api/notify/v1/deliveries": EVERYBODY,
    "POST /api/notify/v1/deliveries/{id}/send-again": OPERATORS,
    "GET /api/notify/v1/undeliverable/{object_name}/{id}": EVERYBODY,  # of records that he may see
    "DELETE /api/notify/v1/undeliverable/{object_name}/{id}/{field}": EVERYBODY,  # owners, as the use case says
    "GET /api/notify/v1/campaigns": ADMIN,
    "POST /api/notify/v1/campaigns": ADMIN,
    "GET /api/notify/v1/campaigns/{id}": ADMIN,
    "GET /api/notify/v1/campaigns/{id}/links": ADMIN,
    "PATCH /api/notify/v1/campaigns/{id}": ADMIN,
    "DELETE /api/notify/v1/campaigns/{id}": ADMIN,
    "POST /api/notify/v1/campaigns/{id}/count": ADMIN,
    "POST /api/notify/v1/campaigns/{id}/trial": ADMIN,
    "POST /api/notify/v1/campaigns/{id}/start": ADMIN,
    "POST /api/notify/v1/campaigns/{id}/recall": ADMIN,
    "POST /api/notify/v1/campaigns/{id}/pause": ADMIN,
    "POST /api/notify/v1/campaigns/{id}/resume": ADMIN,
    "POST /api/notify/v1/campaigns/{id}/cancel": ADMIN,
    "GET /api/notify/v1/webhooks": ADMIN,
    "POST /api/notify/v1/webhooks": ADMIN,
    "GET /api/notify/v1/webhooks/{id}": ADMIN,
    "PATCH /api/notify/v1/webhooks/{id}": ADMIN,
    "DELETE /api/notify/v1/webhooks/{id}": ADMIN,
    "POST /api/notify/v1/webhooks/{id}/secret": ADMIN,
    "POST /api/notify/v1/webhooks/{id}/test": ADMIN,
    "POST /api/notify/v1/webhooks/{id}/replay": ADMIN,
    "GET /api/notify/v1/webhooks/{id}/messages": ADMIN,
    "POST /api/notify/v1/webhooks/{id}/messages/{message_id}/replay": ADMIN,
}
