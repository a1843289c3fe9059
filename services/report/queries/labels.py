"""Names for what an answer holds: columns and keys, in the caller's language.

A reference is named by the title of its record, but only when the caller may read that record; otherwise its key has a
neutral label.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import Text as SqlText
from sqlalchemy import bindparam, cast, select

from chassis.db.types import Id
from chassis.i18n import localised, t
from services.report.model.access import Access, Place
from services.report.model.measures import RATE, Measure
from services.report.model.questions import Dimension, Question

if TYPE_CHECKING:
    from services.report.queries.answering import Asking
    from services.report.queries.statement import Currencies

_SYSTEM = ("id", "version", "created_at", "created_by", "updated_at", "updated_by", "owner_id", "department_id")


class Labels:
    """Names everything in the answer to one question."""

    def __init__(self, at: Asking, question: Question) -> None:
        self._at, self._question = at, question
        self._locale = at.principal.locale

    def columns(self, currencies: Currencies) -> list[dict[str, Any]]:
        """What the keys and the values of a row are, in their order."""
        found = [{"kind": "dimension", "field": one.name, "type": one.field.kind, "bucket": one.bucket,
                  "label": self.field_label(one.place)} for one in self._question.dimensions]
        for place, measure in enumerate(self._question.measures):
            found += [{"kind": "measure", "measure": place, "op": measure.op, "field": measure.name,
                       "type": _type_of(measure), "currency": currency, "label": self._measure_label(measure),
                       **({"running": True} if measure.running else {}),
                       **({"compare": measure.compare} if measure.compare is not None else {})}
                      for currency in currencies.get(place, (self._base(measure),))]
        return found

    def fill(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The rows with a label for every key."""
        namers = [self._namer(one, [row["keys"][place] for row in rows])
                  for place, one in enumerate(self._question.dimensions)]
        return [{**row, "labels": [name(key) for name, key in zip(namers, row["keys"], strict=True)]} for row in rows]

    def _base(self, measure: Measure) -> str | None:
        return self._at.view.base if measure.in_base and measure.op != RATE else None

    def field_label(self, place: Place) -> str:
        """The name of a field, behind those of the references that lead to it."""
        model, names = self._question.access.model, []
        for reference, target in place.path:
            names.append(self._localised(model.fields[reference].label) or reference)
            model = self._at.view.objects[target]
        return " · ".join([*names, self._own_label(place)])

    def _own_label(self, place: Place) -> str:
        root, _, part = place.field.name.partition(".")
        if root in _SYSTEM or root == "owner":
            return t(f"report.field.{'department_id' if root == 'owner' else root}", self._locale)
        label = self._localised(place.described.label) or root
        return f"{label} ({t(f'report.part.{part}', self._locale)})" if part else label

    def _measure_label(self, measure: Measure) -> str:
        label = self._localised(measure.label) or self._usual_label(measure)
        return t("report.measure.running", self._locale, measure=label) if measure.running else label

    def _usual_label(self, measure: Measure) -> str:
        if measure.place is not None:
            return t(f"report.measure.{measure.op}", self._locale, field=self.field_label(measure.place))
        return t(f"report.measure.{'rate' if measure.op == RATE else 'records'}", self._locale)

    def _namer(self, dimension: Dimension, keys: Sequence[Any]) -> Callable[[Any], str]:
        names = self._names(dimension, [key for key in dict.fromkeys(keys) if key is not None])

        def name(key: Any) -> str:
            if key is None:
                return t("report.label.none", self._locale)
            return names(key)

        return name

    def _names(self, dimension: Dimension, keys: list[Any]) -> Callable[[Any], str]:
        kind = dimension.field.kind
        unknown = t("report.label.unknown", self._locale)
        if dimension.bucket is not None:
            first_month = self._question.first_month
            return lambda key: bucket_label(key, dimension.bucket or "day", self._locale, first_month)
        if kind in ("choice", "multi_choice"):
            choices = {one["value"]: self._localised(one.get("label")) for one in dimension.place.described.choices}
            return lambda key: choices.get(key) or key
        if kind == "boolean":
            return lambda key: t(f"report.label.{'yes' if key else 'no'}", self._locale)
        if kind in ("user", "department"):
            snapshot = self._at.service.directory.snapshot()
            bodies = snapshot.users if kind == "user" else snapshot.departments
            return lambda key: self._name(bodies.get(key)) or unknown
        if kind == "reference":
            titles = record_titles(self._at, dimension.place.described.target or "", keys)
            return lambda key: titles.get(key) or unknown
        return str

    def _name(self, body: Mapping[str, Any] | None) -> str | None:
        name = body["name"] if body is not None else None
        return self._localised(name) if isinstance(name, Mapping) else name

    def _localised(self, texts: Mapping[str, str] | None) -> str:
        return localised(texts, self._locale)


def record_titles(at: Asking, object_name: str, ids: list[str]) -> dict[str, str]:
    """Id → title of the records that the caller may read."""
    target = at.view.objects.get(object_name)
    if target is None or not ids:
        return {}
    access = Access(at.principal, target)
    title = access.field(target.title_field or "")
    if not access.granted or title is None:
        return {}
    wanted = bindparam("ids", ids, type_=Id(), expanding=True)
    columns = target.columns
    asked = select(cast(columns["id"], SqlText), cast(columns[title.name], SqlText)).where(
        columns["id"].in_(wanted), access.where())
    return {id: text for id, text in at.rows(asked) if text}


def _type_of(measure: Measure) -> str:
    """What kind of value a measure is."""
    if measure.op == RATE:
        return "ratio"
    if measure.field is None or measure.op in ("count", "count_distinct"):
        return "integer"
    return "decimal" if measure.op == "avg" and measure.field.kind == "integer" else measure.field.kind


def bucket_label(key: str, bucket: str, locale: str, first_month: int = 1) -> str:
    """A day, week, month, quarter or year as people write it; `key` is its first day."""
    try:
        first = date.fromisoformat(key)
    except ValueError:
        return key
    year, week, _ = first.isocalendar()
    if bucket != "week":
        year = first.year
    fiscal = bucket in ("quarter", "year") and first_month != 1
    years = year - (fiscal and first.month < first_month)
    return t(f"report.bucket.fiscal_{bucket}" if fiscal else f"report.bucket.{bucket}", locale, day=key,
             year=f"{years:04d}", month=f"{first.month:02d}", week=f"{week:02d}", next=f"{(years + 1) % 100:02d}",
             quarter=(first.month - first_month) % 12 // 3 + 1)
