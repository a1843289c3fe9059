"""What keeps a process from being published or from going on, in words, at its element."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chassis.formulas import FormulaError
from chassis.http.problem import FieldProblem, Problem
from chassis.i18n import LOCALES, t
from services.workflow.model.processes.reader import Fault
from services.workflow.model.processes.stimuli import CannotGoOn
from services.workflow.model.texts import pick, said

POINTER = "/xml"


@dataclass(frozen=True)
class ElementProblem(FieldProblem):
    """A fault of a file on the wire: with the id, the name and the line of its element, and its `place` within the
    actions or the criteria of it."""

    fault: Fault | None = None

    def to_wire(self, locale: str) -> dict[str, Any]:
        """The usual members, and where in the file."""
        fault = self.fault
        assert fault is not None
        return {"pointer": self.pointer, "code": f"bpmn_{fault.code}", "detail": sentence(fault, locale),
                "element": fault.element or None, "element_name": fault.name or None, "line": fault.line or None,
                "place": fault.params.get("pointer")}


def sentence(fault: Fault, locale: str) -> str:
    """What is wrong, with the element that it is wrong at."""
    text = bare_sentence(fault, locale)
    return t("workflow.bpmn.at", locale, element=fault.element, name=fault.name, text=text) if fault.element else text


def bare_sentence(fault: Fault, locale: str) -> str:
    """What is wrong, without where."""
    if fault.error is not None:
        detail = fault.error.detail(locale)
    elif "problem" in fault.params:
        problem = fault.params["problem"].to_wire(locale)
        detail = f"{fault.params['pointer']} {problem['detail']}"
    else:
        detail = ""
    return t(f"workflow.bpmn.{fault.code}", locale, **{"detail": detail, **fault.params})


def problems(faults: list[Fault]) -> list[ElementProblem]:
    """Return the faults as errors of a request."""
    return [ElementProblem(POINTER, f"bpmn_{fault.code}", fault=fault) for fault in faults]


def why(blocked: CannotGoOn, name: str) -> dict[str, str]:
    """Why an instance does not go on, by language; `name` is what its step is called."""
    return said(f"blocked.{blocked.code}", **{"step": name, **_params(blocked.params)})


def _params(params: Mapping[str, Any]) -> dict[str, Any]:
    return {key: {locale: value.detail(locale) for locale in LOCALES} if isinstance(value, FormulaError) else value
            for key, value in params.items()}


def refused(reason: Mapping[str, str], locale: str) -> Problem:
    """The answer to who wanted what leads nowhere."""
    return Problem(409, "process_cannot_go_on", pick(reason, locale))
