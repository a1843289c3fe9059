"""The public REST API as a pack's installer sees it: how each kind of item is read and written.

`request(method, path, json, headers) -> (status, json)` is all that is asked of the outside; `freehold.packs.client`
makes one for an address, `gateway.packs.caller` one for a request of this moment.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

Request = Callable[[str, str, Any, Mapping[str, str]], tuple[int, Any]]


class ApiError(Exception):
    """An answer that is not a success; `body` is the problem document, when there is one."""

    def __init__(self, method: str, path: str, status: int, body: Any) -> None:
        self.method, self.path, self.status = method, path, status
        self.body: dict[str, Any] = body if isinstance(body, dict) else {}
        super().__init__(f"{method} {path} answered {status}: {self.summary}")

    @property
    def summary(self) -> str:
        """The problem in one sentence."""
        return str(self.body.get("detail") or self.body.get("title") or "no explanation given")

    @property
    def errors(self) -> list[dict[str, Any]]:
        """The single faults, each with a pointer into what was sent."""
        return [error for error in self.body.get("errors") or [] if isinstance(error, dict)]


class Api:
    """Calls that must succeed, and lists read to their end."""

    def __init__(self, request: Request) -> None:
        self._request = request

    def call(self, method: str, path: str, json: Any = None, headers: Mapping[str, str] | None = None) -> Any:
        """The body of a successful answer; ApiError otherwise."""
        status, body = self._request(method, path, json, headers or {})
        if not 200 <= status < 300:
            raise ApiError(method, path, status, body)
        return body

    def find(self, path: str) -> Any | None:
        """The body, or None when there is nothing at `path`."""
        try:
            return self.call("GET", path)
        except ApiError as error:
            if error.status == 404:
                return None
            raise

    def items(self, path: str) -> Iterator[dict[str, Any]]:
        """Every item of a list, page after page."""
        joint = "&" if "?" in path else "?"
        cursor = ""
        while cursor is not None:
            page = self.call("GET", f"{path}{joint}limit=200" + (f"&cursor={quote(cursor)}" if cursor else ""))
            yield from page["items"]
            cursor = page.get("next_cursor")


@dataclass(frozen=True)
class Collection:
    """Where the items of one kind live; `by_key`: written with PUT under their key, else POST and PATCH by id.

    `written_at` is where they are written when that is elsewhere; `{object}` stands for the item's object. `identity`
    is what a written item is addressed by, `without` are members that only files have. `below` follows the key in the
    address; a `whole` item is put in the place of the other instead of patched.
    """

    path: str
    by_key: bool = False
    written_at: str = ""
    identity: str = "id"
    without: tuple[str, ...] = ()
    below: str = ""
    whole: bool = False

    def under(self, key: str) -> str:
        """The address of an item that is written under its key."""
        return f"{self.path}/{key}{self.below}"

    def place(self, body: Mapping[str, Any]) -> str:
        """The address below which an item is written."""
        return self.written_at.format(object=body["object"]) if self.written_at else self.path


COLLECTIONS: Mapping[str, Collection] = {
    "group": Collection("/api/customer/v1/object-groups", by_key=True),
    "tag": Collection("/api/customer/v1/tags", identity="key"),
    "task_kind": Collection("/api/workflow/v1/task-kinds", by_key=True),
    "template": Collection("/api/notify/v1/templates", by_key=True),
    "mail_template": Collection("/api/notify/v1/mail-templates", by_key=True),
    "dashboard": Collection("/api/report/v1/dashboards"),
    "analysis": Collection("/api/report/v1/analyses"),
    "role": Collection("/api/gateway/v1/roles"),
    "pool": Collection("/api/customer/v1/pools", without=("key",)),
    "process": Collection("/api/workflow/v1/approvals"),
    "rule": Collection("/api/workflow/v1/rules"),
    "view": Collection("/api/customer/v1/views", written_at="/api/customer/v1/objects/{object}/views"),
    "segment": Collection("/api/customer/v1/segments", without=("key",)),
    "sharing_rule": Collection("/api/customer/v1/sharing/rules", without=("key",)),
    "web_form": Collection("/api/customer/v1/web-forms"),
    "duplicate_setup": Collection("/api/customer/v1/duplicates", by_key=True, below="/setup", without=("object",)),
    "retention_rule": Collection("/api/customer/v1/retention", without=("key",), whole=True),
}
OBJECTS = "/api/customer/v1/objects"
