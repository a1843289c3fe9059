"""Saved views are made, changed, taken away; each person chooses his default, his order and what is pinned.

Everybody who reads an object keeps views for himself. Sharing one needs `views.share`; a shared view is changed by its
owner, and by who manages objects, who alone makes one the default of the object.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, delete, select, update
from sqlalchemy.exc import IntegrityError

from chassis.auth.principal import Principal
from chassis.clock import utcnow
from chassis.db import UnitOfWork
from chassis.http.etag import check_if_match
from chassis.http.problem import FieldProblem, Problem, invalid
from chassis.ids import is_id, new_id
from services.customer.events import publish_view
from services.customer.model.faults import Fault, InvalidError, unknown_members
from services.customer.model.views import BODY, KINDS, read_body, read_name
from services.customer.queries.search import read_criteria
from services.customer.queries.sorting import read_sort
from services.customer.queries.views import MANAGE, SHARE, kinds_of, seen_view, show_choice, viewer_of
from services.customer.store.record_type import RecordType
from services.customer.store.views import (
    EVERYBODY,
    PRIVATE,
    SHARED,
    Viewer,
    add_view,
    choice_of,
    count_views,
    find_view,
    keep_choice,
    one_default,
    saved_view,
    visible_views,
)
from services.customer.usecases.access import Access
from services.customer.usecases.refusals import invalid_problem, refusal

if TYPE_CHECKING:
    from chassis.service import Service

MEMBERS = ("name", "kind", *BODY, "visibility", "role_keys", "department_ids", "is_default", "position")
MOST_OWN, MOST_SHARED, MOST_PINNED = 100, 300, 20
_KEY = re.compile(r"[a-z][a-z0-9_.-]*\Z")
_MAX_POSITION, _MAX_AUDIENCE, _MAX_KEY = 10_000, 50, 100


def create_view(service: Service, uow: UnitOfWork, principal: Principal, record_type: RecordType,
                given: Mapping[str, Any]) -> Row[Any]:
    """Make a view; raises 403 for a shared one without the right, 409 for a key that is taken, 422."""
    access, viewer = _reader(service, principal, record_type)
    if given.get("object", record_type.name) != record_type.name:
        raise refusal([Fault("/object", "cannot_change")])
    row = _read(access, viewer, given, {}, (*MEMBERS, "object", "key"))
    row |= {"id": new_id(), "object": record_type.name, "key": _key(viewer, given), "version": 1,
            "owner_id": principal.user_id, "created_at": utcnow(), "updated_at": utcnow()}
    _check_room(uow, row)
    try:
        with uow.savepoint():
            add_view(uow, row)
    except IntegrityError as error:
        raise Problem(409, "view_key_taken") from error
    return _told(uow, row["id"])


def change_view(service: Service, uow: UnitOfWork, principal: Principal, record_type: RecordType, id: str,
                given: Mapping[str, Any]) -> Row[Any]:
    """Change some members; raises 403, 404, 412 and 422."""
    access, viewer = _reader(service, principal, record_type)
    known = _locked(uow, viewer, record_type, id)
    standing = {"name": known.name, "kind": known.kind, **known.body, "visibility": known.visibility,
                "role_keys": known.role_keys, "department_ids": known.department_ids,
                "is_default": known.is_default, "position": known.position}
    row = _read(access, viewer, given, standing, MEMBERS)
    if row["visibility"] == PRIVATE and known.visibility != PRIVATE:
        row["owner_id"] = principal.user_id
    if all(getattr(known, name) == value for name, value in row.items()):
        return known
    uow.execute(update(saved_view).where(saved_view.c.id == id).values(
        **row, version=known.version + 1, updated_at=utcnow()))
    return _told(uow, id)


def delete_view(service: Service, uow: UnitOfWork, principal: Principal, record_type: RecordType, id: str) -> None:
    """Take a view away; who had chosen it sees the object's default again."""
    _, viewer = _reader(service, principal, record_type)
    known = _locked(uow, viewer, record_type, id)
    uow.execute(delete(saved_view).where(saved_view.c.id == id))
    publish_view(uow, known, deleted=True)


def choose_views(service: Service, uow: UnitOfWork, principal: Principal, record_type: RecordType,
                 given: Mapping[str, Any]) -> dict[str, Any]:
    """Keep the caller's default, pinned ones and order; raises 422 for a view that is not there for him."""
    _, viewer = _reader(service, principal, record_type)
    seen = visible_views(viewer, uow.connection.dialect.name, [record_type.name]).subquery()
    ids = set(uow.execute(select(seen.c.id)).scalars())
    faults = unknown_members(given, ("default_id", "pinned", "order"))
    chosen = {"default_id": given.get("default_id"), "pinned": _ids(given, "pinned", MOST_PINNED, ids, faults),
              "order": _ids(given, "order", MOST_OWN + MOST_SHARED, ids, faults)}
    if chosen["default_id"] is not None and chosen["default_id"] not in ids:
        faults.append(Fault("/default_id", "unknown_view"))
    if faults:
        raise refusal(faults)
    keep_choice(uow, principal.key, record_type.name, chosen)
    return show_choice(choice_of(uow.connection, principal.key, record_type.name), ids)


def _reader(service: Service, principal: Principal, record_type: RecordType) -> tuple[Access, Viewer]:
    access = Access(principal, record_type)
    access.need("read")
    return access, viewer_of(service, principal)


