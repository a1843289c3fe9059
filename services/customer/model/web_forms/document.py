"""A public form as people design it: sections of fields, words in both languages, fixed values, the guard."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from chassis.criteria import Field, fields_used, parse
from services.customer.model.faults import Fault, InvalidError, pointer_to, unknown_members
from services.customer.model.fields import FieldDef
from services.customer.model.labels import LANGUAGES, check_label
from services.customer.model.layouts.document import CONDITIONS, Reading
from services.customer.model.objects import ObjectDef
from services.customer.model.values.links import identifier
from services.customer.model.web_forms.inputs import is_public_type

GUARDS = ("work", "sum", "none")
TRACKED = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "referrer")
MAX_ORIGINS, MAX_ADDRESS, MAX_PER_HOUR = 20, 500, 1000
TEXTS = {"title": 120, "intro": 500, "button": 120, "thanks": 500, "consent": 500}
DESCRIPTION = ("label", "active", *TEXTS, "redirect", "sections", "values", "tracking", "owner_id", "origins",
               "guard", "per_hour", "min_seconds")
_SLUG = re.compile(r"[a-z0-9](?:-?[a-z0-9]){2,59}\Z")
_TRACKING_TYPES = frozenset({"text", "long_text", "url"})


@dataclass(frozen=True)
class WebForm:
    """One public form. `slug` is its address; `values` are set on every record; `tracking` says where sources go."""

    id: str
    object: str
    slug: str
    label: Mapping[str, str]
    active: bool = False
    title: Mapping[str, str] = field(default_factory=dict)
    intro: Mapping[str, str] = field(default_factory=dict)
    button: Mapping[str, str] = field(default_factory=dict)
    thanks: Mapping[str, str] = field(default_factory=dict)
    consent: Mapping[str, str] = field(default_factory=dict)
    redirect: Mapping[str, str] = field(default_factory=dict)
    sections: tuple[Mapping[str, Any], ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)
    tracking: Mapping[str, str] = field(default_factory=dict)
    owner_id: str | None = None
    origins: tuple[str, ...] = ()
    guard: str = "work"
    per_hour: int = 10
    min_seconds: int = 3
    version: int = 1

    def description(self) -> dict[str, Any]:
        """What is kept beside id, object, address and version."""
        return {name: getattr(self, name) for name in DESCRIPTION}

    def to_wire(self) -> dict[str, Any]:
        """The form as the API shows it."""
        return {"id": self.id, "object": self.object, "slug": self.slug, "version": self.version,
                **self.description()}

    @property
    def conditions(self) -> list[Any]:
        """The conditions of its sections and fields."""
        parts = [*self.sections, *self.placed]
        return [part[name] for part in parts for name in CONDITIONS if part.get(name) is not None]

    @property
    def placed(self) -> list[Mapping[str, Any]]:
        """Its fields in their order."""
        return [one for section in self.sections for one in section["fields"]]


def read_web_form(id: str, definition: ObjectDef, fields: Mapping[str, Field], given: Mapping[str, Any]) -> WebForm:
    """The form that a document describes, or InvalidError with every fault; `fields` are those of the object."""
    reading = _FormReading({name: fields[name] for name, one in definition.ready.items() if is_public_type(one)})
    reading.faults += unknown_members(given, ("object", "slug", *DESCRIPTION))
    made = WebForm(
        id, definition.name, slug=reading.slug(given.get("slug")),
        label=reading.attempt("/label", lambda: check_label(given.get("label"))) or {},
        active=reading.flag(given, "active", False, ""),
        **{name: reading.text(given.get(name), most, f"/{name}") for name, most in TEXTS.items()},
        redirect=reading.redirect(given.get("redirect")), sections=reading.plain_sections(given.get("sections")),
        values=reading.fixed(given.get("values"), definition.ready),
        tracking=reading.tracking(given.get("tracking"), definition.ready),
        owner_id=reading.owner(given.get("owner_id")), origins=reading.origins(given.get("origins")),
        guard=reading.among(given, "guard", GUARDS, ""),
        per_hour=reading.whole(given.get("per_hour"), 10, MAX_PER_HOUR, "/per_hour", "bad_per_hour", least=1),
        min_seconds=reading.whole(given.get("min_seconds"), 3, 60, "/min_seconds", "bad_min_seconds"))
    reading.demand(made, definition)
    if reading.faults:
        raise InvalidError(reading.faults)
    return made


class _FormReading(Reading):
    """One form being read; sections are those of a layout, but conditions look only at what stands above them.

    So one pass from top to bottom decides what is shown, and nothing depends on itself.
    """

    def __init__(self, fields: Mapping[str, Field]) -> None:
        super().__init__(fields)
        self.above: frozenset[str] = frozenset()

    def section(self, given: Any, pointer: str) -> dict[str, Any]:
        self.above = frozenset(self.placed)
        return super().section(given, pointer)

    def placement(self, given: Any, pointer: str) -> dict[str, Any]:
        self.above = frozenset(self.placed)
        return super().placement(given, pointer)

    def condition(self, given: Any, pointer: str) -> Any:
        known = len(self.faults)
        kept = super().condition(given, pointer)
        if kept is not None and len(self.faults) == known:
            below = fields_used(parse(kept, self.fields)) - self.above
            if below:
                self.faults.append(Fault(pointer, "looks_below", {"fields": ", ".join(sorted(below))[:200]}))
        return kept

    def slug(self, value: Any) -> str:
        if not isinstance(value, str) or not _SLUG.match(value):
            self.faults.append(Fault("/slug", "bad_slug"))
            return ""
        return value

    def plain_sections(self, given: Any) -> tuple[dict[str, Any], ...]:
        sections = self.sections(given)
        self.faults += [Fault(f"/sections/{at}/fields/{place}/read_only", "not_on_public_form")
                        for at, section in enumerate(sections) for place, one in enumerate(section.get("fields", ()))
                        if one.get("read_only")]
        return sections

    def redirect(self, given: Any) -> dict[str, str]:
        if given is None:
            return {}
        if not isinstance(given, dict) or not given.keys() <= set(LANGUAGES):
            self.faults.append(Fault("/redirect", "bad_label"))
            return {}
        wrong = [name for name, address in given.items() if address and not is_web_address(address)]
        self.faults += [Fault(f"/redirect/{name}", "bad_url") for name in wrong]
        return {name: address for name, address in given.items() if address}

    def fixed(self, given: Any, known: Mapping[str, FieldDef]) -> dict[str, Any]:
        """Values that every record of the form gets."""
        if given is None:
            return {}
        if not isinstance(given, dict):
            self.faults.append(Fault("/values", "not_an_object"))
            return {}
        return {name: value for name, raw in given.items() if (value := self.fixed_value(name, raw, known)) is not None}

    def fixed_value(self, name: str, raw: Any, known: Mapping[str, FieldDef]) -> Any:
        pointer = pointer_to("values", name)
        if name not in known or not is_public_type(known[name]) or name in self.placed:
            self.faults.append(Fault(pointer, "unknown_field", {"field": name[:100]}))
            return None
        return None if raw is None else self.attempt(pointer, lambda: known[name].coerce(raw))

    def tracking(self, given: Any, known: Mapping[str, FieldDef]) -> dict[str, str]:
        """Source → the field that keeps it."""
        if given is None:
            return {}
        if not isinstance(given, dict) or not given.keys() <= set(TRACKED):
            self.faults.append(Fault("/tracking", "bad_tracking", {"words": ", ".join(TRACKED)}))
            return {}
        for source, name in given.items():
            if not isinstance(name, str) or name not in known or known[name].type not in _TRACKING_TYPES:
                self.faults.append(Fault(pointer_to("tracking", source), "unknown_field", {"field": str(name)[:100]}))
        return dict(given)

    def owner(self, given: Any) -> str | None:
        return None if given is None else self.attempt("/owner_id", lambda: identifier(given))

    def origins(self, given: Any) -> tuple[str, ...]:
        """Addresses of pages that may embed the form."""
        if given is None:
            return ()
        if not isinstance(given, (list, tuple)) or len(given) > MAX_ORIGINS:
            self.faults.append(Fault("/origins", "bad_list", {"max": MAX_ORIGINS}))
            return ()
        self.faults += [Fault(f"/origins/{place}", "bad_origin") for place, one in enumerate(given)
                        if not is_origin(one)]
        return tuple(given)

    def demand(self, made: WebForm, definition: ObjectDef) -> None:
        """A form that is switched on must be able to make a record, whatever its conditions hide."""
        if not made.active:
            return
        shown = {one["field"] for section in made.sections if not section.get("visible_when")
                 for one in section.get("fields", ()) if one and not one.get("visible_when")}
        given = shown | made.values.keys()
        lacking = [one.name for one in definition.ready.values()
                   if one.required and one.default is None and one.name not in given]
        if lacking:
            self.faults.append(Fault("/sections", "form_lacks", {"fields": ", ".join(lacking)[:200]}))
        elif not made.placed:
            self.faults.append(Fault("/sections", "form_is_empty"))


def is_web_address(value: Any) -> bool:
    """Whether it is an address of the web that a visitor may be led to."""
    if not isinstance(value, str) or len(value) > MAX_ADDRESS or not value.isprintable() or " " in value:
        return False
    try:
        parts = urlsplit(value)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        return False


def is_origin(value: Any) -> bool:
    """Whether it is scheme, host and perhaps port of a page, as browsers send it: `https://www.example.com`."""
    if not is_web_address(value) or not re.fullmatch(r"https?://[A-Za-z0-9.:\[\]-]+", value):
        return False
    try:
        return (urlsplit(value).port or 1) > 0
    except ValueError:
        return False

