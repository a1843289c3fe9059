"""Records that look like the one being written: equal in all fields of a duplicate rule."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chassis.auth.principal import Principal
from services.customer.model.faults import BadValueError, Fault, pointer_to
from services.customer.model.matching import match_keys
from services.customer.queries.labels import titles_of
from services.customer.store.match_keys import holders
from services.customer.store.record_type import Record, RecordType
from services.customer.usecases.access import Access
from services.customer.usecases.links import visible_ids
from services.customer.usecases.refusals import refusal

if TYPE_CHECKING:
    from chassis.service import Service

MOST = 20


def find_duplicates(service: Service, principal: Principal, record_type: RecordType, given: Any) -> list[Record]:
    """`{"id", "title", "matched"}` of visible records that match the values; raises 403 and 422.

    A value that its field cannot hold yet (somebody is still typing) matches nothing.
    """
    access = Access(principal, record_type)
    access.need("read")
    keys = match_keys(record_type.definition, _values(access, given))
    with service.db.read() as connection:
        matched: dict[str, set[str]] = {}
        for (rule, _), ids in holders(connection, record_type.definition, [keys]).items():
            names = rule.split("+")
            for one in visible_ids(connection, principal, record_type, ids[:MOST * 5], names):
                matched.setdefault(one, set()).update(names)
        titles = titles_of(connection, principal, record_type, set(matched))
    return [{"id": one, "title": titles.get(one, ""), "matched": sorted(names)}
            for one, names in sorted(matched.items(), reverse=True)][:MOST]


def _values(access: Access, given: Any) -> Record:
    if type(given) is not dict:
        raise refusal([Fault("/values", "not_an_object")])
    readable, fields = access.shape.readable, access.record_type.fields
    faults = [Fault(pointer_to("values", name), "unknown_field", {"field": name[:100]})
              for name in given if name not in readable]
    if faults:
        raise refusal(faults)
    values: Record = {}
    for name in given.keys() & fields.keys():
        try:
            values[name] = None if given[name] is None else fields[name].coerce(given[name])
        except BadValueError:
            values[name] = None
    return values
