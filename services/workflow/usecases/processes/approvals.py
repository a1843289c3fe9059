"""Approvals in their simple form: published as BPMN files, and what is wrong told at its place in the form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chassis.auth import Principal
from chassis.db import UnitOfWork
from chassis.http.problem import FieldProblem, invalid
from services.workflow.model.approvals.checking import ApprovalFaults, read_approval
from services.workflow.model.approvals.writing import Written, write_approval
from services.workflow.model.processes.reader import Fault
from services.workflow.queries.processes import find_process, find_version
from services.workflow.usecases.processes.faults import bare_sentence, problems
from services.workflow.usecases.processes.publishing import change_process, create_process, publish_version

if TYPE_CHECKING:
    from chassis.service import Service

Row = Mapping[str, Any]
POINTER = "/approval"
_PEOPLE = ("who_unknown", "people_missing")


def create_approval(service: Service, uow: UnitOfWork, principal: Principal, body: Row) -> Row:
    """Publish the first version of an approval, or of a file that stands in its place."""
    xml, told = file_of(body)
    return create_process(service, uow, principal, {**body, "xml": xml}, told)


def change_approval(service: Service, uow: UnitOfWork, principal: Principal, id: str, body: Row) -> Row:
    """Change what is given; another approval or file becomes the next version."""
    changes = {name: body[name] for name in ("name", "active") if name in body}
    if body.get("approval") is None and body.get("xml") is None:
        return change_process(uow, id, changes)
    latest = find_process(uow.connection, id)["latest"]
    xml, told = file_of(body)
    if find_version(uow.connection, id, latest)["xml"] == xml:
        return change_process(uow, id, changes)
    return publish_version(service, uow, principal, id, xml, told, changes)


def file_of(body: Row) -> tuple[str, Any]:
    """The file of an approval, or the one in its place, and who words its faults. Raises 422."""
    if (body.get("approval") is None) == (body.get("xml") is None):
        raise invalid(FieldProblem(POINTER, "approval_or_xml"))
    if body.get("xml") is not None:
        return body["xml"], problems
    try:
        written = write_approval(read_approval(body["approval"], POINTER))
    except ApprovalFaults as error:
        raise invalid(*error.faults) from None
    return written.xml, lambda faults: _told(faults, written)


@dataclass(frozen=True)
class _Told(FieldProblem):
    """A fault of the file, at its place in the form."""

    fault: Fault | None = None

    def to_wire(self, locale: str) -> dict[str, Any]:
        assert self.fault is not None
        return {"pointer": self.pointer, "code": self.code, "detail": bare_sentence(self.fault, locale)}


def _told(faults: Sequence[Fault], written: Written) -> list[FieldProblem]:
    return [_Told(POINTER + _place(fault, written.places), f"bpmn_{fault.code}", fault=fault) for fault in faults]


def _place(fault: Fault, places: Mapping[str, str]) -> str:
    place, inner = places.get(fault.element, ""), str(fault.params.get("pointer", ""))
    if fault.code in _PEOPLE:
        return f"{place}/people"
    if fault.code == "criteria":
        return f"{place.removesuffix('/criteria')}/criteria{inner}"
    if fault.code == "action" and place == "/start":
        return f"/withdrawn{inner}"
    if fault.code == "action":
        return f"{place}/message" if place.endswith("/late") else (
            place + inner if place in ("/approved", "/rejected") else f"{place}/actions{inner}")
    return place
