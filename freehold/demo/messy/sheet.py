"""Rows of a messy sheet of leads, and what importing it must come to.

Rows are counted as spreadsheets count them: the header is row 1. Wrong rows are never repeated; repeated rows
copy a good one, half of them in another spelling. Empty rows lie between and count for nothing.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from freehold.demo import words
from freehold.demo.chance import Chance
from freehold.demo.messy import spellings
from freehold.demo.messy.faults import WRONGNESSES, Fault
from gateway.packs.files import shipped_pack

COLUMNS: tuple[tuple[str, str], ...] = (
    ("姓名", "name"), ("公司 Company", "company"), ("职务", "job_title"), ("手机", "phone"), ("Email", "email"),
    ("来源 Source", "source"), ("区域", "region"), ("行业", "industry"), ("预计金额（元）", "expected_amount"),
    ("预计成交日期", "expected_close_on"), ("地址", "address"), ("备注", "note"))
TODAY = date(2026, 11, 22)
EAST, LARGE = "east", Decimal(100_000)
REPEATED_SHARE, EMPTY_SHARE = 0.03, 0.005
_PREFIXES = ("133", "151", "152", "153", "181", "182", "188", "199")
_NOTES = ("展会上留下名片，请尽快联系", "Please send the catalogue first", "老客户介绍；关注交期", "=询价 3 台",
          "预算已批准", None)


@dataclass(frozen=True)
class MessySheet:
    """A sheet and what must become of it; `rows` are (number, cells), numbers as the spreadsheet shows them."""

    header: tuple[str, ...]
    rows: tuple[tuple[int, tuple[Any, ...]], ...]
    wrong: dict[int, frozenset[Fault]]
    repeated: dict[int, int]
    unique_valid: int
    east_large: int

    @property
    def mapping(self) -> dict[str, str]:
        """Column index → field, as an import takes it."""
        return {str(index): name for index, (_, name) in enumerate(COLUMNS)}

    def expected(self) -> dict[str, Any]:
        """Everything that a test or a person wants to compare, as plain JSON."""
        return {
            "rows": len(self.rows), "unique_valid": self.unique_valid, "repeated": len(self.repeated),
            "wrong": len(self.wrong), "east_large": self.east_large,
            "wrong_rows": {str(number): sorted([fault.field, fault.code] for fault in faults)
                           for number, faults in self.wrong.items()},
            "repeated_rows": {str(number): first for number, first in self.repeated.items()}}


@dataclass
class _Lead:
    """One lead, before anybody spells it."""

    values: dict[str, Any]
    faults: dict[str, tuple[Fault, Any]] = field(default_factory=dict)

    @property
    def is_large_in_east(self) -> bool:
        return self.values["region"] == EAST and (self.values["expected_amount"] or 0) >= LARGE


def make_sheet(rows: int = 5000, wrong: int = 400, *, seed: int = 7) -> MessySheet:
    """A sheet of `rows` filled rows, exactly `wrong` of them wrong; equal arguments make equal sheets."""
    if not 0 <= wrong <= rows:
        raise ValueError("there cannot be more wrong rows than rows")
    maker = _Maker(Chance(seed, TODAY))
    repeated = round((rows - wrong) * REPEATED_SHARE) if rows - wrong > 1 else 0
    return maker.sheet(good=rows - wrong - repeated, wrong=wrong, repeated=repeated)


class _Maker:
    def __init__(self, chance: Chance) -> None:
        self.chance = chance
        self._labels = _choice_labels()
        self._taken: set[Any] = set()

    def sheet(self, *, good: int, wrong: int, repeated: int) -> MessySheet:
        leads = [self._lead() for _ in range(good)]
        broken = [self._broken(place) for place in range(wrong)]
        kinds = ["repeat"] * repeated + ["wrong"] * wrong
        self.chance.random.shuffle(kinds)
        order = self._order(good, kinds)
        return self._laid_out(leads, broken, order)

    def _order(self, good: int, kinds: list[str]) -> list[str]:
        """Good rows with the others between them; the first is good, so that there is something to repeat."""
        order = ["good"] * good
        for kind in kinds:
            order.insert(self.chance.between(min(1, len(order)), len(order)), kind)
        return order

    def _laid_out(self, leads: list[_Lead], broken: list[_Lead], order: list[str]) -> MessySheet:
        rows: list[tuple[int, tuple[Any, ...]]] = []
        standing: list[tuple[int, _Lead, tuple[Any, ...]]] = []
        wrong: dict[int, frozenset[Fault]] = {}
        repeated: dict[int, int] = {}
        number, good, bad = 1, iter(leads), iter(broken)
        for kind in order:
            number += 2 if self.chance.happens(EMPTY_SHARE) else 1
            if kind == "repeat":
                first, lead, cells = self.chance.one(standing)
                repeated[number] = first
                rows.append((number, cells if self.chance.happens(0.5) else self._spelled(lead)))
                continue
            lead = next(good if kind == "good" else bad)
            cells = self._spelled(lead)
            rows.append((number, cells))
            if kind == "good":
                standing.append((number, lead, cells))
            else:
                wrong[number] = frozenset(fault for fault, _ in lead.faults.values())
        return MessySheet(tuple(title for title, _ in COLUMNS), tuple(rows), wrong, repeated, len(leads),
                          sum(lead.is_large_in_east for lead in leads))

    def _lead(self) -> _Lead:
        chance = self.chance
        surname, given = chance.one(words.SURNAMES), chance.one(words.GIVEN)
        foreign = chance.happens(0.12)
        region = chance.weighted(words.REGION_WEIGHTS)
        city = chance.one(words.CITIES[region]).partition(" ")[0]
        first, second = chance.one(words.BRANDS), chance.one(words.BRANDS)
        name = f"{chance.one(words.ENGLISH_GIVEN)} {chance.one(words.ENGLISH_SURNAMES)}" if foreign else \
            surname[0] + given[0]
        return _Lead({
            "name": name, "company": self._company(f"{city}{first[0]}{second[0]}", name),
            "job_title": chance.one((None, *words.JOB_TITLES)), "phone": self._phone(),
            "email": self._email(f"{surname[1]}.{given[1]}"),
            "source": self._maybe(chance.weighted(words.SOURCE_WEIGHTS)),
            "region": self._maybe(region, 0.03), "industry": self._maybe(chance.weighted(words.TRADE_WEIGHTS)),
            "expected_amount": self._maybe(self._amount(), 0.06),
            "expected_close_on": self._maybe(TODAY + timedelta(days=chance.between(10, 400)), 0.15),
            "address": self._maybe(city, 0.4), "note": chance.one(_NOTES)})

    def _broken(self, place: int) -> _Lead:
        """A lead with one fault, sometimes two; every kind of fault comes in turn."""
        lead = self._lead()
        chosen = [WRONGNESSES[place % len(WRONGNESSES)]]
        if self.chance.happens(0.12):
            chosen.append(self.chance.one(WRONGNESSES))
        for wrongness in chosen:
            lead.faults.setdefault(wrongness.fault.field, (wrongness.fault, self.chance.one(wrongness.cells)))
        return lead

    def _spelled(self, lead: _Lead) -> tuple[Any, ...]:
        return tuple(lead.faults[name][1] if name in lead.faults else self._cell(name, lead.values[name])
                     for _, name in COLUMNS)

    def _cell(self, name: str, value: Any) -> Any:
        if value is None:
            return self.chance.one((None, None, None, "", " "))
        if name in self._labels:
            return spellings.choice(self.chance, value, *self._labels[name][value])
        spell = {"phone": spellings.phone, "expected_amount": spellings.amount,
                 "expected_close_on": spellings.day}.get(name, spellings.spaced)
        return spell(self.chance, value)

    def _maybe(self, value: Any, missing: float = 0.05) -> Any:
        return None if self.chance.happens(missing) else value

    def _amount(self) -> Decimal:
        if self.chance.happens(0.02):
            return self.chance.one((LARGE, LARGE - Decimal("0.01"), Decimal(300_000_000)))
        return Decimal(self.chance.amount(80_000, 0.9))

    def _phone(self) -> str:
        return self._fresh(lambda: self.chance.one(_PREFIXES) + f"{self.chance.between(0, 99_999_999):08d}")

    def _email(self, local: str) -> str | None:
        found = self._fresh(lambda: f"{local}{self.chance.between(1, 99_999)}@leads.example.com")
        return self._maybe(found, 0.1)

    def _company(self, brand: str, person: str) -> str:
        pair = self._fresh(lambda: (f"{brand}{self.chance.one(('集团', '控股', '（中国）', '科工'))}有限公司", person))
        return pair[0]

    def _fresh(self, make: Any) -> Any:
        for _ in range(1000):
            found = make()
            if found not in self._taken:
                self._taken.add(found)
                return found
        raise ValueError("too many rows for so few words")


def _choice_labels() -> dict[str, dict[str, tuple[str, str]]]:
    """Field → value → (English, Chinese) of the lead's choices, from the pack that the sheet is for."""
    lead = json.loads((shipped_pack("crm") / "objects" / "lead.json").read_text(encoding="utf-8"))
    return {one["name"]: {choice["value"]: (choice["label"]["en"], choice["label"]["zh-CN"])
                          for choice in one["options"]["choices"]}
            for one in lead["fields"] if one["type"] == "choice"}
