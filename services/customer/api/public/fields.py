"""The inputs of a public form, one for each type of field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, NamedTuple

from chassis.i18n import t
from services.customer.model.fields import FieldDef
from services.customer.model.labels import label_in

_KINDS = {"email": "email", "phone": "tel", "url": "text", "date": "date"}
_NUMBERS = frozenset({"integer", "decimal", "percent", "money"})
_COMPLETES = {"email": "email", "phone": "tel", "name": "name", "company": "organization",
              "job_title": "organization-title"}


class Standing(NamedTuple):
    """Whether a field is hidden, and whether it is demanded, for what was typed so far."""

    hidden: bool
    required: bool


def field_html(one: FieldDef, placed: Mapping[str, Any], texts: Sequence[str], error: str, locale: str,
               standing: Standing) -> str:
    """A labelled input with its help or what is wrong, in a cell of the grid."""
    label = escape(label_in(one.label, locale, one.name))
    about = error or label_in(placed["help"], locale, "")  # what the object says is meant for colleagues
    about_id = f"{one.name}-about"
    more = f' aria-describedby="{about_id}"' if about else ""
    more += ' aria-invalid="true"' if error else ""
    more += " required" if standing.required and one.type != "multi_choice" else ""
    more += " disabled" if standing.hidden else ""
    label += (f' <span class="must" title="{escape(t("web_form.required", locale))}"'
              f'{"" if standing.required else " hidden"}>*</span>')
    body = _INPUTS.get(one.type, _line)(one, texts, more, locale)
    note = f'<p class="{"wrong" if error else "help"}" id="{about_id}">{escape(about)}</p>' if about else ""
    cell = f'class="{"full" if placed["width"] == "full" else ""}" data-part="{one.name}"'
    cell += " hidden" if standing.hidden else ""
    if one.type == "multi_choice":
        return f"<fieldset {cell}><legend>{label}</legend>{body}{note}</fieldset>"
    if one.type == "boolean":
        return f'<div {cell}><label class="tick">{body}<span>{label}</span></label>{note}</div>'
    return f'<div {cell}><label for="{one.name}">{label}</label>{body}{note}</div>'


def _line(one: FieldDef, texts: Sequence[str], more: str, _locale: str) -> str:
    kind = _KINDS.get(one.type, "text")
    mode = ' inputmode="decimal"' if one.type in _NUMBERS else ""
    complete = _COMPLETES.get(one.name) or _COMPLETES.get(one.type)
    filled = f' autocomplete="{complete}"' if complete else ""
    longest = f' maxlength="{one.options["max_length"]}"' if one.options.get("max_length") else ""
    return (f'<input id="{one.name}" name="{one.name}" type="{kind}" value="{_first(texts)}"'
            f"{mode}{filled}{longest}{more}>")


def _area(one: FieldDef, texts: Sequence[str], more: str, _locale: str) -> str:
    return f'<textarea id="{one.name}" name="{one.name}" rows="4"{more}>{_first(texts)}</textarea>'


def _choice(one: FieldDef, texts: Sequence[str], more: str, locale: str) -> str:
    options = [f'<option value="">{escape(t("web_form.choose", locale))}</option>']
    options += [f'<option value="{escape(value)}"{" selected" if value in texts else ""}>{escape(label)}</option>'
                for value, label in _choices(one, locale)]
    return f'<select id="{one.name}" name="{one.name}"{more}>{"".join(options)}</select>'


def _several(one: FieldDef, texts: Sequence[str], more: str, locale: str) -> str:
    return "".join(f'<label class="tick"><input type="checkbox" name="{one.name}" value="{escape(value)}"'
                   f'{" checked" if value in texts else ""}{more}><span>{escape(label)}</span></label>'
                   for value, label in _choices(one, locale))


def _tick(one: FieldDef, texts: Sequence[str], more: str, _locale: str) -> str:
    return f'<input type="checkbox" id="{one.name}" name="{one.name}" value="1"{" checked" if texts else ""}{more}>'


def _choices(one: FieldDef, locale: str) -> list[tuple[str, str]]:
    return [(choice["value"], label_in(choice.get("label") or {}, locale, choice["value"]))
            for choice in one.options.get("choices", ())]


def _first(texts: Sequence[str]) -> str:
    return escape(texts[0]) if texts else ""


_INPUTS = {"long_text": _area, "choice": _choice, "multi_choice": _several, "boolean": _tick}
