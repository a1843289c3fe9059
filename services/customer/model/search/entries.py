"""The entry of a record: what the search keeps of it.

`title` and `rest` are folded texts between marks, so that beginning, end and field of a text can be asked for:

    title   ␟杭州恒科机械␟hangzhouhengkejixie␟hzhkjx␟
    rest    ␞<field>␟13800001234␟␞<field>␟wang fang hengke com␟

The name of a field is written in letters that no folded text has. A caller who may not read a field is answered from
the texts of the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from chassis.criteria import address_line
from services.customer.model.fields import FieldDef
from services.customer.model.search import grams
from services.customer.model.search.folding import fold, fold_phone
from services.customer.model.search.pinyin import spellings

FORM = 1  # grows when entries are made in another way, which has all of them made again
END, FIELD = "\x1f", "\x1e"
_LONGEST = 500
_LONGEST_SPELLED = 80
_PRIVATE = {code: chr(0xE000 + code) for code in range(128)}


class Entry(NamedTuple):
    """What is kept of one record."""

    title: str
    rest: str
    tokens: list[int]


def mark_of(field_name: str) -> str:
    """What stands before the texts of a field in `rest`."""
    return FIELD + field_name.translate(_PRIVATE) + END


def entry_of(object_name: str, title_field: str, fields: Iterable[FieldDef], record: Mapping[str, Any]) -> Entry:
    """The entry of a record in wire form."""
    title, rest, found = END, [], _whose(record)
    for field in fields:
        value = record.get(field.name)
        folded = folded_value(field.type, value) if value else ""
        if not folded:
            continue
        texts = _texts(field.type, folded, found)
        if field.name == title_field:
            title = END + texts
        else:
            rest.append(mark_of(field.name) + texts)
    return Entry(title, "".join(rest), grams.tokens(object_name, found))


def folded_value(kind: str, value: Any) -> str:
    """The text of a value as it is searched; of an address its line."""
    if kind == "phone":
        return fold_phone(value)
    text = address_line(value) if kind == "address" else value
    return fold(text[:_LONGEST])


def _whose(record: Mapping[str, Any]) -> list[str]:
    found = []
    if record.get("owner_id"):
        found.append(grams.owner_gram(record["owner_id"]))
    if record.get("department_id"):
        found.append(grams.department_gram(record["department_id"]))
    return found


def _texts(kind: str, folded: str, found: list[str]) -> str:
    """The texts of a value, each with its end; adds their grams."""
    if kind == "phone":
        found.append("=" + folded)
        found += grams.phone_grams(folded)
        return folded + END
    found += grams.text_grams(folded)
    if kind != "text" or folded.isascii() or len(folded) > _LONGEST_SPELLED:
        return folded + END
    texts = [folded]
    core = len(grams.without_legal_form(folded))
    for syllables in spellings(folded):
        initials = "".join([one[0] for one in syllables])
        texts += ("".join(syllables), initials)
        found += grams.initial_grams(initials)
        found += grams.run_grams("".join(syllables[:core]))
    return END.join(texts) + END
