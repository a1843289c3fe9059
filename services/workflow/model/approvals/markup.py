"""Elements as XML text, with the namespaces that BPMN files have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from xml.sax.saxutils import escape, quoteattr

from services.workflow.model.processes.vocabulary import BPMN, OURS
from services.workflow.model.processes.xml import Element

BPMNDI = "http://www.omg.org/spec/BPMN/20100524/DI"
DC = "http://www.omg.org/spec/DD/20100524/DC"
DI = "http://www.omg.org/spec/DD/20100524/DI"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
_PREFIXES: Mapping[str, str] = {BPMN: "", OURS: "freehold:", BPMNDI: "bpmndi:", DC: "dc:", DI: "di:"}
_SPACES: Mapping[str, str] = {
    "xmlns": BPMN, "xmlns:freehold": OURS, "xmlns:bpmndi": BPMNDI, "xmlns:dc": DC, "xmlns:di": DI, "xmlns:xsi": XSI}
FORMAL = {"xsi:type": "tFormalExpression"}


def element(space: str, name: str, /, *children: Element, text: str = "", **attributes: str) -> Element:
    """An element; an attribute that is a word of Python ends with `_`."""
    plain = {key.rstrip("_"): value for key, value in attributes.items()}
    return Element(space, name, plain, 0, list(children), [text] if text else [])


def write_xml(root: Element) -> str:
    """The text of a document."""
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + "\n".join(_lines(root, 0, _SPACES)) + "\n"


def _lines(one: Element, depth: int, more: Mapping[str, str]) -> Iterator[str]:
    indent, name = "  " * depth, _PREFIXES[one.space] + one.name
    ours = {_PREFIXES[OURS] + key.rpartition(" ")[2]: value for key, value in one.foreign.items()}
    words = "".join(f" {key}={quoteattr(value)}" for key, value in {**more, **one.attributes, **ours}.items())
    if one.children:
        yield f"{indent}<{name}{words}>"
        for child in one.children:
            yield from _lines(child, depth + 1, {})
        yield f"{indent}</{name}>"
    elif one.texts:
        yield f"{indent}<{name}{words}>{escape(''.join(one.texts))}</{name}>"
    else:
        yield f"{indent}<{name}{words}/>"