def _locked(uow: UnitOfWork, viewer: Viewer, record_type: RecordType, id: str) -> Row[Any]:
    if is_id(id):
        uow.execute(select(saved_view.c.id).where(saved_view.c.id == id).with_for_update())
    known = seen_view(uow.connection, viewer, record_type.name, id)
    if not viewer.edits(known):
        raise _missing(MANAGE)
    check_if_match(known.version)
    return known


def _read(access: Access, viewer: Viewer, given: Mapping[str, Any], standing: Mapping[str, Any],
          members: tuple[str, ...]) -> dict[str, Any]:
    """The row of what is given upon what stands."""
    faults = unknown_members(given, members)
    wanted = {**standing, **{name: given[name] for name in MEMBERS if name in given}}
    if standing and "frozen" not in given and isinstance(wanted["columns"], list):
        wanted["frozen"] = min(standing["frozen"], len(wanted["columns"]))
    kind = wanted.get("kind")
    if kind not in KINDS:
        raise refusal([*faults, Fault("/kind", "not_one_of", {"words": ", ".join(KINDS)})])
    name = read_name(wanted.get("name"), faults)
    audience = _audience(wanted, faults)
    try:
        body = read_body(wanted, kind, kinds_of(access))
    except InvalidError as error:
        faults.extend(error.faults)
    if faults:
        raise invalid_problem(InvalidError(faults))
    read_criteria(access, body["criteria"], "/criteria")
    if body["sort"]:
        read_sort(access, body["sort"], "/sort")
    _check_rights(viewer, audience)
    return {"name": name, "kind": kind, "body": body, **audience}


def _audience(wanted: Mapping[str, Any], faults: list[Fault]) -> dict[str, Any]:
    """Who sees the view, and where it stands."""
    visibility, position = wanted.get("visibility", PRIVATE), wanted.get("position", 100)
    if visibility not in (PRIVATE, SHARED, EVERYBODY):
        faults.append(Fault("/visibility", "not_one_of", {"words": f"{PRIVATE}, {SHARED}, {EVERYBODY}"}))
    if type(position) is not int or not 0 <= position <= _MAX_POSITION:
        faults.append(Fault("/position", "bad_position"))
    if not isinstance(wanted.get("is_default", False), bool):
        faults.append(Fault("/is_default", "not_boolean"))
    found = {"visibility": visibility, "position": position, "is_default": wanted.get("is_default", False),
             "role_keys": _words(wanted, "role_keys", faults),
             "department_ids": _words(wanted, "department_ids", faults)}
    if visibility == SHARED and not found["role_keys"] and not found["department_ids"]:
        faults.append(Fault("/role_keys", "view_needs_audience"))
    return found


def _words(wanted: Mapping[str, Any], member: str, faults: list[Fault]) -> list[str]:
    given = wanted.get(member) or []
    good = isinstance(given, list) and len(given) <= _MAX_AUDIENCE and all(
        isinstance(one, str) and 0 < len(one) <= _MAX_KEY and one.isprintable() and '"' not in one for one in given)
    if not good:
        faults.append(Fault(f"/{member}", "bad_list", {"max": _MAX_AUDIENCE}))
        return []
    return list(dict.fromkeys(given))


def _check_rights(viewer: Viewer, audience: Mapping[str, Any]) -> None:
    if audience["visibility"] != PRIVATE and not (viewer.shares or viewer.manages):
        raise _missing(SHARE)
    if audience["is_default"] and not viewer.manages:
        raise _missing(MANAGE)
    if audience["is_default"] and audience["visibility"] != EVERYBODY:
        raise invalid(FieldProblem("/is_default", "default_for_everybody"))


def _key(viewer: Viewer, given: Mapping[str, Any]) -> str | None:
    key = given.get("key")
    if key is None:
        return None
    if not viewer.manages:
        raise _missing(MANAGE)
    if not isinstance(key, str) or not 0 < len(key) <= _MAX_KEY or not _KEY.match(key):
        raise invalid(FieldProblem("/key", "bad_name", {"max": _MAX_KEY}))
    return key


def _check_room(uow: UnitOfWork, row: Mapping[str, Any]) -> None:
    private = row["visibility"] == PRIVATE
    most = MOST_OWN if private else MOST_SHARED
    if count_views(uow.connection, row["object"], row["owner_id"], private=private) >= most:
        raise Problem(409, "too_many_views", params={"max": most})


def _ids(given: Mapping[str, Any], member: str, most: int, seen: set[str], faults: list[Fault]) -> list[str]:
    ids = given.get(member) or []
    if not isinstance(ids, list) or len(ids) > most:
        faults.append(Fault(f"/{member}", "bad_list", {"max": most}))
        return []
    faults.extend(Fault(f"/{member}/{place}", "unknown_view") for place, id in enumerate(ids)
                  if not isinstance(id, str) or id not in seen)
    return ids


def _missing(permission: str) -> Problem:
    return Problem(403, "permission_missing", params={"permission": permission})


def _told(uow: UnitOfWork, id: str) -> Row[Any]:
    row = find_view(uow.connection, id)
    assert row is not None
    if row.is_default:
        one_default(uow, row.object, id)
    publish_view(uow, row)
    return row
