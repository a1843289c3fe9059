"""Records that look like the one being written, for who writes it.

Two ways lead to them: equal keys of a duplicate rule, and likeness as the review queue judges it, for objects that have
rules or for which somebody chose what counts. Candidates for likeness come from the search index, a bounded number of
them (model.likeness.asking), so the check takes some milliseconds however many records there are. That two people have
the same name is no likeness yet; something else has to speak for it.

A record that the caller may not see is not among them. Whether he is told that there is one, and whose it is, the
setup of the object says (docs/adr/a-colleagues-record-is-told-on-entry.md); nothing else of it is ever told.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, select

from chassis.auth.principal import Principal
from chassis.i18n import t
from services.customer.model.faults import BadValueError, Fault, pointer_to
from services.customer.model.likeness.asking import questions
from services.customer.model.likeness.kinds import DIFFERENT
from services.customer.model.likeness.scoring import Score, forms_of, score
from services.customer.model.likeness.setup import EXISTS, NOTHING, Setup
from services.customer.model.matching import match_keys
from services.customer.queries.labels import titles_of
from services.customer.queries.search_index import like
from services.customer.store.match_keys import holders
from services.customer.store.record_type import Record, RecordType
from services.customer.usecases.access import Access
from services.customer.usecases.duplicates.scan import setup_of
from services.customer.usecases.links import visible_ids
from services.customer.usecases.refusals import refusal

if TYPE_CHECKING:
    from chassis.service import Service

MOST = 20
MOST_OWNERS = 5
_MOST_ALIKE = 240
_OF_EACH_QUESTION = 40
_MOST_EQUAL = 100
_NAMES = ("person", "name_part", "place", "exact")
_GUESSED = ("birthday", "place", "exact")  # few values, so that whoever tries them all would find one out


@dataclass
class Match:
    """Why a record is taken for the same: the fields of rules whose values are equal, and its likeness."""

    matched: set[str] = field(default_factory=set)
    score: Score | None = None

    @property
    def order(self) -> tuple[bool, float]:
        """Equal ones before those that are only alike."""
        return bool(self.matched), self.score.value if self.score else 0.0


@dataclass(frozen=True)
class Found:
    """Records that the caller sees, by id, the surest first; and the ids of those that he does not see."""

    seen: Mapping[str, Match]
    others: Collection[str]


def find_duplicates(service: Service, principal: Principal, record_type: RecordType, given: Any) -> Record:
    """`items` that the caller sees, and what he may know of `others`; raises 403 and 422.

    A value that its field cannot hold yet (somebody is still typing) matches nothing.
    """
    access = Access(principal, record_type)
    access.need("read")
    values = _values(access, given)
    with service.db.read() as connection:
        setup = setup_of(connection, record_type)
        found = matches(service, connection, access, setup, values)
        titles = titles_of(connection, principal, record_type, set(found.seen))
        others = _others(service, connection, access, setup, found.others)
    return {"items": [_shown(principal.locale, id, titles.get(id, ""), one) for id, one in found.seen.items()],
            "others": others}


def matches(service: Service, connection: Connection, access: Access, setup: Setup, values: Record) -> Found:
    """What is taken for the same as a record of these values, which the caller may read."""
    record_type, principal = access.record_type, access.principal
    usable = setup.only(values.keys()) if setup.is_chosen or record_type.definition.duplicate_rules else setup.only(())
    found = _equal(connection, record_type, values)
    records = _candidates(service, connection, record_type, usable, values)
    seen = visible_ids(connection, principal, record_type, {*found, *records})
    masked = access.masked_in_pools & values.keys()
    plain = visible_ids(connection, principal, record_type, seen, masked) if masked else seen
    for id in (seen - plain) & found.keys():  # what a pool masks must not be found out either
        if found[id].matched & masked:
            del found[id]
    sure = usable.only(usable.fields.keys() - masked)
    blind = sure.only(name for name, kind in sure.fields.items() if kind not in _GUESSED)
    for id, record in records.items():
        judged = _judged(usable if id in plain else sure if id in seen else blind, values, record)
        if judged is not None:
            found.setdefault(id, Match()).score = judged
    best = sorted((id for id in found if found[id].order > (False, 0.0)), key=lambda id: (found[id].order, id),
                  reverse=True)
    return Found({id: found[id] for id in [one for one in best if one in seen][:MOST]},
                 [id for id in best if id not in seen][:MOST])


def _equal(connection: Connection, record_type: RecordType, values: Record) -> dict[str, Match]:
    found: dict[str, Match] = {}
    keys = match_keys(record_type.definition, values)
    for (rule, _), ids in holders(connection, record_type.definition, [keys]).items():
        for id in ids[:_MOST_EQUAL]:
            found.setdefault(id, Match()).matched.update(rule.split("+"))
    return found


def _candidates(service: Service, connection: Connection, record_type: RecordType, setup: Setup,
                values: Record) -> dict[str, Record]:
    forms = forms_of(setup, values)
    sets = questions(setup, forms, values)
    if not sets:
        return {}
    rarity = service.parts["rarity"].known(connection)
    ids = like(connection, record_type.name, sets, rarity, _OF_EACH_QUESTION)[:_MOST_ALIKE]
    compared = record_type.narrowed(setup.fields)
    query = compared.selection.where(compared.table.c.id.in_(ids))
    records = (compared.load(row) for row in connection.execute(query)) if ids else ()
    return {record["id"]: record for record in records}


def _judged(setup: Setup, values: Record, record: Record) -> Score | None:
    """The likeness, when it reaches the threshold and more than a name speaks for it."""
    judged = score(setup, forms_of(setup, values), forms_of(setup, record), setup.threshold)
    tells = any(reason != DIFFERENT and setup.fields[name] not in _NAMES for name, reason, _ in judged.reasons)
    return judged if tells and judged.value >= setup.threshold else None


def _others(service: Service, connection: Connection, access: Access, setup: Setup,
            ids: Collection[str]) -> Record | None:
    """That there are records which the caller does not see, and whose; None when there are none, or he is not told.

    Who enters no such records, or does not know their owners otherwise, has no use for it.
    """
    writes = access.policy.allows("create") or access.policy.allows("update")
    if not ids or setup.others == NOTHING or not writes:
        return None
    if setup.others == EXISTS or "owner_id" not in access.shape.readable:
        return {"owners": []}
    table, people = access.record_type.table.c, service.directory.snapshot().users
    owners = connection.execute(select(table.owner_id).where(table.id.in_(ids)).distinct()).scalars()
    named = sorted((people[id]["name"], id) for id in owners if id in people)[:MOST_OWNERS]
    return {"owners": [{"id": id, "name": name} for name, id in named]}


def _shown(locale: str, id: str, title: str, found: Match) -> Record:
    reasons: Iterable[tuple[str, str, float]] = found.score.reasons if found.score else ()
    return {"id": id, "title": title, "matched": sorted(found.matched),
            "score": round(found.score.value, 3) if found.score else None,
            "reasons": [reason_shown(name, kind, round(share * 100), locale) for name, kind, share in reasons]}


def reason_shown(name: str, kind: str, share: int, locale: str) -> Record:
    """What was found in one field, in words."""
    return {"field": name, "reason": kind, "alike": share, "for": kind != DIFFERENT,
            "text": t(f"customer.likeness.{kind}", locale, share=share)}


def comparable(access: Access, given: Record) -> Record:
    """Those of the values by which the caller may compare; a value that its field cannot hold is none."""
    fields, values = access.record_type.fields, {}
    for name in given.keys() & fields.keys() & access.shape.readable:
        try:
            values[name] = None if given[name] is None else fields[name].coerce(given[name])
        except BadValueError:
            values[name] = None
    return values


def _values(access: Access, given: Any) -> Record:
    if type(given) is not dict:
        raise refusal([Fault("/values", "not_an_object")])
    faults = [Fault(pointer_to("values", name), "unknown_field", {"field": name[:100]})
              for name in given if name not in access.shape.readable]
    if faults:
        raise refusal(faults)
    return comparable(access, given)
