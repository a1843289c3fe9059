"""XML of strangers, read into plain elements.

A document type is refused before its first declaration is read, so there are no entities to expand and nothing
outside to fetch. Size, depth and number of elements are bounded while the parser runs, not afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from xml.parsers.expat import ExpatError, ParserCreate

MAX_CHARACTERS = 400_000
MAX_ELEMENTS = 20_000
MAX_DEPTH = 60
_XSI = "http://www.w3.org/2001/XMLSchema-instance "


class Unreadable(Exception):
    """A file that is not read at all; `code` names the sentence."""

    def __init__(self, code: str, **params: str | int) -> None:
        super().__init__(code)
        self.code, self.params = code, params


@dataclass
class Element:
    """One element: its namespace and local name, attributes without a namespace, what is in it, its line. `foreign` are
    attributes of other tools, by namespace and name."""

    space: str
    name: str
    attributes: Mapping[str, str]
    line: int
    children: list[Element] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    foreign: Mapping[str, str] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return self.attributes.get("id", "")

    @property
    def text(self) -> str:
        """The text directly in it."""
        return "".join(self.texts).strip()

    def of(self, space: str, *names: str) -> Iterator[Element]:
        """Its children of these names."""
        return (child for child in self.children if child.space == space and (not names or child.name in names))

    def first(self, space: str, name: str) -> Element | None:
        """Its first child of a name."""
        return next(self.of(space, name), None)


class _Builder:
    """Takes in what the parser reports."""

    def __init__(self) -> None:
        self.root: Element | None = None
        self._open: list[Element] = []
        self._count = 0
        self.parser = ParserCreate("utf-8", " ")
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = _refuse_doctype
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._count += 1
        if self._count > MAX_ELEMENTS:
            raise Unreadable("too_many_elements", limit=MAX_ELEMENTS)
        if len(self._open) >= MAX_DEPTH:
            raise Unreadable("too_deep", limit=MAX_DEPTH)
        space, _, local = name.rpartition(" ")
        plain = {key: value for key, value in attributes.items() if " " not in key}
        foreign = {key: value for key, value in attributes.items() if " " in key and not key.startswith(_XSI)}
        element = Element(space, local, plain, self.parser.CurrentLineNumber, foreign=foreign)
        if self._open:
            self._open[-1].children.append(element)
        else:
            self.root = element
        self._open.append(element)

    def _end(self, _: str) -> None:
        self._open.pop()

    def _text(self, text: str) -> None:
        self._open[-1].texts.append(text)


def _refuse_doctype(*_: object) -> None:
    raise Unreadable("doctype")


def read_xml(source: str) -> Element:
    """Return the root of a document; raises Unreadable."""
    if len(source) > MAX_CHARACTERS:
        raise Unreadable("too_large", limit=MAX_CHARACTERS)
    builder = _Builder()
    try:
        builder.parser.Parse(source.encode(), True)
    except ExpatError as error:
        raise Unreadable("not_xml", line=error.lineno) from None
    except UnicodeEncodeError:
        raise Unreadable("not_xml", line=1) from None
    assert builder.root is not None  # the parser accepts no document without one
    return builder.root
